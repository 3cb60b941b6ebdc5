"""The waivers of two sides: each lets a failure through, so that one more is looser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import UNSET

from gatekeeper.comparison.change import Step, toward
from gatekeeper.model.compared import Change, Effect, Site
from gatekeeper.model.instants import parse_instant
from gatekeeper.model.waiver import WaiverSpec
from gatekeeper.policy.documents import Document

_SCOPE = ("environments", "covers")
_SAID = frozenset({"reason", "ticket", "requested_by", "approved_by"})
_ORDERED = frozenset({*_SCOPE, *_SAID, "granted", "expires", "artifact", "only_while"})


def waiver_changes(before: Sequence[Document], after: Sequence[Document]) -> Iterator[Change]:
    """Every difference, by the waiver's name; whether one is in force now is not asked."""
    old = {one.waiver.metadata.name: one for one in before}
    new = {one.waiver.metadata.name: one for one in after}
    for name in dict.fromkeys((*old, *new)):
        was, now = old.get(name), new.get(name)
        for step in _steps(was, now):
            yield Change(
                kind=step.kind,
                effect=step.effect,
                policy=(now or was).waiver.spec.policy,  # type: ignore[union-attr]
                subject=f"waiver {name}",
                words=step.words,
                before=_site(was),
                after=_site(now),
            )


def _site(document: Document | None) -> Site | None:
    return None if document is None else Site(document.file, document.place("metadata", "name")[0])


def _steps(was: Document | None, now: Document | None) -> Iterator[Step]:
    if was is None and now is not None:
        yield Step("added", "looser", f"lets {_told(now.waiver.spec)} through")
    elif now is None and was is not None:
        yield Step("removed", "stricter", f"no longer lets {_told(was.waiver.spec)} through")
    elif was is not None and now is not None:
        yield from _differences(was.waiver.spec, now.waiver.spec)


def _told(spec: WaiverSpec) -> str:
    return f"{spec.rule} in {', '.join(spec.environments)} until {spec.expires}"


def _differences(old: WaiverSpec, new: WaiverSpec) -> Iterator[Step]:
    for key in _SCOPE:
        was, now = set(getattr(old, key)), set(getattr(new, key))
        if was != now:
            effect: Effect = "stricter" if now < was else "looser" if was < now else "unclear"
            yield Step("changed", effect, f"{key} {', '.join(sorted(was))} → {', '.join(sorted(now))}")
    for key, sign in (("granted", 1), ("expires", -1)):
        was_at, now_at = getattr(old, key), getattr(new, key)
        later = (parse_instant(now_at) - parse_instant(was_at)).total_seconds()
        if later:
            yield Step("changed", toward(later * sign), f"{key} {was_at} → {now_at}")
    for key in ("artifact", "only_while"):
        yield from _narrowed(key, getattr(old, key), getattr(new, key))
    for key in old.__struct_fields__:
        if key not in _ORDERED and getattr(old, key) != getattr(new, key):
            yield Step("changed", "unclear", f"{key} {getattr(old, key)} → {getattr(new, key)}")
    if any(getattr(old, key) != getattr(new, key) for key in _SAID):
        yield Step("changed", "none", "its reason, ticket or people differ")


def _narrowed(key: str, old: Any, new: Any) -> Iterator[Step]:
    if old == new:
        return
    if old is UNSET:
        yield Step("added", "stricter", f"counts only for {key} {new}")
    elif new is UNSET:
        yield Step("removed", "looser", f"no longer only for {key} {old}")
    else:
        yield Step("changed", "unclear", f"{key} {old} → {new}")
