"""`data`: checks of a data set that really ran, with few enough failures."""

from __future__ import annotations

from msgspec import UNSET

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.policy import DataRule
from gatekeeper.policy.condition import Condition, Term, from_terms

KIND = "data"


def compile_rule(rule: DataRule, evidence: str) -> Condition:
    """None may fail where neither limit is given. A `must_pass` check that did not run is missing.

    Refuses a literal `min_checks` below 1: a data set of which nothing was checked is never clean.
    """
    if not isinstance(rule.min_checks, str) and rule.min_checks < 1:
        raise InvalidRequestError("`min_checks` is 1 at least", "Drop it, or say how many checks must have run.")
    strict = rule.max_failed is UNSET and rule.max_failed_share is UNSET
    limits = (
        ("failed", "<=", 0 if strict else rule.max_failed, "failed checks"),
        ("failed_share", "<=", rule.max_failed_share, "share of failed checks"),
        ("total", ">=", rule.min_checks, "checks that ran"),
    )
    terms = tuple(
        Term(observed=("evidence", evidence, field), comparator=comparator, limit=limit, label=label)
        for field, comparator, limit, label in limits
        if limit is not UNSET
    )
    return from_terms((*terms, *(_passed(name, evidence) for name in rule.must_pass)), evidence)


def _passed(name: str, evidence: str) -> Term:
    path = ("evidence", evidence, "checks", name, "passed")
    return Term(observed=path, comparator="==", limit="true", label=f"check {name}: passed", form="same")
