"""What windows and freezes must hold beyond their types: a time zone that there is, and a time that has a length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatekeeper.model.clocks import span, zone_of

Fault = tuple[tuple[str | int, ...], str, str]
_PATH = ("spec", "windows")


def check_windows(windows: dict[str, Any]) -> Iterator[Fault]:
    """Every fault of an environment's `windows`, whose values may have any shape yet."""
    name = windows.get("timezone")
    if not isinstance(name, str):
        return  # the types say so
    try:
        zone = zone_of(name)
    except ValueError as fault:
        yield (*_PATH, "timezone"), str(fault), "Write an IANA name, such as Europe/Berlin or UTC."
        return
    freezes = windows.get("freeze")
    for index, freeze in enumerate(freezes if isinstance(freezes, list) else ()):
        start, end = (freeze.get("from"), freeze.get("to")) if isinstance(freeze, dict) else (None, None)
        if isinstance(start, str) and isinstance(end, str) and _is_empty(start, end, zone):
            message = f"the freeze ends at {end}, which is not after its start, {start}: it would freeze nothing"
            yield (*_PATH, "freeze", index, "to"), message, "Give it a later end."


def _is_empty(start: str, end: str, zone: Any) -> bool:
    try:
        first, last = span(start, end, zone)
    except ValueError:
        return False  # said already, by the times
    return last <= first
