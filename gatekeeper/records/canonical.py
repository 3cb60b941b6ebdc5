"""RFC 8785, the JSON Canonicalization Scheme: one value, one sequence of bytes."""

from __future__ import annotations

from math import isfinite
from typing import Any

import msgspec

from gatekeeper.errors import GatekeeperError

MAX_INTEGER = 2**53 - 1


class NotCanonicalError(GatekeeperError):
    """A value has no canonical form: a number that is no finite double, an integer beyond 2^53-1, a lone surrogate."""


def canonical(value: Any) -> bytes:
    """The canonical bytes of a plain JSON value. Raises NotCanonicalError where there are none."""
    try:
        return _text(value).encode("utf-8")
    except UnicodeEncodeError as fault:
        raise NotCanonicalError("a string holds a lone surrogate") from fault
    except RecursionError as fault:
        raise NotCanonicalError("the value is nested too deep") from fault


def parse_canonical(data: bytes) -> Any:
    """The value whose canonical bytes are `data`. Raises NotCanonicalError for anything else, if only a space more.

    Whole numbers beyond 2^53-1 become doubles, which is what they were.
    """
    import json  # only to read a record again

    try:
        value = json.loads(data, parse_int=_parse_integer, parse_constant=_parse_constant)
    except (ValueError, RecursionError) as fault:
        raise NotCanonicalError(f"not JSON: {fault}") from fault
    if canonical(value) != data:
        raise NotCanonicalError("the bytes are not the canonical form of their value: they were changed")
    return value


def _parse_integer(text: str) -> int | float:
    return int(text) if len(text) < 17 and abs(int(text)) <= MAX_INTEGER else float(text)


def _parse_constant(text: str) -> Any:
    raise NotCanonicalError(f"{text} is no JSON number")


def _text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        return _double(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_key(key)}:{_text(value[key])}" for key in sorted(value, key=_units)) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_text, value)) + "]"
    raise NotCanonicalError(f"a {type(value).__name__} is no JSON value")


def _units(key: Any) -> bytes:
    """Keys are ordered by their UTF-16 code units (RFC 8785, section 3.2.3)."""
    if not isinstance(key, str):
        raise NotCanonicalError("a key is no string")
    return key.encode("utf-16-be")


def _key(key: str) -> str:
    return _string(key)


def _string(text: str) -> str:
    """A string as RFC 8785, section 3.2.2.2, writes it, which is how msgspec does."""
    return msgspec.json.encode(text).decode()


def _integer(value: int) -> str:
    if abs(value) > MAX_INTEGER:
        raise NotCanonicalError("an integer is beyond 2^53-1, where JSON numbers stop being exact")
    return str(int(value))


def _double(value: float) -> str:
    """ECMAScript's Number::toString; Python's repr gives the same shortest digits in another layout."""
    if not isfinite(value):
        raise NotCanonicalError("a number is not finite")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, part = mantissa.partition(".")
    digits = (whole + part.rstrip("0")).lstrip("0")
    zeros = len(whole + part.rstrip("0")) - len(digits)
    point = len(whole) - zeros + int(exponent or 0)
    return sign + _layout(digits.rstrip("0"), point)


def _layout(digits: str, point: int) -> str:
    """`digits` with the decimal point after the first `point` of them."""
    count = len(digits)
    if count <= point <= 21:
        return digits + "0" * (point - count)
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    power = point - 1
    head = digits if count == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{head}e{'+' if power > 0 else '-'}{abs(power)}"
