"""`rollout`: a roll-out in the cluster that has come to its end, with the artifact's own image in every pod."""

from __future__ import annotations

from msgspec import UNSET

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.policy import RolloutRule
from gatekeeper.policy.celtext import Path
from gatekeeper.policy.condition import Condition, Term, from_terms, term_if_given

KIND = "rollout"


def compile_rule(rule: RolloutRule, evidence: str) -> Condition:
    """Complete, unless that is not asked; never one that its controller has given up; and each given limit.

    `container` narrows `same_digest` and `max_restarts` to one container. What only pods tell is missing without them.
    """
    if rule.container is not UNSET and not rule.same_digest and rule.max_restarts is UNSET:
        raise InvalidRequestError("`container` narrows `same_digest` and `max_restarts`, and here is neither")
    base: Path = ("evidence", evidence)
    whole = base if rule.container is UNSET else (*base, "containers", rule.container)
    terms = (
        *([_same((*base, "complete"), "true", "complete")] if rule.complete else []),
        _same((*base, "failed"), "false", "failed"),
        *term_if_given((*base, "available"), ">=", rule.min_available, "available replicas"),
        *([_digest(rule, base, whole)] if rule.same_digest else []),
        *term_if_given((*whole, "restarts"), "<=", rule.max_restarts, "restarts"),
    )
    return from_terms(terms, evidence)


def _same(path: Path, limit: str, label: str) -> Term:
    return Term(observed=path, comparator="==", limit=limit, label=label, form="same")


def _digest(rule: RolloutRule, base: Path, whole: Path) -> Term:
    """The named container, or any one of them, runs the artifact's digest and no other in all pods."""
    if rule.container is not UNSET:
        label = f"container {rule.container}"
        return Term(observed=(*whole, "digests"), comparator="==", limit="artifact.digest", label=label, form="only")
    containers = (*base, "containers")
    return Term(
        observed=containers,
        comparator="==",
        limit="artifact.digest",
        label="container",
        form="some",
        field="digests",
    )
