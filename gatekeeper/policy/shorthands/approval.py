"""`approval`: so many different people have said yes, at this level or a higher one."""

from __future__ import annotations

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.policy import ApprovalRule
from gatekeeper.policy.condition import Condition, Term, from_terms

KIND = "approval"

LEVELS = ("asserted", "reviewed", "signed")


def compile_rule(rule: ApprovalRule, evidence: str) -> Condition:
    """At least `count` people of `from`, or of all, whose approval is of `level`. One person counts once.

    Raises InvalidRequestError for a count that always holds, is no whole number, or that `from` cannot reach.
    """
    count = rule.count
    if not isinstance(count, str):
        if count < 1 or count != int(count):
            raise InvalidRequestError(f"`count` is {count}, and people come as a whole number, one at least")
        if rule.from_ and count > len(set(rule.from_)):
            raise InvalidRequestError(
                f"`count` is {count}, and `from` names {len(set(rule.from_))}", "Name more people."
            )
    term = Term(
        observed=("evidence", evidence, "approvals"),
        comparator=">=",
        limit=count,
        label="approvals",
        form="chosen",
        field="level",
        chosen=LEVELS[LEVELS.index(rule.level) :],
        keys=tuple(dict.fromkeys(rule.from_)),
    )
    return from_terms((term,), evidence)
