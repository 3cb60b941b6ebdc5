"""One difference between two policies or environments, and which way it goes."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Effect = Literal["looser", "unclear", "stricter", "none"]
Kind = Literal["added", "removed", "changed"]

EFFECTS: tuple[Effect, ...] = ("looser", "unclear", "stricter", "none")
"""In the order in which they are shown: what lets more through first."""


class Site(Struct, frozen=True):
    """Where a thing stands on one side."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Change(Struct, frozen=True, kw_only=True):
    """One difference. `effect` says what it does to what passes; where that is not certain it is `unclear`.

    *stricter*: all that passes after it passed before. *looser*: something may pass that did not. *none*: nothing that
    decides is touched.
    """

    kind: Kind
    effect: Effect
    policy: str
    subject: str
    words: str
    before: Site | None = None
    after: Site | None = None
    environment: str | None = None
    artifact: str | None = None


class Step(Struct, frozen=True):
    """A part of a change, before it has a place: what it does, and in words."""

    kind: Kind
    effect: Effect
    words: str


def toward(sign: float) -> Effect:
    """The effect of a move: up is stricter, down is looser, none is none."""
    return "stricter" if sign > 0 else "looser" if sign < 0 else "none"
