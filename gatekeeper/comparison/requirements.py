"""The evidence that two policies need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET

from gatekeeper.comparison.change import Step, toward
from gatekeeper.comparison.view import View
from gatekeeper.model.compared import Change, Effect
from gatekeeper.model.policy import Requirement
from gatekeeper.policy.celtext import seconds


def requirement_changes(before: View, after: View) -> Iterator[Change]:
    """Every difference, under the subject `evidence.<name>`."""
    old, new = before.policy.spec.evidence, after.policy.spec.evidence
    for name in dict.fromkeys((*old, *new)):
        for step in _steps(old.get(name), new.get(name)):
            yield Change(
                kind=step.kind,
                effect=step.effect,
                policy=after.name,
                subject=f"evidence.{name}",
                words=step.words,
                before=before.site("spec", "evidence", name) if name in old else None,
                after=after.site("spec", "evidence", name) if name in new else None,
            )


def _steps(old: Requirement | None, new: Requirement | None) -> Iterator[Step]:
    if old is None and new is not None:
        if new.optional:
            yield Step("added", "none", f"{new.kind} evidence is read where it is given")
        else:
            yield Step("added", "stricter", f"{new.kind} evidence is required")
    elif new is None and old is not None:
        yield Step("removed", "looser", f"{old.kind} evidence is no longer asked for")
    elif old is not None and new is not None:
        yield from _differences(old, new)


def _differences(old: Requirement, new: Requirement) -> Iterator[Step]:
    if old.kind != new.kind:
        yield Step("changed", "unclear", f"kind {old.kind} → {new.kind}")
    if old.optional != new.optional:
        words = "may be absent" if new.optional else "is required"
        yield Step("changed", "looser" if new.optional else "stricter", words)
    yield from _listed("producers", " or ", old.producers, new.producers, fewer="stricter")
    # Each name of `signed_by` needs a signature of its own.
    yield from _listed("signed_by", " and ", old.signed_by, new.signed_by, fewer="looser")
    yield from _set("about", old.about, new.about)
    yield from _set("expect", old.expect, new.expect)
    yield from _age(old.max_age, new.max_age)
    for key in old.__struct_fields__:
        if key not in _TOLD and getattr(old, key) != getattr(new, key):
            effect: Effect = "none" if key == "description" else "unclear"
            yield Step("changed", effect, f"`{key}` differs")


_TOLD = frozenset({"kind", "optional", "producers", "signed_by", "about", "expect", "max_age"})


def _listed(key: str, joint: str, old: tuple[str, ...], new: tuple[str, ...], *, fewer: Effect) -> Iterator[Step]:
    """A list of who must have made it; an empty one asks for nobody. `fewer` is what a shorter one does."""
    was, now = set(old), set(new)
    if was == now:
        return
    words = f"{key} {_names(joint, old)} → {_names(joint, new)}"
    if not was or not now:
        yield Step("changed", "stricter" if now else "looser", words)
    elif now < was:
        yield Step("changed", fewer, words)
    elif was < now:
        yield Step("changed", "looser" if fewer == "stricter" else "stricter", words)
    else:
        yield Step("changed", "unclear", words)


def _names(joint: str, names: tuple[str, ...]) -> str:
    return joint.join(sorted(names)) or "nobody in particular"


def _set(key: str, old: Any, new: Any) -> Iterator[Step]:
    """A demand that is there or not; one for another cannot be ordered."""
    if old == new:
        return
    if old is UNSET:
        yield Step("added", "stricter", f"{key} {new} is asked, too")
    elif new is UNSET:
        yield Step("removed", "looser", f"{key} {old} no longer asked")
    else:
        yield Step("changed", "unclear", f"{key} {old} → {new}")


def _age(old: Any, new: Any) -> Iterator[Step]:
    if old == new:
        return
    if old is UNSET or new is UNSET:
        yield from _set("max_age", old, new)
        return
    effect = toward(seconds(old) - seconds(new))
    if effect != "none":
        yield Step("changed", effect, f"max_age {old} → {new}")
