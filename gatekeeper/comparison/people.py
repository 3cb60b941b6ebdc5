"""Whose word is asked for on two sides: the approvals of an environment, and the level of its waivers."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET, UnsetType

from gatekeeper.comparison.change import toward
from gatekeeper.model.compared import Effect
from gatekeeper.model.conditions import Approvals
from gatekeeper.model.promoted import Level

Told = tuple[str, Effect, str]
"""The key that differs, what that does, and in words."""

_LEVELS: tuple[Level, ...] = ("asserted", "reviewed", "signed")


def approvals_told(was: Approvals | UnsetType, now: Approvals | UnsetType) -> Iterator[Told]:
    """What became of the approvals that are asked for."""
    if was is UNSET or now is UNSET:
        if isinstance(was, Approvals):
            yield "approvals", "looser", f"{_count(was)} → none"
        elif isinstance(now, Approvals):
            yield "approvals", "stricter", f"no approval → {_count(now)}"
        return
    if was.count != now.count:
        yield "approvals", toward(now.count - was.count), f"approvals {was.count} → {now.count}"
    if was.level != now.level:
        yield "approvals", level_effect(was.level, now.level), f"level of approvals {was.level} → {now.level}"
    if set(was.from_) != set(now.from_):
        yield "approvals", _people_effect(set(was.from_), set(now.from_)), _people(was, now)


def level_effect(was: Level, now: Level) -> Effect:
    """A level that proves more is harder to reach."""
    return toward(_LEVELS.index(now) - _LEVELS.index(was))


def _people_effect(was: set[str], now: set[str]) -> Effect:
    """Nobody named is everybody who has the role. Other people are neither more nor fewer."""
    if not now or (was and was < now):
        return "looser"
    return "stricter" if not was or now < was else "unclear"


def _count(terms: Approvals) -> str:
    return f"{terms.count} {terms.level} approval{'' if terms.count == 1 else 's'}"


def _people(was: Approvals, now: Approvals) -> str:
    return f"approvals from {_named(was)} → {_named(now)}"


def _named(terms: Approvals) -> str:
    return ", ".join(sorted(terms.from_)) or "all who may approve"
