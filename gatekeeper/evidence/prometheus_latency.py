"""Latencies from a histogram's quantiles, each held against the buckets that it was computed from."""

from __future__ import annotations

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.prometheus_answers import Answer, check_time, number, one
from gatekeeper.evidence.prometheus_asked import BUCKETS, QUANTILES, Asked
from gatekeeper.model.facts import Latency

_ROUNDING = 1e-6


def latency(asked: Asked, opened: dict[str, Answer]) -> Latency:
    """The quantiles in milliseconds.

    Raises NotEvaluatedError where there was no observation, or a quantile lies beyond the last finite bucket, where
    Prometheus answers that bucket's bound; EvidenceError where quantile and buckets contradict each other.
    """
    buckets = _buckets(opened[BUCKETS], asked.time)
    scale = 1000 if asked.unit == "seconds" else 1
    found = {}
    for name in asked.quantiles:
        value = one(opened[f"latency/{name}"], f"latency/{name}", asked.time)
        _check(value, buckets, float(QUANTILES[name]), f"latency/{name}")
        found[name] = value * scale
    return Latency(**found)


def _buckets(answer: Answer, time: int) -> list[tuple[float, float]]:
    """Upper bounds with the observations up to them; the last is infinity."""
    if answer.form != "vector":
        raise EvidenceError(f"the answer to {BUCKETS} is no vector")
    if not answer.lines:
        raise NotEvaluatedError(f"the answer to {BUCKETS} is empty: there is no such histogram, or no sample of it")
    for line in answer.lines:
        check_time(line.samples[0], BUCKETS, time)
    buckets = sorted((_bound(line.labels.get("le")), number(line.samples[0], BUCKETS)) for line in answer.lines)
    bounds = [bound for bound, _ in buckets]
    if len(set(bounds)) < len(bounds) or bounds[-1] != float("inf") or len(bounds) < 2:
        raise EvidenceError(f"the answer to {BUCKETS} is not the buckets of one histogram")
    if buckets[-1][1] <= 0:
        raise NotEvaluatedError("nothing was observed in the histogram's window")
    return buckets


def _bound(text: str | None) -> float:
    try:
        bound = float(text or "")
    except ValueError as fault:
        raise EvidenceError(f"the answer to {BUCKETS}: a bucket has no bound") from fault
    if bound != bound:
        raise EvidenceError(f"the answer to {BUCKETS}: a bucket has no bound")
    return bound


def _check(value: float, buckets: list[tuple[float, float]], quantile: float, name: str) -> None:
    rank = quantile * buckets[-1][1]
    at = next((index for index, (_, count) in enumerate(buckets) if count >= rank), len(buckets) - 1)
    if at == len(buckets) - 1:
        raise NotEvaluatedError(
            f"the answer to {name} lies beyond the last finite bucket, which hides how far", "Add buckets above it."
        )
    low, high = (min(0.0, buckets[0][0]) if at == 0 else buckets[at - 1][0]), buckets[at][0]
    room = _ROUNDING * max(abs(low), abs(high))
    if value < 0 or not low - room <= value <= high + room:
        raise EvidenceError(f"the answer to {name} does not lie in the bucket that holds it")
