"""Mutants that nothing could tell from the original, as far as that can be proved.

Proved is: the condition came out as the same text; or it differs in one limit alone, that limit stands against a whole
number of the evidence, and the same whole numbers fit both. What is not proved counts, and has to be noticed.
"""

from __future__ import annotations

from math import ceil, floor

from msgspec.structs import replace

from gatekeeper.cases.facts import type_at
from gatekeeper.judge.prepared import ReadyRule
from gatekeeper.model.policy import Policy
from gatekeeper.policy.condition import Condition, Term

_BELOW_ZERO = frozenset({"exit_status"})
"""Whole numbers among the facts that may be negative; all others are counts."""


def same_condition(original: ReadyRule, changed: ReadyRule, policy: Policy) -> str:
    """Why no input can tell the two apart; empty where that is not proved."""
    if (original.rule.optional, _when(original)) != (changed.rule.optional, _when(changed)):
        return ""
    if _texts(original.condition) == _texts(changed.condition):
        return "it comes to the same condition"
    pair = _only_difference(original.condition, changed.condition)
    if pair is not None and _is_whole(pair[0], policy) and _fitting(pair[0]) == _fitting(pair[1]):
        return "the same whole numbers fit"
    return ""


def _when(rule: ReadyRule) -> str | None:
    return None if rule.when is None else rule.when.checked.source


def _texts(condition: Condition) -> tuple[str, str | None]:
    return condition.pass_if, condition.fail_if


def _only_difference(one: Condition, other: Condition) -> tuple[Term, Term] | None:
    """The one term that differs, where everything else is the same text."""
    if len(one.terms) != len(other.terms):
        return None
    pairs = [pair for pair in zip(one.terms, other.terms, strict=True) if pair[0] != pair[1]]
    if len(pairs) != 1:
        return None
    before, after = pairs[0]
    if replace(after, comparator=before.comparator, limit=before.limit) != before:
        return None
    swapped = one.pass_if.replace(before.holds(), after.holds())
    fails = one.fail_if
    if fails is not None:
        falls = after.falls() if after.comparator == before.comparator else f"!({after.holds()})"
        fails = fails.replace(before.falls(), falls)
    return pairs[0] if (swapped, fails) == _texts(other) else None


def _is_whole(term: Term, policy: Policy) -> bool:
    """Whether the fact is a whole number by its kind, and the limit a number."""
    if term.form != "number" or isinstance(term.limit, str) or term.observed[0] != "evidence":
        return False
    kind = policy.spec.evidence[str(term.observed[1])].kind
    return type_at(kind, term.observed[2:]) is int


def _fitting(term: Term) -> tuple[float, ...]:
    """The smallest and largest whole number that fits, of those that the fact can be, and the one left out; or none."""
    limit = float(term.limit)
    least = float("-inf") if term.observed[-1] in _BELOW_ZERO else 0.0
    can_be = limit.is_integer() and limit >= least
    if term.comparator == "!=":
        return (least, float("inf"), limit) if can_be else (least, float("inf"))
    low = {">=": ceil(limit), ">": floor(limit) + 1, "==": limit}.get(term.comparator, least)
    high = {"<=": floor(limit), "<": ceil(limit) - 1, "==": limit}.get(term.comparator, float("inf"))
    fits = max(low, least) <= high and (term.comparator != "==" or can_be)
    return (max(low, least), high) if fits else ()
