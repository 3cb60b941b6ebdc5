"""What environments make of policies, on two sides: which apply, how strictly, with which values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from gatekeeper.comparison.change import toward
from gatekeeper.comparison.parameters import effect_of
from gatekeeper.comparison.people import approvals_told, level_effect
from gatekeeper.comparison.policies import changes
from gatekeeper.comparison.view import View
from gatekeeper.judge.numbers import shown
from gatekeeper.model.compared import Change, Effect, Site
from gatekeeper.model.environment import Environment
from gatekeeper.policy.celtext import seconds
from gatekeeper.policy.documents import Document

_WEIGHT = {"audit": 0, "warn": 1, "deny": 2}


class Applied(Struct, frozen=True, kw_only=True):
    """One policy as an environment applies it to one artifact, where it says so, and where each value was written."""

    view: View
    enforcement: str
    site: Site
    values: Mapping[str, Site]


class Bound(Struct, frozen=True, kw_only=True):
    """One environment of one side: its terms, and by artifact its image and what applies to it, by policy name."""

    document: Document
    images: Mapping[str, str]
    artifacts: Mapping[str, Mapping[str, Applied]]

    @property
    def environment(self) -> Environment:
        """What the file says."""
        return self.document.environment

    def site(self, *path: str | int) -> Site:
        """Where the value at `path` stands."""
        return Site(self.document.file, self.document.key_place(*path)[0])


def environment_changes(before: Mapping[str, Bound], after: Mapping[str, Bound]) -> Iterator[Change]:
    """Every difference in what environments ask, by environment and artifact."""
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            yield _came_or_went(name, old, new)
            continue
        for change in (*_terms(old, new), *_artifacts(old, new)):
            yield replace(change, environment=name)


def _came_or_went(name: str, old: Bound | None, new: Bound | None) -> Change:
    """An environment that is not there lets nothing in; one that is new may be another under a new name, and weaker."""
    return Change(
        kind="added" if old is None else "removed",
        effect="unclear" if old is None else "none",
        policy="",
        subject=name,
        words="a new environment, with nothing to compare it with"
        if old is None
        else "the environment is gone: nothing can be promoted to it",
        before=None if old is None else old.site("metadata", "name"),
        after=None if new is None else new.site("metadata", "name"),
        environment=name,
    )


def _terms(old: Bound, new: Bound) -> Iterator[Change]:
    was, now = old.environment.spec, new.environment.spec
    yield from _after(
        {one.environment: one.soak for one in was.after}, {one.environment: one.soak for one in now.after}, old, new
    )
    if was.waivers.max != now.waivers.max:
        words = f"longest waiver {_age(was.waivers.max)} → {_age(now.waivers.max)}"
        yield _term(old, new, "waivers", _longest(was.waivers.max, now.waivers.max), words)
    if was.waivers.level != now.waivers.level:
        words = f"level of waivers {was.waivers.level} → {now.waivers.level}"
        yield _term(old, new, "waivers", level_effect(was.waivers.level, now.waivers.level), words)
    for key, effect, words in approvals_told(was.approvals, now.approvals):
        yield _term(old, new, key, effect, words)
    for key in was.__struct_fields__:
        if key not in _TOLD and getattr(was, key) != getattr(now, key):
            weight: Effect = "none" if key in _DELIVERY else "unclear"
            yield _term(old, new, key, weight, f"`{key}` differs")


_TOLD = frozenset({"policies", "after", "waivers", "approvals", "artifacts", "include", "name", "image"})
_DELIVERY = frozenset({"pin", "delivery", "manifests"})
"""How and where a promotion is written, not what passes."""


Soaks = Mapping[str, str | UnsetType]


def _after(was: Soaks, now: Soaks, old: Bound, new: Bound) -> Iterator[Change]:
    for name in sorted(was.keys() - now):
        yield _term(old, new, "after", "looser", f"no longer after {name}")
    for name in sorted(now.keys() - was):
        yield _term(old, new, "after", "stricter", f"only after {name}")
    for name in sorted(was.keys() & now):
        before, after = was[name] or "0s", now[name] or "0s"
        if before != after:
            effect = toward(seconds(after) - seconds(before))
            yield _term(old, new, "after", effect, f"soak in {name} {before} → {after}")


def _term(old: Bound, new: Bound, key: str, effect: Effect, words: str) -> Change:
    return Change(
        kind="changed",
        effect=effect,
        policy="",
        subject=key,
        words=words,
        before=old.site("spec", key),
        after=new.site("spec", key),
    )


def _longest(was: object, now: object) -> Effect:
    if isinstance(was, str) and isinstance(now, str):
        return toward(seconds(was) - seconds(now))
    return "stricter" if isinstance(now, str) else "looser"


def _age(value: object) -> str:
    return "without limit" if value is UNSET else str(value)


def _artifacts(old: Bound, new: Bound) -> Iterator[Change]:
    for name in dict.fromkeys((*old.artifacts, *new.artifacts)):
        was, now = old.artifacts.get(name), new.artifacts.get(name)
        if was is None or now is None:
            yield _artifact_came_or_went(name, is_new=was is None)
            continue
        if old.images[name] != new.images[name]:
            words = f"image {old.images[name]} → {new.images[name]}"
            yield replace(_term(old, new, "artifacts", "unclear", words), subject="image", artifact=name)
        for change in _policies(was, now):
            yield replace(change, artifact=name)


def _artifact_came_or_went(name: str, *, is_new: bool) -> Change:
    return Change(
        kind="added" if is_new else "removed",
        effect="unclear" if is_new else "none",
        policy="",
        subject=name,
        words="a new artifact, with nothing to compare it with"
        if is_new
        else "the artifact is gone: nothing of it can be promoted",
        artifact=name,
    )


def _policies(was: Mapping[str, Applied], now: Mapping[str, Applied]) -> Iterator[Change]:
    """Where nothing was enforced nothing could pass, so that what is enforced first opens the way."""
    opens = all(one.enforcement != "deny" for one in was.values())
    for change in _applications(was, now):
        yield _opening(change) if opens and change.effect == "stricter" else change


def _opening(change: Change) -> Change:
    words = f"{change.words}; nothing was enforced here, so nothing could pass"
    return replace(change, effect="unclear", words=words)


def _applications(was: Mapping[str, Applied], now: Mapping[str, Applied]) -> Iterator[Change]:
    for name in dict.fromkeys((*was, *now)):
        old, new = was.get(name), now.get(name)
        if old is None and new is not None:
            effect: Effect = "stricter" if new.enforcement == "deny" else "none"
            words = f"{new.view.version} applies, too, at {new.enforcement}"
            yield Change(kind="added", effect=effect, policy=name, subject="applied", words=words, after=new.site)
        elif new is None and old is not None:
            effect = "looser" if old.enforcement == "deny" else "none"
            words = f"{old.view.version} no longer applies; it did at {old.enforcement}"
            yield Change(kind="removed", effect=effect, policy=name, subject="applied", words=words, before=old.site)
        elif old is not None and new is not None:
            yield from _application(name, old, new)


def _application(name: str, old: Applied, new: Applied) -> Iterator[Change]:
    if old.enforcement != new.enforcement:
        effect = toward(_WEIGHT[new.enforcement] - _WEIGHT[old.enforcement])
        yield _applied(name, "enforcement", effect, f"{old.enforcement} → {new.enforcement}", old, new)
    if old.view.version != new.view.version:
        yield _applied(name, "version", "none", f"{old.view.version} → {new.view.version}", old, new)
    decides = "deny" in (old.enforcement, new.enforcement)
    for change in (*_values(old, new), *_texts(old, new)):
        yield change if decides else replace(change, effect="none")


def _applied(name: str, subject: str, effect: Effect, words: str, old: Applied, new: Applied) -> Change:
    return Change(
        kind="changed",
        effect=effect,
        policy=name,
        subject=subject,
        words=words,
        before=old.site,
        after=new.site,
    )


def _values(old: Applied, new: Applied) -> Iterator[Change]:
    was, now = old.view.settings or {}, new.view.settings or {}
    for name in was:
        if name not in now or was[name].value == now[name].value:
            continue
        words = f"{_told(was[name].value)} → {_told(now[name].value)} in force"
        yield Change(
            kind="changed",
            effect=effect_of(old.view, new.view, name, was[name].value, now[name].value),
            policy=new.view.name,
            subject=f"params.{name}",
            words=words,
            before=old.values[name],
            after=new.values[name],
        )


def _told(value: object) -> str:
    return value if isinstance(value, str) else shown(value)


_OF_THE_FILE = ("params.", "variables.")


def _texts(old: Applied, new: Applied) -> Iterator[Change]:
    """What differs in the texts, weighed with the values in force."""
    if old.view.document.digest == new.view.document.digest:
        return
    for change in changes(old.view, new.view):
        if not change.subject.startswith(_OF_THE_FILE) and change.effect != "none":
            yield change


def not_told(found: Iterable[Change], told: Iterable[Change]) -> tuple[Change, ...]:
    """Changes under environments without those that the comparison of the policies' texts told in the same words."""
    known = {(one.policy, one.subject, one.words, one.effect, one.before, one.after) for one in told}
    return tuple(
        one for one in found if (one.policy, one.subject, one.words, one.effect, one.before, one.after) not in known
    )
