"""`lint`: a linter's findings against limits by level."""

from __future__ import annotations

from msgspec import UNSET

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.policy import LintRule
from gatekeeper.policy.condition import Condition, Term, from_terms

KIND = "lint"


def compile_rule(rule: LintRule, evidence: str) -> Condition:
    """Counts at most the limits."""
    limits = {field: getattr(rule.max, field) for field in rule.max.__struct_fields__}
    terms = tuple(
        Term(
            observed=("evidence", evidence, "counts", level),
            comparator="<=",
            limit=limit,
            label="findings" if level == "total" else f"{level}s",
        )
        for level, limit in limits.items()
        if limit is not UNSET
    )
    if not terms:
        raise InvalidRequestError("`lint.max` needs a limit for at least one level")
    return from_terms(terms, evidence)
