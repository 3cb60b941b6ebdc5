"""Waivers: the one place that knows whether a waiver is in force."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import UNSET, Struct

from gatekeeper.model.environment import WaiverTerms
from gatekeeper.model.instants import parse_duration, parse_instant
from gatekeeper.model.judgement import Waived
from gatekeeper.model.waiver import Waiver

ACTIVE = "active"


def state(waiver: Waiver, now: datetime) -> str:
    """`active` while granted <= now < expires; else `not yet valid` or `expired`."""
    if now < parse_instant(waiver.spec.granted):
        return "not yet valid"
    return ACTIVE if now < parse_instant(waiver.spec.expires) else "expired"


class Scope(Struct, frozen=True, kw_only=True):
    """For whom waivers are asked: an environment, its terms, an artifact's digest and the time.

    `vouching` says by waiver why nothing vouches for its approval as the terms ask; empty where something does.
    """

    environment: str
    terms: WaiverTerms
    digest: str | None
    now: datetime
    vouching: Mapping[str, str] = {}


def standing(waiver: Waiver, scope: Scope) -> str:
    """`active`, or in words why the waiver does not count here. Never looks at the rule's result."""
    if (now_state := state(waiver, scope.now)) != ACTIVE:
        return now_state
    limit = scope.terms.max
    if limit is not UNSET:
        runs = parse_instant(waiver.spec.expires) - parse_instant(waiver.spec.granted)
        if runs > parse_duration(limit):
            return f"runs longer than {limit}, the most that {scope.environment} allows"
    if fault := _unvouched(waiver, scope):
        return f"its approval does not count: {fault}"
    if waiver.spec.artifact is not UNSET and waiver.spec.artifact != scope.digest:
        return "for another artifact"
    return ACTIVE


def _unvouched(waiver: Waiver, scope: Scope) -> str:
    """Above `asserted`, what nobody has looked at is not vouched for."""
    unseen = "" if scope.terms.level == "asserted" else f"nobody vouches that it is {scope.terms.level}"
    return scope.vouching.get(waiver.metadata.name, unseen)


def applying(waivers: Sequence[Waiver], environment: str) -> list[Waiver]:
    """Those that name the environment, in the order of their names."""
    return sorted((w for w in waivers if environment in w.spec.environments), key=lambda w: w.metadata.name)


def note(waiver: Waiver) -> Waived:
    """What a waived result says of its waiver."""
    spec = waiver.spec
    return Waived(
        waiver=waiver.metadata.name,
        ticket=spec.ticket,
        reason=spec.reason,
        requested_by=spec.requested_by,
        approved_by=spec.approved_by,
        granted=spec.granted,
        expires=spec.expires,
    )
