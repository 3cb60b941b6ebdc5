"""What an expression came to, in plain Python values; no engine's own value or exception goes past here."""

from __future__ import annotations

from typing import Any

from msgspec import Struct


class Answer(Struct, frozen=True, kw_only=True):
    """A value, or a failure with one of CODES and a message that names no text of the evidence.

    A rule passes only where `value is True`; the value of a failure is None.
    """

    value: Any = None
    failed: bool = False
    code: str = ""
    message: str = ""


TRUE = Answer(value=True)
FALSE = Answer(value=False)

CODES = ("missing_key", "unbound", "type", "argument", "overflow", "limit", "unrepresentable", "engine")


def failure(code: str, message: str) -> Answer:
    """The expression has no value."""
    return Answer(failed=True, code=code, message=message)


def agree(one: Answer, other: Answer) -> bool:
    """Whether two engines said the same: equal values, numbers exactly, or both no value, for whatever reason."""
    if one.failed or other.failed:
        return one.failed and other.failed
    return _same(one.value, other.value)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict):
        return isinstance(other, dict) and len(one) == len(other) and all(_in(key, one, other) for key in one)
    return bool(one == other) or (one != one and other != other)


def _in(key: Any, one: dict[Any, Any], other: dict[Any, Any]) -> bool:
    return key in other and _same(one[key], other[key])


_TYPE_WORDS = {
    "null": "null_type",
    "none": "null_type",
    "timestamp": "google.protobuf.Timestamp",
    "duration": "google.protobuf.Duration",
}


def type_word(name: str) -> str:
    """A type as a value, which is its name in CEL's own words."""
    return _TYPE_WORDS.get(name, name)
