"""When it is open: by hand where clocks change, and against a clock that is read minute by minute."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import Any, get_args
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from gatekeeper.model.clocks import zone_of
from gatekeeper.model.conditions import AllowedWindow, Day, Freeze, Windows
from gatekeeper.model.instants import parse_instant
from gatekeeper.model.judgement import Waiting
from gatekeeper.promotion.windows import LOOK_AHEAD, closed, not_before, opens

MINUTE = timedelta(minutes=1)
DAYS: tuple[Day, ...] = get_args(Day)
BERLIN = {
    "timezone": "Europe/Berlin",
    "allow": [{"days": ["mon", "tue", "wed", "thu"], "from": "09:00", "to": "16:00"}],
    "freeze": [{"from": "2026-12-20", "to": "2027-01-03", "why": "holidays"}],
}


def windows(value: Any = None, **more: Any) -> Windows:
    return msgspec.convert({**(value or {"timezone": "Europe/Berlin"}), **more}, Windows)


def waits(given: Windows, now: str) -> list[tuple[str, str | None]]:
    return [(one.condition, one.until) for one in closed(given, parse_instant(now))]


def test_without_windows_it_is_always_open() -> None:
    now = parse_instant("2026-11-23T12:00:00Z")
    assert closed(UNSET, now) == ()
    assert opens(UNSET, now) == now
    assert closed(windows(), now) == ()


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-23T08:00:00Z", []),  # a Monday, 09:00 in Berlin
        ("2026-11-23T07:59:59.999999Z", [("window", "2026-11-23T08:00:00Z")]),
        ("2026-11-23T14:59:59Z", []),
        ("2026-11-23T15:00:00Z", [("window", "2026-11-24T08:00:00Z")]),
        ("2026-11-26T15:00:00Z", [("window", "2026-11-30T08:00:00Z")]),  # Thursday evening: until Monday
        ("2026-12-19T22:59:59Z", [("window", "2027-01-04T08:00:00Z")]),  # what opens next is frozen
        ("2026-12-19T23:00:00Z", [("freeze", "2027-01-04T08:00:00Z"), ("window", "2027-01-04T08:00:00Z")]),
        ("2026-12-22T10:00:00Z", [("freeze", "2027-01-04T08:00:00Z")]),
        ("2027-01-03T22:59:59Z", [("freeze", "2027-01-04T08:00:00Z"), ("window", "2027-01-04T08:00:00Z")]),
        ("2027-01-03T23:00:00Z", [("window", "2027-01-04T08:00:00Z")]),
    ],
)
def test_windows_and_freezes_together(now: str, expected: list[tuple[str, str | None]]) -> None:
    assert waits(windows(BERLIN), now) == expected


def test_the_messages_say_what_is_closed_and_why() -> None:
    frozen, outside = closed(windows(BERLIN), parse_instant("2026-12-25T12:00:00Z"))
    assert frozen.message == "frozen from 2026-12-20 to 2027-01-03 (Europe/Berlin): holidays"
    assert outside.message == "it is fri 13:00 in Europe/Berlin; promotions are made mon-thu 09:00-16:00"
    (daily,) = closed(windows(allow=[{"from": "01:00", "to": "02:00"}]), parse_instant("2026-12-25T12:00:00Z"))
    assert daily.message.endswith("promotions are made daily 01:00-02:00")


@pytest.mark.parametrize(
    ("window", "now", "expected"),
    [
        # Over midnight: the day is that on which it begins.
        ({"days": ["fri"], "from": "22:00", "to": "06:00"}, "2026-11-28T04:59:00Z", []),
        ({"days": ["fri"], "from": "22:00", "to": "06:00"}, "2026-11-28T05:00:00Z", ["2026-12-04T21:00:00Z"]),
        ({"days": ["sat"], "from": "22:00", "to": "06:00"}, "2026-11-28T04:59:00Z", ["2026-11-28T21:00:00Z"]),
        ({"days": ["mon"], "from": "20:00", "to": "24:00"}, "2026-11-23T22:59:59Z", []),
        ({"days": ["mon"], "from": "20:00", "to": "24:00"}, "2026-11-23T23:00:00Z", ["2026-11-30T19:00:00Z"]),
        ({"days": ["mon"], "from": "09:00", "to": "09:00"}, "2026-11-24T07:59:59Z", []),
        ({"days": ["mon"], "from": "09:00", "to": "09:00"}, "2026-11-24T08:00:00Z", ["2026-11-30T08:00:00Z"]),
        # Clocks in Berlin go from 02:00 to 03:00 on 2027-03-28: a time that is skipped is the instant of the jump.
        ({"days": ["sun"], "from": "02:30", "to": "04:00"}, "2027-03-28T00:59:59Z", ["2027-03-28T01:00:00Z"]),
        ({"days": ["sun"], "from": "02:30", "to": "04:00"}, "2027-03-28T01:00:00Z", []),
        ({"days": ["sun"], "from": "01:00", "to": "02:30"}, "2027-03-28T00:59:59Z", []),
        ({"days": ["sun"], "from": "01:00", "to": "02:30"}, "2027-03-28T01:00:00Z", ["2027-04-03T23:00:00Z"]),
        ({"days": ["sun"], "from": "02:10", "to": "02:50"}, "2027-03-28T01:00:00Z", ["2027-04-04T00:10:00Z"]),
        # And from 03:00 back to 02:00 on 2026-10-25: it begins at the second 02:30, and ends at the first.
        ({"days": ["sun"], "from": "02:30", "to": "04:00"}, "2026-10-25T00:45:00Z", ["2026-10-25T01:30:00Z"]),
        ({"days": ["sun"], "from": "02:30", "to": "04:00"}, "2026-10-25T01:30:00Z", []),
        ({"days": ["sun"], "from": "01:00", "to": "02:30"}, "2026-10-25T00:30:00Z", ["2026-11-01T00:00:00Z"]),
        ({"days": ["sun"], "from": "02:10", "to": "02:50"}, "2026-10-25T01:20:00Z", ["2026-11-01T01:10:00Z"]),
        ({"days": ["sun"], "from": "02:00", "to": "03:00"}, "2026-10-25T00:30:00Z", ["2026-10-25T01:00:00Z"]),
    ],
)
def test_a_window_on_the_clock(window: Any, now: str, expected: list[str]) -> None:
    assert [until for _, until in waits(windows(allow=[window]), now)] == expected


@pytest.mark.parametrize(
    ("zone", "freeze", "first", "end"),
    [
        ("Europe/Berlin", ("2026-12-24", "2026-12-24"), "2026-12-23T23:00:00Z", "2026-12-24T23:00:00Z"),
        ("Europe/Berlin", ("2026-12-24T18:00:00+02:00", "2026-12-24"), "2026-12-24T16:00:00Z", "2026-12-24T23:00:00Z"),
        ("Asia/Beirut", ("2026-03-29", "2026-03-29"), "2026-03-28T22:00:00Z", "2026-03-29T21:00:00Z"),
        ("America/Havana", ("2026-11-01", "2026-11-01"), "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),
        ("America/Havana", ("2026-10-31", "2026-10-31"), "2026-10-31T04:00:00Z", "2026-11-01T04:00:00Z"),
        ("America/St_Johns", ("2010-11-06", "2010-11-06"), "2010-11-06T02:30:00Z", "2010-11-07T03:30:00Z"),
        ("America/St_Johns", ("2010-11-07", "2010-11-07"), "2010-11-07T02:30:00Z", "2010-11-08T03:30:00Z"),
        ("Pacific/Apia", ("2011-12-30", "2011-12-31"), "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z"),
    ],
)
def test_a_freeze_covers_whole_days_and_both_readings(zone: str, freeze: Any, first: str, end: str) -> None:
    given = windows({"timezone": zone, "freeze": [{"from": freeze[0], "to": freeze[1], "why": "w"}]})
    tick = timedelta(microseconds=1)
    assert [one.until for one in closed(given, parse_instant(first))] == [end]
    assert [one.until for one in closed(given, parse_instant(end) - tick)] == [end]
    assert closed(given, parse_instant(first) - tick) == closed(given, parse_instant(end)) == ()


def test_what_is_frozen_for_longer_than_anybody_looks_has_no_end() -> None:
    now = "2026-11-23T12:00:00Z"
    for end in ("2099-01-01", "9999-12-31", "9999-12-31T23:59:59Z"):
        assert waits(windows(freeze=[{"from": "2026-01-01", "to": end, "why": "w"}]), now) == [("freeze", None)]
    forever = windows(freeze=[{"from": "0001-01-01", "to": "9999-12-31", "why": "w"}])
    assert waits(forever, "0001-01-01T00:00:00Z") == waits(forever, "9999-12-31T23:59:59Z") == [("freeze", None)]


def test_freezes_that_cover_every_window_are_passed_over_together() -> None:
    days = [f"2026-11-{day}" for day in range(24, 31)]
    freezes = [{"from": day, "to": day, "why": "w"} for day in days]
    given = windows(allow=[{"from": "09:00", "to": "10:00"}], freeze=freezes)
    assert waits(given, "2026-11-23T12:00:00Z") == [("window", "2026-12-01T08:00:00Z")]


def test_windows_at_the_ends_of_the_calendar() -> None:
    given = windows(allow=[{"from": "09:00", "to": "08:00"}])
    assert [one.until for one in closed(given, datetime(1, 1, 1, 0, 0, tzinfo=UTC))] == ["0001-01-01T08:06:32Z"]
    assert closed(given, datetime(9999, 12, 31, 23, 59, tzinfo=UTC))[0].until is None


@pytest.mark.parametrize(
    "name", ["Europe/Berlln", "localtime", "posixrules", "Factory", "posix/UTC", "right/UTC", "Europe", "x" * 99]
)
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        zone_of(name)


def test_not_before_is_the_first_open_instant_once_the_rest_is_over() -> None:
    soak = Waiting(condition="soak", message="m", until="2026-11-27T10:00:00Z")
    window = Waiting(condition="window", message="m", until="2026-11-24T08:00:00Z")
    assert not_before(()) is None
    assert not_before((soak, window)) == "2026-11-27T10:00:00Z"
    assert not_before((soak, window), windows(BERLIN)) == "2026-11-30T08:00:00Z"
    assert not_before((soak, Waiting(condition="approvals", message="m"))) is None


TIMES = {
    "UTC": "2026-11-23T00:00:00Z",
    "Europe/Berlin": "2027-03-28T01:00:00Z",
    "America/New_York": "2026-11-01T06:00:00Z",
    "America/Sao_Paulo": "2017-10-15T03:00:00Z",
    "America/Havana": "2026-11-01T05:00:00Z",
    "America/St_Johns": "2010-11-07T02:31:00Z",
    "Africa/Cairo": "2026-04-23T22:00:00Z",
    "Asia/Beirut": "2026-10-24T21:00:00Z",
    "Asia/Kathmandu": "2026-11-23T00:00:00Z",
    "Australia/Lord_Howe": "2026-04-04T15:00:00Z",
    "Antarctica/Troll": "2026-03-29T01:00:00Z",
    "Pacific/Apia": "2011-12-30T10:00:00Z",
}
"""Zones, each at an instant at which its clocks change, where they do."""
HALF = 4 * 24 * 60


@cache
def walls(zone: str) -> list[datetime]:
    """What a clock shows there, minute by minute around that instant."""
    middle = parse_instant(TIMES[zone])
    clock = ZoneInfo(zone)
    return [(middle + n * MINUTE).astimezone(clock).replace(tzinfo=None, fold=0) for n in range(-HALF, HALF)]


def clock_minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def oracle(given: Windows, zone: str) -> list[bool]:
    """Whether it is open, minute by minute: by what the clock shows, and by nothing that the code computes."""
    shown = walls(zone)
    first = parse_instant(TIMES[zone]) - HALF * MINUTE
    is_open = [not given.allow] * len(shown)
    for window in given.allow:
        for day in sorted({one.date() for one in shown} | {shown[0].date() - timedelta(days=n) for n in (1, 2)}):
            if DAYS[day.weekday()] not in window.days:
                continue
            start = datetime.combine(day, time()) + clock_minutes(window.from_) * MINUTE
            end = datetime.combine(day, time()) + clock_minutes(window.to) * MINUTE
            end += timedelta(days=1) if end <= start else timedelta()
            begins = [n for n in range(1, len(shown)) if shown[n] == start or shown[n - 1] < start < shown[n]]
            ends = [n for n in range(1, len(shown)) if shown[n - 1] < end <= shown[n]]
            last = ends[0] if ends else len(shown) if end > shown[-1] else 0
            for n in range(begins[-1] if begins else 0 if start <= shown[0] else len(shown), last):
                is_open[n] = True
    for freeze in given.freeze:
        # Once the day has begun it has, also where the clock goes back over midnight, and so with its end.
        start, end = parse_instant(freeze.from_), parse_instant(freeze.to)
        since = [n for n, one in enumerate(shown) if len(freeze.from_) == 10 and one.date() >= start.date()]
        until = [n for n, one in enumerate(shown) if len(freeze.to) == 10 and one.date() <= end.date()]
        begin = (start - first) // MINUTE if len(freeze.from_) > 10 else since[0]
        last = (end - first) // MINUTE - 1 if len(freeze.to) > 10 else until[-1]
        for n in range(max(begin, 0), min(last, len(shown) - 1) + 1):
            is_open[n] = False
    return is_open


@st.composite
def situations(draw: st.DrawFn) -> tuple[str, Windows]:
    zone = draw(st.sampled_from(sorted(TIMES)))
    middle = parse_instant(TIMES[zone])
    clock = st.integers(0, 24 * 4).map(lambda n: f"{n // 4:02}:{n % 4 * 15:02}")
    day = st.lists(st.sampled_from(DAYS), min_size=1, max_size=7, unique=True).map(tuple)
    allow = st.builds(AllowedWindow, from_=clock, to=clock, days=day)

    def freeze(first: int, length: int, bare: tuple[bool, bool]) -> Freeze:
        ends = middle + timedelta(hours=first), middle + timedelta(hours=first + length)
        texts = [f"{at:%Y-%m-%d}" if is_bare else f"{at:%Y-%m-%dT%H:%M:%SZ}" for at, is_bare in zip(ends, bare)]  # noqa: B905
        return Freeze(from_=texts[0], to=texts[1], why="w")

    frozen = st.builds(freeze, st.integers(-60, 60), st.integers(25, 60), st.tuples(st.booleans(), st.booleans()))
    allowed = draw(st.lists(allow, max_size=3).map(tuple))
    return zone, Windows(timezone=zone, allow=allowed, freeze=draw(st.lists(frozen, max_size=2).map(tuple)))


@settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(situations(), st.data())
def test_it_is_open_when_the_clock_says_so_and_until_is_the_first_such_instant(
    situation: tuple[str, Windows], data: st.DataObject
) -> None:
    zone, given_ = situation
    is_open = oracle(given_, zone)
    first = parse_instant(TIMES[zone]) - HALF * MINUTE
    edges = [n for n in range(1, len(is_open)) if is_open[n - 1] != is_open[n]]
    inner = range(3 * 24 * 60, 2 * HALF - 3 * 24 * 60)
    looked = {data.draw(st.sampled_from(inner)) for _ in range(20)}
    looked |= {n + step for n in edges for step in (-1, 0) if n in inner}
    for n in sorted(looked):
        waiting = closed(given_, first + n * MINUTE)
        assert bool(waiting) != is_open[n], (given_, first + n * MINUTE)
        later = next((m for m in range(n, len(is_open)) if is_open[m]), None)
        for one in waiting:
            if later is None:
                assert one.until is None or parse_instant(one.until) >= first + len(is_open) * MINUTE
            else:
                assert one.until is not None
                assert parse_instant(one.until) == first + later * MINUTE


@settings(max_examples=100, deadline=None)
@given(situations(), st.integers(-3000, 3000))
def test_until_is_open_and_just_before_it_is_not(situation: tuple[str, Windows], minutes: int) -> None:
    zone, given_ = situation
    now = parse_instant(TIMES[zone]) + minutes * MINUTE
    for one in closed(given_, now):
        if one.until is not None:
            until = parse_instant(one.until)
            assert now < until <= now + LOOK_AHEAD
            assert not closed(given_, until)
            assert closed(given_, until - timedelta(microseconds=1))
