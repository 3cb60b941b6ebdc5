"""Numbers as people wrote them: exact differences of shortest decimal forms, and plain formatting."""

from __future__ import annotations

from math import isfinite
from typing import Any


def plain(value: Any) -> Any:
    """A whole double as an int, as RFC 8785 writes it, and a whole number that only a double can stand for as one."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, int) and abs(value) >= 2**53:
        return float(value)
    return value


def difference(left: float | int, right: float | int) -> float | int | None:
    """`left - right` on their shortest decimal forms: 0.842 - 0.88 is -0.038, not -0.03800000000000003.

    None where it is beyond all doubles.
    """
    (a, a_scale), (b, b_scale) = _decimal(left), _decimal(right)
    scale = max(a_scale, b_scale)
    total = a * 10 ** (scale - a_scale) - b * 10 ** (scale - b_scale)
    number = float(f"{total}e-{scale}")
    return plain(number) if isfinite(number) else None


def shown(value: Any) -> str:
    """A value in a message: numbers in shortest form, text quoted and printable."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int | float):
        return repr(plain(value))
    text = value if isinstance(value, str) else repr(value)
    return ascii(text[:100])


def _decimal(value: float | int) -> tuple[int, int]:
    """A number as a whole number and how many of its digits stand after the point."""
    text, _, exponent = repr(value).partition("e")
    whole, _, fraction = text.partition(".")
    digits, scale = int(whole + fraction), len(fraction) - int(exponent or 0)
    return (digits, scale) if scale >= 0 else (digits * 10**-scale, 0)
