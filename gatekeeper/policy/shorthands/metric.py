"""`metric`: one metric against `min`, `max` or `equals`."""

from __future__ import annotations

from msgspec import UNSET

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.policy import MetricRule
from gatekeeper.policy.celtext import limit_text, path_text
from gatekeeper.policy.condition import Condition, Term, all_of, any_of, from_terms

KIND = "metrics"


def compile_rule(rule: MetricRule, evidence: str) -> Condition:
    """The estimate against the limits; with `min_n`, a smaller sample is inconclusive. Refuses a contradiction."""
    terms = _terms(rule, evidence)
    if not terms:
        raise InvalidRequestError("metric needs `min`, `max` or `equals`")
    if rule.min_n is UNSET:
        return from_terms(terms, evidence)
    enough = f"double({_path_of_n(rule, evidence)}) >= {limit_text(rule.min_n)}"
    return Condition(
        pass_if=all_of(enough, *(term.holds() for term in terms)),
        fail_if=f"{enough} && ({any_of(*(term.falls() for term in terms))})",
        terms=terms,
        evidence=evidence,
    )


def _terms(rule: MetricRule, evidence: str) -> tuple[Term, ...]:
    _check_direction(rule)
    base = ("evidence", evidence)
    limits = ((">=", rule.min), ("<=", rule.max), ("==", rule.equals))
    return tuple(
        Term(
            observed=(*base, "values", rule.name),
            comparator=comparator,
            limit=limit,
            label=rule.name,
            n=(*base, "n", rule.name),
        )
        for comparator, limit in limits
        if limit is not UNSET
    )


def _check_direction(rule: MetricRule) -> None:
    against = {"higher": rule.max, "lower": rule.min}
    if rule.better is not UNSET and against[rule.better] is not UNSET:
        key = "max" if rule.better == "higher" else "min"
        raise InvalidRequestError(f"`better: {rule.better}` contradicts `{key}`", f"Drop `better`: `{key}` fixes it.")


def _path_of_n(rule: MetricRule, evidence: str) -> str:
    return path_text(("evidence", evidence, "n", rule.name))
