"""Conditions of an environment that could not be met, or would mean nothing, are refused where they are written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatekeeper.errors import InvalidFileError
from gatekeeper.policy.documents import load
from tests.trees import environment

FREEZE = {"from": "2026-12-20", "to": "2027-01-03", "why": "holidays"}


def problems(**spec: Any) -> list[str]:
    """What is said of an environment with these keys, at its line and column."""
    text = json.dumps(environment(**spec), indent=1).encode()
    try:
        load(text, "e.yaml", frozenset({"Environment"}))
    except InvalidFileError as fault:
        return [one.message for one in fault.problems if one.line > 1 and one.column >= 1]
    return []


def windows(zone: Any = "Europe/Berlin", **freeze: Any) -> dict[str, Any]:
    return {"timezone": zone, "freeze": [{**FREEZE, **freeze}]}


@pytest.mark.parametrize(
    "good",
    [
        windows(),
        windows(to="2026-12-20"),
        windows(**{"from": "2026-12-20T12:00:00+01:00", "to": "2026-12-20"}),
        windows("UTC"),
        windows("America/Argentina/Buenos_Aires"),
        {"timezone": "UTC", "freeze": [FREEZE, {**FREEZE, "from": "2026-12-31"}]},
    ],
)
def test_windows_that_mean_something(good: Any) -> None:
    assert problems(windows=good) == []


@pytest.mark.parametrize("zone", ["Europe/Berln", "localtime", "right/UTC", "Europe"])
def test_an_unknown_time_zone(zone: str) -> None:
    (message,) = problems(windows=windows(zone))
    assert "time zone" in message
    assert repr(zone) in message


@pytest.mark.parametrize(
    "freeze",
    [
        {"to": "2026-12-19"},
        {"from": "2026-12-20T12:00:00Z", "to": "2026-12-20T12:00:00Z"},
        {"from": "2026-12-21T00:00:00Z", "to": "2026-12-20"},
        {"from": "2027-01-04T00:00:00+01:00", "to": "2027-01-03"},
    ],
)
def test_a_freeze_of_nothing(freeze: Any) -> None:
    (message,) = problems(windows=windows(**freeze))
    assert message.endswith("it would freeze nothing")


@pytest.mark.parametrize("bad", [{}, [], "x", 3, {"timezone": 3}, windows(**{"from": 3}), windows(to="2026-02-30")])
def test_windows_of_any_other_shape_are_refused_without_a_crash(bad: Any) -> None:
    assert problems(windows=bad)


def test_a_pull_request_at_no_forge() -> None:
    (message,) = problems(delivery={"mode": "pull-request"})
    assert "`forge`" in message
    assert problems(delivery={"mode": "pull-request", "forge": {"type": "gitea"}}) == []


def test_an_environment_that_comes_before_twice() -> None:
    twice = [{"environment": "staging", "soak": "1h"}, {"environment": "staging", "soak": "2h"}]
    assert problems(after=twice) == ["`staging` stands twice"]
