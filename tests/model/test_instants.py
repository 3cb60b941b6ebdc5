"""Instants and durations: what is read, what is refused, and that writing and reading agree."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.model.instants import LONGEST, format_instant, parse_duration, parse_instant


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-20T16:00:00Z", datetime(2026, 11, 20, 16, tzinfo=UTC)),
        ("2026-11-20t16:00:00z", datetime(2026, 11, 20, 16, tzinfo=UTC)),
        ("2026-11-20T16:00:00+01:00", datetime(2026, 11, 20, 15, tzinfo=UTC)),
        ("2026-11-20T16:00:00-05:30", datetime(2026, 11, 20, 21, 30, tzinfo=UTC)),
        ("2026-11-20T16:00:00-00:00", datetime(2026, 11, 20, 16, tzinfo=UTC)),
        ("2026-11-20T16:00:00.5Z", datetime(2026, 11, 20, 16, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-11-20T16:00:00.123456789Z", datetime(2026, 11, 20, 16, 0, 0, 123_456, tzinfo=UTC)),
        ("2024-02-29", datetime(2024, 2, 29, tzinfo=UTC)),
    ],
)
def test_reads_rfc_3339_and_bare_dates(text: str, instant: datetime) -> None:
    assert parse_instant(text) == instant
    assert parse_instant(text).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-11-20T16:00:00", "neither a date nor an instant with offset"),
        ("2026-11-20 16:00:00Z", "neither"),
        ("2026-11-20T16:00Z", "neither"),
        ("2026-11-20T16:00:00+0100", "neither"),
        ("2026-11-20T16:00:00.1234567890Z", "neither"),
        ("2026-11-20\n", "neither"),
        (" 2026-11-20", "neither"),
        ("٢٠٢٦-11-20", "neither"),
        ("20261120", "neither"),
        ("", "neither"),
        ("2026-02-29", "does not exist"),
        ("2026-13-01", "does not exist"),
        ("0000-01-01", "does not exist"),
        ("2026-11-20T24:00:00Z", "does not exist"),
        ("2026-11-20T16:00:00+24:00", "no offset"),
        ("2026-11-20T16:00:00+01:60", "no offset"),
        ("2016-12-31T23:59:60Z", "leap second"),
        ("0001-01-01T00:00:00+23:59", "does not exist"),
        ("9999-12-31T23:59:59-23:59", "does not exist"),
    ],
)
def test_refuses_every_other_form_with_a_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_instant(text)


@given(
    st.datetimes(
        min_value=datetime(1, 1, 2),  # noqa: DTZ001 -- hypothesis adds the zone
        max_value=datetime(9999, 12, 30),  # noqa: DTZ001
        timezones=st.builds(timezone, st.integers(-1439, 1439).map(lambda minutes: timedelta(minutes=minutes))),
    )
)
def test_what_is_written_reads_the_same(instant: datetime) -> None:
    written = format_instant(instant)
    assert parse_instant(written) == instant
    assert format_instant(parse_instant(written)) == written


@given(st.text(alphabet="0123456789-+:.TZtz ", max_size=40))
def test_any_text_is_an_instant_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert parse_instant(text).tzinfo is UTC


def test_writes_microseconds_only_where_there_are_any() -> None:
    assert format_instant(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == "2026-01-02T03:04:05Z"
    assert format_instant(datetime(2026, 1, 2, 3, 4, 5, 60, tzinfo=UTC)) == "2026-01-02T03:04:05.000060Z"
    assert format_instant(datetime(99, 1, 2, tzinfo=UTC)) == "0099-01-02T00:00:00Z"


def test_an_instant_without_zone_is_not_written() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        format_instant(datetime(2026, 1, 2))  # noqa: DTZ001 -- the mistake itself


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("0s", timedelta(0)),
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("24h", timedelta(days=1)),
        ("7d", timedelta(days=7)),
        ("2w", timedelta(days=14)),
        ("36525d", LONGEST),
    ],
)
def test_reads_durations(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["", "7", "d", "7 d", "7D", "1.5h", "-1h", "+1h", "7d ", "7d\n", "7y", "٧d", "1h30m"])
def test_refuses_other_durations(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["36526d", "999999999w", "999999999d"])
def test_a_duration_is_bounded_so_that_no_date_overflows(text: str) -> None:
    with pytest.raises(ValueError, match="hundred years"):
        parse_duration(text)
    assert datetime(2026, 1, 1, tzinfo=UTC) - LONGEST < datetime(2026, 1, 1, tzinfo=UTC)
