"""A limit is moved by one unit of the last digit that is written, in the form it is written in."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.cases.digits import nudged, nudged_duration


@pytest.mark.parametrize(
    ("written", "moved"),
    [
        ("0.85", ("0.84", "0.86")),
        ("0.80", ("0.79", "0.81")),
        ("5", ("4", "6")),
        ("0", ("-1", "1")),
        ("-0.5", ("-0.6", "-0.4")),
        ("0.0", ("-0.1", "0.1")),
        ("9.9", ("9.8", "10.0")),
        ("1e-3", ("0.000", "0.002")),
        ("2e3", ("1000.0", "3000.0")),
        ("5u", ("4u", "6u")),
        ("0u", ("1u",)),
        ("0x1F", ()),
        ("nan", ()),
        ("", ()),
    ],
)
def test_numbers(written: str, moved: tuple[str, ...]) -> None:
    assert nudged(written) == moved


@pytest.mark.parametrize(
    ("written", "moved"),
    [("7d", ("6d", "8d")), ("0s", ("1s",)), ("500ms", ("499ms", "501ms")), ("1h30m", ()), ("d", ())],
)
def test_durations(written: str, moved: tuple[str, ...]) -> None:
    assert nudged_duration(written) == moved


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_both_ways_are_as_far(value: Decimal) -> None:
    low, high = (Decimal(text) for text in nudged(str(value)))
    assert high - value == value - low == Decimal("0.0001")
    assert len(str(high).partition(".")[2]) == 4
