"""The clocks of time zones: when a time on a wall clock is, where clocks are put forward and back.

Two readings of a time that a clock shows twice are `fold` 0 and 1, as in PEP 495; one that it skips is where it jumps.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from gatekeeper.model.instants import parse_instant

EARLIEST = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max.replace(tzinfo=UTC)
_OF_THE_MACHINE = ("localtime", "posixrules", "Factory")
_TICK = timedelta(microseconds=1)


def zone_of(name: str) -> tzinfo:
    """The time zone of an IANA name. Raises ValueError where there is none, or its meaning differs by machine."""
    from zoneinfo import ZoneInfo  # few environments have windows

    if name in _OF_THE_MACHINE or name.startswith(("posix/", "right/")):
        raise ValueError(f"{name!r} is no time zone of IANA's: what it means differs from machine to machine")
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as fault:
        raise ValueError(f"there is no time zone {name!r}") from fault


def instant_at(local: datetime, zone: tzinfo, fold: int) -> datetime:
    """The instant in UTC at which a clock there shows `local`; where it skips that time, the instant of the jump."""
    first, second = (_read(local, zone, reading) for reading in (0, 1))
    if first <= second:
        return second if fold else first
    return _jump(second, first, zone)


def shown(at: datetime, zone: tzinfo) -> datetime:
    """What a clock there shows at an instant, without zone; at the ends of the calendar, UTC's."""
    try:
        return at.astimezone(zone).replace(tzinfo=None, fold=0)
    except OverflowError:
        return at.replace(tzinfo=None, fold=0)


def span(start: str, end: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """The half-open span of a freeze; a bare date is the whole day there, and both readings of what is read twice.

    Raises ValueError for what is neither a date nor an instant.
    """
    first = instant_at(datetime.combine(_date(start), time()), zone, 0) if _is_date(start) else parse_instant(start)
    if not _is_date(end):
        return first, parse_instant(end)
    day = _date(end)
    if day == date.max:
        return first, LATEST
    return first, _end(day, zone)


def _end(day: date, zone: tzinfo) -> datetime:
    """The end of a day there; where clocks go back over midnight, the second one."""
    midnight = datetime.combine(day + timedelta(days=1), time())
    second = instant_at(midnight, zone, 1)
    return second if shown(second - _TICK, zone) < midnight else instant_at(midnight, zone, 0)


def _is_date(text: str) -> bool:
    return len(text) == len("2026-12-20")


def _date(text: str) -> date:
    return parse_instant(text).date()


def _read(local: datetime, zone: tzinfo, fold: int) -> datetime:
    try:
        return local.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    except OverflowError:
        return EARLIEST if local.year == 1 else LATEST


def _jump(early: datetime, late: datetime, zone: tzinfo) -> datetime:
    """The instant between the two from which the clocks there have another offset."""
    before = early.astimezone(zone).utcoffset()
    while late - early > _TICK:
        middle = early + (late - early) / 2
        if middle.astimezone(zone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late
