"""What the forms of a comparison say alike."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from gatekeeper.model.compared import EFFECTS, Change, Compared, Flip

HEADINGS = {
    "looser": "Looser: something may pass that did not",
    "unclear": "Changed, and cannot be ordered: read it",
    "stricter": "Stricter",
    "none": "Without effect on what passes",
}


def counts(compared: Compared) -> dict[str, int]:
    """How many differences of each effect."""
    return {effect: sum(one.effect == effect for one in compared.changes) for effect in EFFECTS}


def summary(compared: Compared) -> str:
    """`1 looser, 2 stricter`, or that nothing differs."""
    words = {"unclear": "cannot be ordered", "none": "without effect"}
    told = ", ".join(f"{count} {words.get(effect, effect)}" for effect, count in counts(compared).items() if count)
    tests = compared.tests
    cases = f"; {len(tests.flipped)} of {tests.judged} cases come out otherwise" if tests.judged else ""
    return (told or "no difference in what is asked") + cases


def grouped(changes: Iterable[Change]) -> list[tuple[Change, tuple[str, ...]]]:
    """Changes that differ in their artifact alone, once, with the names of those artifacts."""
    groups: dict[bytes, tuple[Change, list[str]]] = {}
    for change in changes:
        key = msgspec.json.encode(msgspec.structs.replace(change, artifact=None))
        groups.setdefault(key, (change, []))[1].append(change.artifact or "")
    return [(change, tuple(filter(None, names))) for change, names in groups.values()]


def heading(change: Change, artifacts: tuple[str, ...]) -> tuple[str, ...]:
    """`production/churn`, `model-quality`, `accuracy`, as far as each is said."""
    if len(artifacts) > 1:
        more = f" and {len(artifacts) - 3} more" if len(artifacts) > 3 else ""
        where = f"{change.environment} ({len(artifacts)} artifacts: {', '.join(artifacts[:3])}{more})"
    else:
        where = "/".join(filter(None, [change.environment, *artifacts]))
    what = [change.policy, change.subject]
    return tuple(filter(None, [where, *what] if change.subject != where else [where]))


def places(change: Change) -> str:
    """`a.yaml:12 → b.yaml:14`; of what came or went, the one place it has."""
    if change.before is None or change.after is None:
        sign = "+" if change.before is None else "-"
        return f"{sign} {change.after or change.before}" if change.after or change.before else ""
    return f"{change.before} → {change.after}"


def verdicts(flip: Flip) -> str:
    """`denied → allowed`, or the verdict that both have."""
    return f"{flip.before} → {flip.after}" if flip.before != flip.after else f"{flip.after} as before"


def results(flip: Flip) -> str:
    """`accuracy fail → pass`, for each that differs."""
    parts = (f"{key} {was or 'not there'} → {now or 'not there'}" for key, (was, now) in flip.results.items())
    return ", ".join(parts)
