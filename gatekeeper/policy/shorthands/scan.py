"""`scan`: findings of a vulnerability scanner against limits by severity."""

from __future__ import annotations

from msgspec import UNSET

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.policy import ScanRule
from gatekeeper.policy.celtext import duration_text, path_text
from gatekeeper.policy.condition import Condition, Term, from_terms

KIND = "scan"


def compile_rule(rule: ScanRule, evidence: str) -> Condition:
    """Counts at most the limits; with `max_db_age`, made from a database younger than that."""
    part = "fixable" if rule.fixable_only else "counts"
    limits = {field: getattr(rule.max, field) for field in rule.max.__struct_fields__}
    terms = tuple(
        Term(
            observed=("evidence", evidence, part, severity),
            comparator="<=",
            limit=limit,
            label=f"{'fixable ' if rule.fixable_only else ''}{'findings' if severity == 'total' else severity}",
        )
        for severity, limit in limits.items()
        if limit is not UNSET
    )
    if not terms:
        raise InvalidRequestError("`scan.max` needs a limit for at least one severity")
    return from_terms(terms, evidence, *_fresh_database(rule, evidence))


def _fresh_database(rule: ScanRule, evidence: str) -> list[str]:
    if rule.max_db_age is UNSET:
        return []
    made = path_text(("evidence", evidence, "db_updated_at"))
    return [f"now - timestamp({made}) <= {duration_text(rule.max_db_age)}"]
