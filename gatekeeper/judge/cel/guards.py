"""Data that an engine may see: plain JSON values, and none that an engine reads otherwise than it is written."""

from __future__ import annotations

from math import isfinite
from typing import Any

from gatekeeper.errors import EvidenceError

DEPTH_LIMIT = 200
"""Levels of maps and lists at most; cel-cpp has no limit of its own and dies of too many."""
_INT64 = 1 << 63


def check_plain(value: Any, path: str = "", depth: int = 0) -> None:
    """Raise EvidenceError, naming the path, unless `value` is plain.

    Refused are U+0000, at which cel-cpp cuts strings off, lone surrogates, integers beyond 64 bits, NaN and infinities,
    keys that are not strings, other types (subclasses, too), and more than DEPTH_LIMIT levels.
    """
    kind = type(value)
    if kind is str:
        if not clean(value):
            raise EvidenceError(f"{path or 'the value'} holds U+0000 or half a surrogate pair")
    elif kind is float:
        if not isfinite(value):
            raise EvidenceError(f"{path or 'the value'} is not a finite number")
    elif kind is int:
        if not -_INT64 <= value < _INT64:
            raise EvidenceError(f"{path or 'the value'} does not fit into 64 bits")
    elif kind is dict or kind is list:
        if depth >= DEPTH_LIMIT:
            raise EvidenceError(f"{path[:80]}… is nested more than {DEPTH_LIMIT} levels deep")
        _check_parts(value, path, depth + 1)
    elif value is not None and kind is not bool:
        raise EvidenceError(f"{path or 'the value'} is a {kind.__name__}, not a JSON value")


def _check_parts(value: Any, path: str, depth: int) -> None:
    """Check what is inside; numbers and plain text are passed at first sight, without the making of a path."""
    if type(value) is list:
        for index, part in enumerate(value):
            if type(part) is not float or part - part != 0.0:
                check_plain(part, f"{path}[{index}]", depth)
        return
    for key, part in value.items():
        if type(key) is not str or not ((key.isascii() and "\0" not in key) or clean(key)):
            raise EvidenceError(f"{path or 'the value'} has a key that is not a plain string")
        kind = type(part)
        if kind is float and part - part == 0.0:
            continue
        if kind is str and part.isascii() and "\0" not in part:
            continue
        check_plain(part, f"{path}.{key}" if path else key, depth)


def clean(text: str) -> bool:
    """Whether every engine reads this string as it stands."""
    if "\0" in text:
        return False
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_uncut(value: Any) -> None:
    """Raise EvidenceError for a computed value with a string that cel-cpp would cut off when it comes back."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            if not clean(part):
                raise EvidenceError("a variable holds U+0000 or half a surrogate pair")
        elif isinstance(part, dict):
            waiting += [*part, *part.values()]
        elif isinstance(part, list | tuple):
            waiting += part
