"""`command`: a recorded exit status, for tools without a report."""

from __future__ import annotations

from msgspec import UNSET

from gatekeeper.model.policy import CommandRule
from gatekeeper.policy.celtext import seconds
from gatekeeper.policy.condition import Condition, Term, from_terms

KIND = "command"


def compile_rule(rule: CommandRule, evidence: str) -> Condition:
    """The exit status equals the wanted one, in at most `max_duration`."""
    base = ("evidence", evidence)
    terms = [
        Term(
            observed=(*base, "exit_status"),
            comparator="==",
            limit=rule.exit_status,
            label="exit status",
        )
    ]
    if rule.max_duration is not UNSET:
        limit = seconds(rule.max_duration)
        terms.append(
            Term(observed=(*base, "duration_seconds"), comparator="<=", limit=limit, label="duration in seconds")
        )
    return from_terms(tuple(terms), evidence)
