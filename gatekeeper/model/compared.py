"""What a comparison of two states of the policies found: each difference, which way it goes, and which cases flip."""

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


class Flip(Struct, frozen=True, kw_only=True):
    """A case that comes out otherwise; `results` are those that differ, null where a side has no such rule."""

    case: str
    policy: str
    file: str
    line: int
    before: str
    after: str
    results: dict[str, tuple[str | None, str | None]]

    @property
    def loosened(self) -> bool:
        """Whether more is let through than before."""
        freed = any(
            was not in (None, "pass", "skipped") and now in ("pass", "skipped") for was, now in self.results.values()
        )
        return freed or self.after == "allowed" != self.before


class Flips(Struct, frozen=True, kw_only=True):
    """How many cases were judged under both, which came out otherwise, and why some could not be judged."""

    judged: int = 0
    flipped: tuple[Flip, ...] = ()
    not_judged: tuple[str, ...] = ()

    @property
    def loosened(self) -> bool:
        """Whether a case is allowed that was not, or a rule passes or is skipped in it that stood in the way."""
        return any(flip.loosened for flip in self.flipped)


class Compared(Struct, frozen=True, kw_only=True):
    """All differences, the looser first."""

    before: str
    after: str
    changes: tuple[Change, ...]
    tests: Flips

    @property
    def looser(self) -> bool:
        """Whether something may pass that did not, by the texts or by a case that is allowed now."""
        return self.tests.loosened or any(change.effect == "looser" for change in self.changes)

    @property
    def unclear(self) -> bool:
        """Whether something changed that cannot be ordered, or a case could not be judged."""
        return bool(self.tests.not_judged) or any(change.effect == "unclear" for change in self.changes)
