"""The value at a static path of plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Path = tuple[str | int, ...]


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()
"""There is nothing at that path; null, which is something, is None."""


def find(data: Mapping[str, Any], path: Path) -> Any:
    """The value at `path`, or MISSING. Whole numbers index lists only, names look into maps only."""
    value: Any = data
    for step in path:
        if type(value) is dict:
            if step not in value:
                return MISSING
            value = value[step]
        elif type(value) is list and type(step) is int and 0 <= step < len(value):
            value = value[step]
        else:
            return MISSING
    return value
