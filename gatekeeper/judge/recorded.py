"""Facts that a record kept, judged again: what was not kept of them is missing, whatever a condition makes of absence.

Neither `has()` nor `optional` excuses it: it was there, and only what it said is not known any more. A map of which a
part was not kept is missing as a whole, and so is what holds it: over what is left, "all" would be true of less.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from msgspec import UNSET

from gatekeeper.judge.prepared import Expression, ReadyRule
from gatekeeper.judge.supply import Supplied
from gatekeeper.policy.celtext import Path, path_text

Unkept = tuple[Literal["missing", "inconclusive", "fail"], str]


def unkept(expression: Expression, supplied: Mapping[str, Supplied]) -> Path | None:
    """The first path that the expression asks for and that is not, or not wholly, kept."""
    for path in (*expression.reads, *expression.guarded):
        # `has(evidence.x)` reads `evidence`, and no more of it than x.
        if path[0] != "evidence" or (len(path) == 1 and not expression.everything):
            continue
        for name, masked in _masked(supplied):
            whole = ("evidence", name, *masked)
            if all(one == other for one, other in zip(path, whole, strict=False)):
                return path
    return None


def _masked(supplied: Mapping[str, Supplied]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, one in supplied.items():
        for path in one.masked:
            yield name, path


def judged_unkept(rule: ReadyRule, expression: Expression, supplied: Mapping[str, Supplied]) -> Unkept | None:
    """The outcome where the expression asks for what was not kept, and why; None where it does not."""
    path = unkept(expression, supplied)
    if path is None:
        return None
    small = None if expression is rule.when else _of_small_groups(rule, supplied)
    message = (
        f"{path_text(path)} is missing: not all of it was kept with the earlier decision; give this evidence again"
    )
    return small or ("missing", message)


def _of_small_groups(rule: ReadyRule, supplied: Mapping[str, Supplied]) -> Unkept | None:
    """A fairness rule on groups of which small ones were not kept says what it said when they were there.

    What fails whatever the sizes are still fails: one group alone, and a model that selects nobody.
    """
    one = supplied.get(rule.condition.evidence or "")
    fairness = rule.rule.fairness
    if fairness is UNSET or one is None or one.envelope is None:
        return None
    base = ("only",) if fairness.by is UNSET else ("attributes", fairness.by)
    if (*base, "smallest_n") not in one.masked:
        return None
    attribute: Any = one.envelope.facts
    for step in base:
        attribute = attribute.get(step, {})
    if attribute.get("group_count", 2) < 2:
        return "fail", "there is one group alone, so nothing was compared"
    if attribute.get("highest_selection_rate", 1) <= 0:
        return "fail", "nobody is selected"
    gap = ("gaps", fairness.definition)
    if fairness.reference is UNSET and gap[1] not in attribute.get("gaps", {}) and (*base, *gap) not in one.masked:
        return None  # there never was one
    return "inconclusive", "a group is too small to tell; its numbers were not kept with the earlier decision"
