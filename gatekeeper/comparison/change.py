"""A part of a difference on its way to being told, and which way it goes."""

from __future__ import annotations

from msgspec import Struct

from gatekeeper.model.compared import Effect, Kind


class Step(Struct, frozen=True):
    """A part of a change, before it has a place: what it does, and in words."""

    kind: Kind
    effect: Effect
    words: str


def toward(sign: float) -> Effect:
    """The effect of a move: up is stricter, down is looser, none is none."""
    return "stricter" if sign > 0 else "looser" if sign < 0 else "none"
