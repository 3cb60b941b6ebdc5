"""Which holds stand, when they end, and what is said of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gatekeeper.model.people import Hold, HoldSpec, PeopleMetadata
from gatekeeper.promotion.holds import standing_holds

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


def hold(name: str = "h", **spec: Any) -> Hold:
    usual = {"environment": "production", "reason": "latency doubled", "by": "alice", "since": "2026-11-25T09:00:00Z"}
    return Hold(
        apiVersion="gatekeeper/v1",
        kind="Hold",
        metadata=PeopleMetadata(name=name),
        spec=HoldSpec(**{**usual, **spec}),
    )


def names(*holds: Hold, now: datetime = NOW) -> list[str]:
    return [one.message.split("hold ")[-1] for one in standing_holds(holds, "production", "churn", now)]


def test_a_hold_says_who_and_why_and_what_ends_it() -> None:
    (waiting,) = standing_holds([hold()], "production", "churn", NOW)
    assert waiting.condition == "hold"
    assert waiting.message == ("held by alice: latency doubled; `gatekeeper hold remove --env production h` ends it")
    assert waiting.until is None
    (waiting,) = standing_holds([hold(until="2026-11-26T10:00:00+01:00")], "production", "churn", NOW)
    assert waiting.message == "held by alice: latency doubled (hold h)"
    assert waiting.until == "2026-11-26T09:00:00Z"


@pytest.mark.parametrize(
    ("spec", "stands"),
    [
        ({}, True),
        ({"artifact": "churn"}, True),
        ({"artifact": "fraud"}, False),
        ({"environment": "staging"}, False),
        ({"until": "2026-11-25T12:00:00Z"}, False),
        ({"until": "2026-11-25T12:00:01Z"}, True),
        ({"until": "2026-11-25"}, True),
        ({"until": "2026-11-24"}, False),
        ({"until": "9999-12-31"}, True),
        ({"since": "2026-11-25T12:04:00Z"}, True),
        ({"since": "2026-11-25T12:06:00Z"}, False),
        ({"since": "0001-01-01"}, True),
    ],
)
def test_which_stand(spec: dict[str, str], stands: bool) -> None:
    assert bool(names(hold(**spec))) is stands


def test_a_bare_date_is_held_to_its_end() -> None:
    (waiting,) = standing_holds([hold(until="2026-11-25")], "production", "churn", NOW)
    assert waiting.until == "2026-11-26T00:00:00Z"


def test_every_hold_is_told_in_the_order_of_names() -> None:
    holds = [hold("b", until="2026-11-26"), hold("a", until="2026-11-26")]
    assert names(*holds) == ["a)", "b)"]
    assert names(*holds, now=NOW + timedelta(days=2)) == []
