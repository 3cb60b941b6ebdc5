"""When promotions may be made: allowed times of the week and freezes, on the clock of a time zone.

Rules, where clocks change: a time that is skipped is the instant of the jump; of a time that comes twice, an allowed
window begins at the second and ends at the first, and a freeze covers both.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, tzinfo

from msgspec import UNSET, UnsetType

from gatekeeper.model.clocks import LATEST, instant_at, shown, span, zone_of
from gatekeeper.model.conditions import AllowedWindow, Freeze, Windows
from gatekeeper.model.instants import format_instant, parse_instant
from gatekeeper.model.judgement import Waiting

LOOK_AHEAD = timedelta(days=5 * 366)
"""How far it is looked for a time that is open."""

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
Span = tuple[datetime, datetime]


def closed(windows: Windows | UnsetType, now: datetime) -> tuple[Waiting, ...]:
    """What stands in the way at `now`: each freeze that covers it, and that no allowed window does; empty when open.

    `until` is the first instant at which nothing of these does. Raises ValueError for an unknown time zone.
    """
    if windows is UNSET:
        return ()
    zone = zone_of(windows.timezone)
    waiting = [_frozen(freeze, windows.timezone) for freeze in windows.freeze if _covers(_span(freeze, zone), now)]
    if windows.allow and not any(_covers(found, now) for found in _near(windows.allow, zone, now)):
        waiting.append(_outside(windows, shown(now, zone)))
    first = opens(windows, now) if waiting else None
    until = None if first is None else format_instant(first)
    return tuple(Waiting(condition=one.condition, message=one.message, until=until) for one in waiting)


def opens(windows: Windows | UnsetType, at: datetime) -> datetime | None:
    """The first instant from `at` on that is in an allowed window and in no freeze; None where none is in sight."""
    if windows is UNSET:
        return at
    zone = zone_of(windows.timezone)
    frozen = _merged(_span(freeze, zone) for freeze in windows.freeze)
    best: datetime | None = None
    for day, found in _days(windows.allow, zone, at):
        if best is not None and day > best:
            break
        for start, end in found:
            first = _thawed(frozen, max(start, at))
            if first < end and (best is None or first < best):
                best = first
    return best if best is not None and best - at <= LOOK_AHEAD else None


def not_before(waiting: Iterable[Waiting], windows: Windows | UnsetType = UNSET) -> str | None:
    """The first open instant once all that is waited for has an end; None where something has none."""
    untils = [one.until for one in waiting]
    known = [parse_instant(until) for until in untils if until is not None]
    if not known or len(known) < len(untils):
        return None
    first = opens(windows, max(known))
    return None if first is None else format_instant(first)


def _frozen(freeze: Freeze, zone: str) -> Waiting:
    message = f"frozen from {freeze.from_} to {freeze.to} ({zone}): {freeze.why}"
    return Waiting(condition="freeze", message=message)


def _outside(windows: Windows, local: datetime) -> Waiting:
    allowed = ", ".join(f"{_said(window.days)} {window.from_}-{window.to}" for window in windows.allow[:7])
    more = ", …" if len(windows.allow) > 7 else ""
    clock = f"{DAYS[local.weekday()]} {local:%H:%M}"
    message = f"it is {clock} in {windows.timezone}; promotions are made {allowed}{more}"
    return Waiting(condition="window", message=message)


def _said(days: tuple[str, ...]) -> str:
    """`mon-thu`, `mon, wed`, or `daily`."""
    at = sorted({DAYS.index(day) for day in days})
    if len(at) == len(DAYS):
        return "daily"
    if len(at) > 2 and at[-1] - at[0] == len(at) - 1:
        return f"{DAYS[at[0]]}-{DAYS[at[-1]]}"
    return "/".join(DAYS[day] for day in at)


def _covers(found: Span, now: datetime) -> bool:
    return found[0] <= now < found[1]


def _span(freeze: Freeze, zone: tzinfo) -> Span:
    return span(freeze.from_, freeze.to, zone)


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The same time in spans that neither overlap nor touch, in their order."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif start < end:
            merged.append((start, end))
    return merged


def _thawed(frozen: list[Span], at: datetime) -> datetime:
    found = bisect_right(frozen, (at, LATEST)) - 1
    return frozen[found][1] if found >= 0 and at < frozen[found][1] else at


def _near(allow: tuple[AllowedWindow, ...], zone: tzinfo, now: datetime) -> Iterator[Span]:
    """The windows that can cover an instant: those of this day and of the ones before on any clock."""
    for ago in range(4):
        yield from _on(allow, zone, _midnight(now, zone, 1 - ago))


def _days(allow: tuple[AllowedWindow, ...], zone: tzinfo, at: datetime) -> Iterator[tuple[datetime, list[Span]]]:
    """The windows day by day; none of a later day begins before the instant that stands with it."""
    if not allow:
        yield at, [(at, LATEST)]
        return
    for ahead in range(-2, LOOK_AHEAD.days + 1):
        midnight = _midnight(at, zone, ahead)
        if midnight is not None:
            yield instant_at(midnight, zone, 0), list(_on(allow, zone, midnight))


def _midnight(at: datetime, zone: tzinfo, ahead: int) -> datetime | None:
    """The beginning of a day on the clock there, so many days from that of `at`; None beyond the calendar."""
    try:
        return shown(at, zone).replace(hour=0, minute=0, second=0, microsecond=0) + ahead * _DAY
    except OverflowError:
        return None


def _on(allow: tuple[AllowedWindow, ...], zone: tzinfo, midnight: datetime | None) -> Iterator[Span]:
    if midnight is None or midnight.date() == date.max:
        return
    if instant_at(midnight, zone, 0) == instant_at(midnight + _DAY, zone, 0):
        return  # a day that the clocks there leap over: nothing begins on it
    for window in allow:
        if DAYS[midnight.weekday()] not in window.days:
            continue
        try:
            start, end = midnight + _clock(window.from_), midnight + _clock(window.to)
            end += _DAY if end <= start else timedelta()
        except OverflowError:
            continue
        yield instant_at(start, zone, 1), instant_at(end, zone, 0)


def _clock(text: str) -> timedelta:
    hours, _, minutes = text.partition(":")
    return timedelta(hours=int(hours), minutes=int(minutes))
