"""`latency`: a load test's percentiles, with the error rate and volume that make them mean something."""

from __future__ import annotations

from msgspec import UNSET

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.policy import LatencyRule
from gatekeeper.policy.celtext import Path, seconds
from gatekeeper.policy.condition import Condition, from_terms, term_if_given

KIND = "load"


def compile_rule(rule: LatencyRule, evidence: str) -> Condition:
    """Each given limit; with `endpoint`, all but rate and duration are that endpoint's."""
    whole: Path = ("evidence", evidence)
    part = whole if rule.endpoint is UNSET else (*whole, "endpoints", rule.endpoint)
    terms = (
        *term_if_given((*part, "latency_ms", "p50"), "<=", rule.p50_ms, "p50 latency in ms"),
        *term_if_given((*part, "latency_ms", "p95"), "<=", rule.p95_ms, "p95 latency in ms"),
        *term_if_given((*part, "latency_ms", "p99"), "<=", rule.p99_ms, "p99 latency in ms"),
        *term_if_given((*part, "error_rate"), "<=", rule.max_error_rate, "error rate"),
        *term_if_given((*part, "requests"), ">=", rule.min_requests, "requests"),
        *term_if_given((*whole, "requests_per_second"), ">=", rule.min_rps, "requests per second"),
        *term_if_given((*whole, "duration_seconds"), ">=", _seconds(rule), "duration in seconds"),
    )
    if not terms:
        raise InvalidRequestError("`latency` needs at least one limit")
    return from_terms(terms, evidence)


def _seconds(rule: LatencyRule) -> object:
    return seconds(rule.min_duration) if isinstance(rule.min_duration, str) else UNSET
