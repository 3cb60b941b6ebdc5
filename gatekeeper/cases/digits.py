"""Numbers and durations as they are written, moved by one unit of their last digit: 0.85 to 0.84 and 0.86, 7d to 6d."""

from __future__ import annotations

import re
from decimal import Decimal

_NUMBER = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_DURATION = re.compile(r"([0-9]{1,9})([a-z]{1,2})")


def nudged(text: str) -> tuple[str, ...]:
    """The number one unit down and one up, in the form it was written in; nothing for what is no decimal number."""
    bare = text.rstrip("uU")
    if not _NUMBER.fullmatch(bare):
        return ()
    value = Decimal(bare)
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    unit = Decimal(1).scaleb(exponent)
    is_real = any(mark in bare for mark in ".eE")
    moved = (value - unit, value + unit)
    signed = (one for one in moved if one >= 0 or bare == text)  # there is no negative uint
    return tuple(_written(one, is_real) + text[len(bare) :] for one in signed)


def nudged_duration(text: str) -> tuple[str, ...]:
    """A duration such as `7d`, one unit shorter and one longer; nothing for what is none, or would be negative."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return ()
    size, unit = int(found[1]), found[2]
    return tuple(f"{one}{unit}" for one in (size - 1, size + 1) if one >= 0)


def _written(value: Decimal, is_real: bool) -> str:
    text = format(value, "f")
    return f"{text}.0" if is_real and "." not in text else text
