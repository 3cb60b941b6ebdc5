"""Margins are exact differences of what people wrote."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.judge.numbers import difference, plain, shown
from gatekeeper.records.canonical import canonical
from tests.judging import ENGINES, policy_text, report, result

finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15)


@given(finite | st.integers(-(2**53), 2**53), finite | st.integers(-(2**53), 2**53))
def test_the_difference_is_the_decimal_one(left: float, right: float) -> None:
    exact = Fraction(Decimal(repr(left))) - Fraction(Decimal(repr(right)))
    found = difference(left, right)
    assert found is not None
    assert float(found) == float(exact)


def test_the_example_of_the_contract() -> None:
    assert difference(0.842, 0.88) == -0.038
    assert difference(1e-7, 0) == 1e-7
    assert difference(5, 5.0) == 0


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_a_difference_can_be_written_down_or_is_none(left: float, right: float) -> None:
    found = difference(left, right)
    assert found is None or canonical(found)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("number", [1e300, 1.7e308, -1e300, 5e-324, 2**60, 1e16])
def test_no_size_of_a_number_keeps_a_judgement_from_being_written(engine: str, number: float) -> None:
    rules = [{"id": "it", "metric": {"name": "a", "min": -1e308}}]
    assert result(policy_text(rules), report({"a": number}), engine=engine).observed == number


def test_nor_does_the_size_of_a_sample_or_of_a_count() -> None:
    many = result(
        policy_text([{"id": "it", "metric": {"name": "a", "min": 0}}]), report({"a": {"value": 1, "n": 2**62}})
    )
    assert (many.result, many.n) == ("pass", 2**62)
    checks = report({"checks": [{"name": "a", "passed": True}], "rows": 2**62})
    rows = result(policy_text("evidence.e.rows > 5", evidence={"e": {"kind": "data"}}), checks)
    assert (rows.result, rows.observed) == ("pass", 2**62)


@given(finite)
def test_plain_keeps_the_value(value: float) -> None:
    assert plain(value) == value


def test_text_from_evidence_is_quoted_and_printable() -> None:
    assert shown("a\x1b[31m\n::error::") == r"'a\x1b[31m\n::error::'"
    assert (shown(True), shown(None), shown(500.0), shown(0.1)) == ("true", "null", "500", "0.1")
