"""What a piece of an expression may give, as far as the text alone tells."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from typing import Any

from msgspec import Struct

Constant = bool | int | float | str | None


class Known(Struct, frozen=True):
    """Exactly this value."""

    value: Constant


class Range(Struct, frozen=True):
    """A number between two bounds, both included."""

    low: float = -inf
    high: float = inf


class Choice(Struct, frozen=True):
    """One of these texts."""

    texts: frozenset[str]


class Sign(Struct, frozen=True):
    """What division by zero gives: NaN or an infinity, which is positive alone where `positive` says so."""

    positive: bool


class Word(Struct, frozen=True):
    """One of the values without parts below."""

    word: str


Value = Known | Range | Choice | Sign | Word
UNKNOWN, ERROR, NONE, EMPTY, FILLED = map(Word, ("unknown", "error", "none", "empty", "filled"))
"""Anything; an error; the optional value that is not there; a list or map without and with elements."""
TRUE, FALSE = Known(True), Known(False)


def truth(value: Value) -> bool | None:
    """The boolean that a value certainly is, or None."""
    return value.value if isinstance(value, Known) and isinstance(value.value, bool) else None


def number(value: Value) -> Range | None:
    """The bounds of a number; None for what may be something else."""
    if isinstance(value, Range):
        return value
    if isinstance(value, Known) and isinstance(value.value, int | float) and not isinstance(value.value, bool):
        return Range(float(value.value), float(value.value))
    return None


def boolean(known: bool | None) -> Value:
    """The value of a truth, or UNKNOWN."""
    return UNKNOWN if known is None else Known(known)


def compared(function: str, left: Value, right: Value) -> bool | None:
    """What `<`, `<=`, `>` or `>=` gives for all values that the sides may have; None where it depends."""
    if isinstance(left, Sign) or isinstance(right, Sign):
        return _endless(function, left, right)
    one, other = number(left), number(right)
    if one is None or other is None:
        return None
    if function in ("_>_", "_>=_"):
        one, other, function = other, one, {"_>_": "_<_", "_>=_": "_<=_"}[function]
    if function == "_<_":
        return True if one.high < other.low else False if one.low >= other.high else None
    return True if one.high <= other.low else False if one.low > other.high else None


def _endless(function: str, left: Value, right: Value) -> bool | None:
    """Comparisons with NaN are false, and no number is above infinity."""
    sign = left if isinstance(left, Sign) else right
    upper = function in ("_<_", "_<=_") if isinstance(left, Sign) else function in ("_>_", "_>=_")
    return False if isinstance(sign, Sign) and sign.positive and upper else None


def equal(left: Value, right: Value) -> bool | None:
    """Whether two values are equal; None where it depends."""
    if isinstance(left, Known) and isinstance(right, Known):
        return _same(left.value, right.value)
    if left == right == NONE:
        return True
    if {left, right} <= {EMPTY, FILLED}:
        return True if left == right == EMPTY else None if left == right else False
    if isinstance(left, Sign) or isinstance(right, Sign):
        return False
    if NONE in (left, right) and any(isinstance(side, Known | Range | Choice) for side in (left, right)):
        return False
    one, other = number(left), number(right)
    if one is not None and other is not None:
        return False if one.high < other.low or other.high < one.low else None
    return _chosen(left, right)


def _chosen(left: Value, right: Value) -> bool | None:
    texts = [_texts(side) for side in (left, right)]
    if texts[0] is None or texts[1] is None:
        return None
    if texts[0].isdisjoint(texts[1]):
        return False
    return True if len(texts[0] | texts[1]) == 1 else None


def _texts(value: Value) -> frozenset[str] | None:
    if isinstance(value, Choice):
        return value.texts
    return frozenset((value.value,)) if isinstance(value, Known) and isinstance(value.value, str) else None


def _same(one: Constant, other: Constant) -> bool:
    if isinstance(one, bool) or isinstance(other, bool) or isinstance(one, str) or isinstance(other, str):
        return type(one) is type(other) and one == other
    return one == other


_EXACT = 2.0**53


def calculated(function: str, left: Value, right: Value) -> Value:
    """Sums, differences and products of bounds; a quotient of known numbers; else UNKNOWN."""
    one, other = number(left), number(right)
    if one is None or other is None:
        return UNKNOWN
    if function == "_/_":
        exact = isinstance(left, Known) and isinstance(right, Known) and isinstance(left.value, float)
        return Known(one.low / other.low) if exact and other.low != 0 else UNKNOWN
    corners = [_corner(function, a, b) for a in (one.low, one.high) for b in (other.low, other.high)]
    if any(corner != corner for corner in corners):
        return UNKNOWN
    return _bounded(min(corners), max(corners), left, right)


def _corner(function: str, one: float, other: float) -> float:
    if function == "_*_":
        return 0.0 if 0.0 in (one, other) else one * other
    return one + other if function == "_+_" else one - other


def _bounded(low: float, high: float, left: Value, right: Value) -> Value:
    if low != high or not isinstance(left, Known) or not isinstance(right, Known):
        return Range(low, high)
    return Known(low) if abs(low) < _EXACT else UNKNOWN  # whole numbers overflow there, which is an error


EXTREMES = {"math.@min": min, "math.@max": max}


def extreme(function: str, values: Sequence[Value]) -> Value:
    """The least or the largest of numbers that lie within bounds."""
    if ERROR in values:
        return ERROR
    bounds = [bound for value in values if (bound := number(value)) is not None]
    if not bounds or len(bounds) < len(values):
        return UNKNOWN
    choose = EXTREMES[function]
    known: list[Any] = [value.value for value in values if isinstance(value, Known)]
    if len(known) == len(values):
        return Known(choose(known))
    return Range(choose(one.low for one in bounds), choose(one.high for one in bounds))


def joined(one: Value, other: Value) -> Value:
    """What may be either."""
    if one == other:
        return one
    low, high = number(one), number(other)
    if low is not None and high is not None:
        return Range(min(low.low, high.low), max(low.high, high.high))
    return UNKNOWN


def listed(values: Any) -> frozenset[str] | None:
    """The texts of constants, where all of them are text."""
    texts = [value.value for value in values if isinstance(value, Known) and isinstance(value.value, str)]
    return frozenset(texts) if len(texts) == len(values) else None
