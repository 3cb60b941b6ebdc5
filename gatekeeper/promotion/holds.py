"""Holds: what must not move, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from msgspec import UNSET

from gatekeeper.model.instants import format_instant, parse_instant
from gatekeeper.model.judgement import Waiting
from gatekeeper.model.people import Hold

CLOCK_SKEW = timedelta(minutes=5)
"""How far the clock of whoever wrote a hold may be ahead of this one: a hold that has landed is to hold."""

_DAY = timedelta(days=1)
_BARE_DATE = len("2026-11-25")


def stands(hold: Hold, now: datetime) -> bool:
    """Whether a hold is in force."""
    end = end_of(hold)
    return parse_instant(hold.spec.since) - now <= CLOCK_SKEW and (end is None or now < end)


def end_of(hold: Hold) -> datetime | None:
    """When a hold ends by itself; a bare date is held to its end, in UTC. None where it has to be removed."""
    until = hold.spec.until
    if until is UNSET:
        return None
    instant = parse_instant(until)
    if len(until) != _BARE_DATE:
        return instant
    return instant + _DAY if instant.date() < date.max else None


def is_about(hold: Hold, environment: str, artifact: str) -> bool:
    """Whether a hold is of an artifact in an environment."""
    spec = hold.spec
    return spec.environment == environment and (spec.artifact is UNSET or spec.artifact == artifact)


def standing_holds(holds: Iterable[Hold], environment: str, artifact: str, now: datetime) -> tuple[Waiting, ...]:
    """The holds on an artifact in an environment that are in force now, by name."""
    found = [hold for hold in holds if is_about(hold, environment, artifact) and stands(hold, now)]
    return tuple(_waiting(hold) for hold in sorted(found, key=lambda hold: hold.metadata.name))


def _waiting(hold: Hold) -> Waiting:
    spec, name, end = hold.spec, hold.metadata.name, end_of(hold)
    held = f"held by {spec.by}: {spec.reason}"
    until = None if end is None else format_instant(end)
    rest = f" (hold {name})" if until else f"; `gatekeeper hold remove --env {spec.environment} {name}` ends it"
    return Waiting(condition="hold", message=held + rest, until=until)
