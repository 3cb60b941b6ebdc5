"""`fairness`: a gap or ratio between groups, for the definitions that group counts can give."""

from __future__ import annotations

from msgspec import UNSET

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.policy import FairnessRule
from gatekeeper.policy.celtext import Path, limit_text, path_text
from gatekeeper.policy.condition import Condition, Term, all_of, any_of

KIND = "fairness"

RATES = {
    "demographic_parity_difference": ("selection_rate",),
    "demographic_parity_ratio": ("selection_rate",),
    "equal_opportunity_difference": ("true_positive_rate",),
    "equalized_odds_difference": ("true_positive_rate", "false_positive_rate"),
    "predictive_parity_difference": ("precision",),
}
"""The group rates that each definition compares."""


def compile_rule(rule: FairnessRule, evidence: str) -> Condition:
    """Small groups make it inconclusive; one group alone, or a model that selects nobody, fails it."""
    base = _base(rule, evidence)
    term = _term(rule, base)
    comparable = [_number(base, "group_count", ">= 2.0"), *_selects(rule, base, holds=True)]
    incomparable = [_number(base, "group_count", "< 2.0"), *_selects(rule, base, holds=False)]
    enough = f"double({path_text((*base, 'smallest_n'))}) >= {limit_text(rule.min_group_n)}"
    good, bad = (term.holds(), term.falls()) if rule.reference is UNSET else _against_reference(rule, base)
    gap = path_text(term.observed)
    exceeds = f"({enough} && {bad})" if rule.reference is not UNSET else f"({enough} && has({gap}) && {bad})"
    return Condition(
        pass_if=all_of(*comparable, enough, good),
        fail_if=any_of(*incomparable, exceeds),
        terms=(term,) if rule.reference is UNSET else (),
        evidence=evidence,
    )


def _base(rule: FairnessRule, evidence: str) -> Path:
    within = ("only",) if rule.by is UNSET else ("attributes", rule.by)
    return ("evidence", evidence, *within)


def _term(rule: FairnessRule, base: Path) -> Term:
    is_ratio = rule.definition.endswith("_ratio")
    limit = rule.min if is_ratio else rule.max
    other = rule.max if is_ratio else rule.min
    wanted = "min" if is_ratio else "max"
    if limit is UNSET or other is not UNSET:
        raise InvalidRequestError(f"{rule.definition} takes `{wanted}`, and only that")
    return Term(
        observed=(*base, "gaps", rule.definition),
        comparator=">=" if is_ratio else "<=",
        limit=limit,
        label=f"{rule.definition} by {rule.by}" if rule.by is not UNSET else rule.definition,
    )


def _number(base: Path, field: str, condition: str) -> str:
    return f"double({path_text((*base, field))}) {condition}"


def _selects(rule: FairnessRule, base: Path, *, holds: bool) -> list[str]:
    highest = path_text((*base, "highest_selection_rate"))
    somebody = f"{highest} > 0.0" if holds else f"has({highest}) && {highest} <= 0.0"
    if "selection_rate" not in RATES[rule.definition]:
        somebody = f"(!has({highest}) || {highest} > 0.0)" if holds else somebody
    if rule.selection_floor is UNSET:
        return [somebody if holds else f"({somebody})"]
    lowest, floor = path_text((*base, "lowest_selection_rate")), limit_text(rule.selection_floor)
    above = f"{lowest} >= {floor}" if holds else f"(has({lowest}) && {lowest} < {floor})"
    return [somebody if holds else f"({somebody})", above]


def _against_reference(rule: FairnessRule, base: Path) -> tuple[str, str]:
    """Every group against the named one; the absolute difference, or the smaller over the larger rate."""
    groups, limit = path_text((*base, "groups")), limit_text(_term(rule, base).limit)
    reference = str(rule.reference)
    near = [
        _near(rule, groups, path_text((*base, "groups", reference, rate)), rate, limit)
        for rate in RATES[rule.definition]
    ]
    good = f"{groups}.all(g, {all_of(*near)})"
    return good, f"!({good})"


def _near(rule: FairnessRule, groups: str, reference: str, rate: str, limit: str) -> str:
    mine = f"{groups}[g].{rate}"
    if rule.definition.endswith("_ratio"):
        return f"{mine} >= {limit} * {reference} && {reference} >= {limit} * {mine}"
    return f"{mine} - {reference} <= {limit} && {reference} - {mine} <= {limit}"
