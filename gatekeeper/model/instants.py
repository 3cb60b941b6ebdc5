"""Instants and durations as text: RFC 3339 with offset or a bare date, and a whole number with one unit."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_DATE = r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
_INSTANT = _DATE + r"[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?([Zz]|[+-][0-9]{2}:[0-9]{2})"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}

LONGEST = timedelta(days=36525)
"""The longest duration, a hundred years: every date after the year 100 can be moved back by it without overflow."""


def parse_instant(text: str) -> datetime:
    """The instant in UTC. A bare date is its first moment in UTC; fractions are cut to microseconds.

    Raises ValueError for everything else: no offset, a day that does not exist, a leap second, beyond the years 1-9999.
    """
    if date := re.fullmatch(_DATE, text):
        return _moment(text, [int(part) for part in date.groups()], "", "Z")
    if not (match := re.fullmatch(_INSTANT, text)):
        raise ValueError(f"{text[:60]!r} is neither a date nor an instant with offset, such as {_EXAMPLES}")
    *fields, fraction, offset = match.groups()
    if fields[5] == "60":
        raise ValueError(
            f"{text!r} is a leap second, which has no place on this clock; write the second before or after"
        )
    return _moment(text, [int(part) for part in fields], fraction or "", offset)


def _moment(text: str, fields: list[int], fraction: str, offset: str) -> datetime:
    year, month, day, *clock = fields
    try:
        local = datetime(year, month, day, *clock, int(fraction[:6].ljust(6, "0")), tzinfo=UTC)  # type: ignore[misc,arg-type]
        return local - _ahead(offset)
    except (ValueError, OverflowError) as fault:
        raise ValueError(f"{text!r} does not exist: {fault}") from fault


def _ahead(offset: str) -> timedelta:
    if offset in "Zz":
        return timedelta(0)
    hours, minutes = int(offset[1:3]), int(offset[4:6])
    if hours > 23 or minutes > 59:
        raise ValueError(f"there is no offset {offset}")
    size = timedelta(hours=hours, minutes=minutes)
    return -size if offset[0] == "-" else size


def format_instant(instant: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SSZ`, with microseconds where it has any. Raises ValueError for one without zone."""
    if instant.utcoffset() is None:
        raise ValueError("an instant without a time zone cannot be written down")
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def parse_duration(text: str) -> timedelta:
    """The duration of `30m`, `24h`, `7d`, `2w` and the like. Raises ValueError for other forms and above `LONGEST`."""
    if not re.fullmatch("[0-9]{1,9}[smhdw]", text):
        raise ValueError(f"{text[:60]!r} is not a duration: a whole number and one of s, m, h, d, w, such as 24h")
    seconds = int(text[:-1]) * _SECONDS[text[-1]]
    if seconds > LONGEST.total_seconds():
        raise ValueError(f"{text} is longer than a hundred years")
    return timedelta(seconds=seconds)


_EXAMPLES = "2026-11-20 or 2026-11-20T16:00:00+01:00"
