"""What an engine never sees."""

from __future__ import annotations

import math
from collections import OrderedDict, UserDict
from datetime import date
from decimal import Decimal
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import EvidenceError
from gatekeeper.judge.cel import Engine
from gatekeeper.judge.cel.guards import DEPTH_LIMIT, check_plain
from tests.judge.cel.conftest import data


class Colour(IntEnum):
    RED = 1


class Text(str):
    pass


def nested(levels: int) -> Any:
    value: Any = 1
    for level in range(levels):
        value = [value] if level % 2 else {"k": value}
    return value


REFUSED = [
    ("a\0b", "U\\+0000"),
    ("\ud800", "surrogate"),
    ("é\udfff", "surrogate"),
    (math.nan, "finite"),
    (math.inf, "finite"),
    (-math.inf, "finite"),
    (2**63, "64 bits"),
    (-(2**63) - 1, "64 bits"),
    (b"bytes", "bytes"),
    (Decimal("0.1"), "Decimal"),
    (date(2026, 1, 1), "date"),
    ({1, 2}, "set"),
    (object(), "object"),
    (1j, "complex"),
]


@pytest.mark.parametrize(("value", "why"), REFUSED)
@pytest.mark.parametrize("around", [lambda value: value, lambda value: [0, value], lambda value: {"k": [{"j": value}]}])
def test_refused_wherever_it_stands(value: Any, why: str, around: Any) -> None:
    with pytest.raises(EvidenceError, match=why):
        check_plain(around(value))


@pytest.mark.parametrize("key", ["a\0", "\ud800", 1, None, True, b"k", ("a",)])
def test_keys_are_plain_strings(key: Any) -> None:
    with pytest.raises(EvidenceError, match="key"):
        check_plain({"outer": {key: 1}})


def test_the_path_is_named() -> None:
    with pytest.raises(EvidenceError, match=r"evidence\.rows\[1\]\.x"):
        check_plain({"rows": [{"x": 1}, {"x": math.nan}]}, "evidence")


def test_depth_is_bounded_before_it_hurts() -> None:
    check_plain(nested(DEPTH_LIMIT))
    for levels in (DEPTH_LIMIT + 1, 100_000):
        deep = nested(levels)
        with pytest.raises(EvidenceError, match="levels deep"):
            check_plain(deep)
        while isinstance(deep, dict | list):  # by hand: freeing 100,000 levels at once is recursion of its own
            deep = deep["k"] if isinstance(deep, dict) else deep[0]


@pytest.mark.parametrize("value", [(1,), Text("a"), Colour.RED, OrderedDict(a=1), UserDict(a=1)])
def test_only_exact_types_pass(value: Any) -> None:
    with pytest.raises(EvidenceError):
        check_plain([value])


_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",))),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",))), inner)
    ),
    max_leaves=12,
)


@given(_json)
def test_json_passes(value: Any) -> None:
    check_plain(value)


@pytest.mark.parametrize(("value", "why"), REFUSED)
def test_an_engine_binds_nothing_else(engine: Engine, value: Any, why: str) -> None:
    with pytest.raises(EvidenceError, match=why):
        engine.bind(data(m={"x": value}))
