"""Margins are exact differences of what people wrote."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.judge.numbers import difference, plain, shown

finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15)


@given(finite | st.integers(-(2**53), 2**53), finite | st.integers(-(2**53), 2**53))
def test_the_difference_is_the_decimal_one(left: float, right: float) -> None:
    exact = Fraction(Decimal(repr(left))) - Fraction(Decimal(repr(right)))
    assert float(difference(left, right)) == float(exact)


def test_the_example_of_the_contract() -> None:
    assert difference(0.842, 0.88) == -0.038
    assert difference(1e-7, 0) == 1e-7
    assert difference(5, 5.0) == 0


@given(finite)
def test_plain_keeps_the_value(value: float) -> None:
    assert plain(value) == value


def test_text_from_evidence_is_quoted_and_printable() -> None:
    assert shown("a\x1b[31m\n::error::") == r"'a\x1b[31m\n::error::'"
    assert (shown(True), shown(None), shown(500.0), shown(0.1)) == ("true", "null", "500", "0.1")
