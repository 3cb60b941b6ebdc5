"""Two sets of policies: which belong together, and what differs between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gatekeeper.comparison.parameters import parameter_changes
from gatekeeper.comparison.requirements import requirement_changes
from gatekeeper.comparison.rules import rule_changes
from gatekeeper.comparison.view import View, view_of
from gatekeeper.model.compared import Change
from gatekeeper.policy.documents import Document
from gatekeeper.policy.versions import version_key

Pair = tuple[View, View]


def paired(before: Sequence[Document], after: Sequence[Document]) -> Iterator[tuple[Document | None, Document | None]]:
    """Versions of one name that belong together: the same on both sides, else a new one with what it follows.

    A version that a newer one follows and that stays is a pair of its own. What is alone is paired with None.
    """
    names = dict.fromkeys(document.policy.metadata.name for document in (*before, *after))
    for name in names:
        old, new = (
            {one.policy.metadata.version: one for one in side if one.policy.metadata.name == name}
            for side in (before, after)
        )
        followed = set()
        for version, document in new.items():
            base = version if version in old else _before(version, list(old))
            followed.add(base)
            yield (None if base is None else old[base]), document
        for version, document in old.items():
            if version not in followed and version not in new:
                yield document, None


def _before(version: str, known: list[str]) -> str | None:
    """The highest version below, else the lowest there is."""
    lower = [one for one in known if version_key(one) < version_key(version)]
    return max(lower, key=version_key) if lower else min(known, key=version_key, default=None)


def policy_changes(before: Document | None, after: Document | None) -> Iterator[Change]:
    """Every difference between two versions of a policy. Raises InvalidFileError where one of them is not sound."""
    if before is not None and after is not None:
        if before.digest != after.digest:
            yield from changes(view_of(before), view_of(after))
        return
    for document, kind in ((before, "removed"), (after, "added")):
        if document is not None:
            view = view_of(document)
            yield Change(
                kind="removed" if kind == "removed" else "added",
                effect="looser" if kind == "removed" else "none",
                policy=view.name,
                subject=view.version,
                words="no longer there" if kind == "removed" else "counts where an environment applies it",
                before=view.site("metadata", "name") if kind == "removed" else None,
                after=view.site("metadata", "name") if kind == "added" else None,
            )


def changes(before: View, after: View) -> Iterator[Change]:
    """Every difference between two policies that were taken apart."""
    yield from _head(before, after)
    yield from requirement_changes(before, after)
    yield from parameter_changes(before, after)
    yield from rule_changes(before, after)
    yield from _variables(before, after)


def _head(before: View, after: View) -> Iterator[Change]:
    old, new = before.policy.metadata, after.policy.metadata
    for key in ("name", "version", "title", "owners", "references", "labels"):
        was, now = getattr(old, key), getattr(new, key)
        if was == now:
            continue
        words = f"{was} → {now}" if key in ("name", "version") else "reworded"
        sites = {"before": before.site("metadata", key), "after": after.site("metadata", key)}
        effect = "unclear" if key == "name" else "none"
        yield Change(kind="changed", effect=effect, policy=after.name, subject=key, words=words, **sites)  # type: ignore[arg-type]


def _variables(before: View, after: View) -> Iterator[Change]:
    """A variable does nothing by itself: what reads it is compared with its text in place."""
    for name in dict.fromkeys((*before.variables, *after.variables)):
        was, now = before.variables.get(name), after.variables.get(name)
        if was == now:
            continue
        yield Change(
            kind="added" if was is None else "removed" if now is None else "changed",
            effect="none",
            policy=after.name,
            subject=f"variables.{name}",
            words=f"{was or 'none'} → {now or 'none'}; told above where a rule reads it",
            before=None if was is None else before.site("spec", "variables", name),
            after=None if now is None else after.site("spec", "variables", name),
        )
