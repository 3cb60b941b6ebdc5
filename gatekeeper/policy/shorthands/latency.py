"""`latency`: a load test's percentiles, with the error rate and volume that make them mean something."""

from __future__ import annotations

from msgspec import UNSET

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.policy import LatencyRule
from gatekeeper.model.scalars import Limit
from gatekeeper.policy.celtext import Path, seconds
from gatekeeper.policy.condition import Condition, Term, from_terms

KIND = "load"


def compile_rule(rule: LatencyRule, evidence: str) -> Condition:
    """Each given limit; with `endpoint`, all but rate and duration are that endpoint's."""
    whole: Path = ("evidence", evidence)
    part = whole if rule.endpoint is UNSET else (*whole, "endpoints", rule.endpoint)
    terms = (
        *_term((*part, "latency_ms", "p50"), "<=", rule.p50_ms, "p50 latency in ms"),
        *_term((*part, "latency_ms", "p95"), "<=", rule.p95_ms, "p95 latency in ms"),
        *_term((*part, "latency_ms", "p99"), "<=", rule.p99_ms, "p99 latency in ms"),
        *_term((*part, "error_rate"), "<=", rule.max_error_rate, "error rate"),
        *_term((*part, "requests"), ">=", rule.min_requests, "requests"),
        *_term((*whole, "requests_per_second"), ">=", rule.min_rps, "requests per second"),
        *_term((*whole, "duration_seconds"), ">=", _seconds(rule), "duration in seconds"),
    )
    if not terms:
        raise InvalidRequestError("`latency` needs at least one limit")
    return from_terms(terms, evidence)


def _term(path: Path, comparator: str, limit: Limit | object, label: str) -> tuple[Term, ...]:
    if not isinstance(limit, int | float | str):
        return ()
    return (Term(observed=path, comparator=comparator, limit=limit, label=label),)


def _seconds(rule: LatencyRule) -> object:
    return seconds(rule.min_duration) if isinstance(rule.min_duration, str) else UNSET
