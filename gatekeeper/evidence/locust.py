"""Locust's results: the list that `--json` and `--json-file` write, and `_stats.csv` of versions 1 and 2.

Source: `locust/stats.py` of github.com/locustio/locust.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import UNSET, Struct

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence import locust_csv
from gatekeeper.evidence.fields import instant, mapping, plain, real, sequence, text, whole
from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.facts import Endpoint, Latency, Load

NAME = "locust"
KIND = "load"

MAX_ENDPOINTS = 5000

_ENTRY = frozenset(("name", "method", "num_requests", "num_failures", "response_times"))
_BUCKET = re.compile(r"\d{1,15}(\.\d{1,15})?", re.ASCII)


class _Entry(Struct):
    """One endpoint's numbers, or those of several added up."""

    requests: int = 0
    failures: int = 0
    untimed: int = 0
    total_ms: float = 0.0
    buckets: dict[float, int] = {}
    extremes: list[float] = []

    def add(self, other: _Entry) -> None:
        self.requests += other.requests
        self.failures += other.failures
        self.untimed += other.untimed
        self.total_ms += other.total_ms
        self.extremes += other.extremes
        for bucket, count in other.buckets.items():
            self.buckets[bucket] = self.buckets.get(bucket, 0) + count


def claims(report: Opened) -> bool:
    """Lists of Locust's endpoint objects, and tables with the header of any of Locust's CSV files."""
    if report.form == "text":
        return locust_csv.claims(report.text)
    document = report.json
    return (
        isinstance(document, list)
        and bool(document)
        and all(isinstance(entry, dict) and entry.keys() >= _ENTRY for entry in document)
    )


def read(report: Opened) -> Reading:
    """Requests, failures and latency, as a whole and by endpoint (`METHOD name`).

    From JSON, percentiles are nearest-rank over the response times of all endpoints, as Locust rounded them (1 ms
    below 100 ms, 10 ms below 1 s, 100 ms above); from CSV, they are those of its own `Aggregated` row. Raises
    NotEvaluatedError where no request was made; EvidenceError where the numbers do not add up.
    """
    if report.form == "text":
        return locust_csv.read(report.text)
    entries = sequence(report.json, "the report")
    whole_test = _Entry()
    endpoints: dict[str, _Entry] = {}
    for index, item in enumerate(entries):
        entry = _entry(mapping(item, f"[{index}]"), f"[{index}]")
        whole_test.add(entry)
        endpoints[_endpoint_name(item, endpoints)] = entry
    if not whole_test.requests:
        raise NotEvaluatedError("no request was made")
    return _reading(entries, whole_test, endpoints)


def _endpoint_name(item: dict[str, Any], taken: dict[str, Any]) -> str:
    name = plain(f"{text(item.get('method'), 'method')} {text(item.get('name'), 'name')}".strip())
    if name in taken:
        raise EvidenceError("an endpoint is listed twice")
    if len(taken) >= MAX_ENDPOINTS:
        raise EvidenceError(f"there are more than {MAX_ENDPOINTS} endpoints", "Group URLs with Locust's `name=`.")
    return name


def _entry(item: dict[str, Any], place: str) -> _Entry:
    entry = _Entry(
        requests=whole(item.get("num_requests"), f"{place}.num_requests"),
        failures=whole(item.get("num_failures"), f"{place}.num_failures"),
        untimed=whole(item.get("num_none_requests", 0), f"{place}.num_none_requests"),
        total_ms=real(item.get("total_response_time", 0), f"{place}.total_response_time"),
        buckets=_buckets(mapping(item.get("response_times"), f"{place}.response_times"), place),
        extremes=_extremes(item, place),
    )
    if entry.failures > entry.requests:
        raise EvidenceError(f"{place} has more failures than requests")
    if sum(entry.buckets.values()) != entry.requests - entry.untimed:
        raise EvidenceError(f"{place}: response_times does not hold as many requests as num_requests")
    return entry


def _buckets(times: dict[str, Any], place: str) -> dict[float, int]:
    buckets: dict[float, int] = {}
    for key, count in times.items():
        if not _BUCKET.fullmatch(key):
            raise EvidenceError(f"{place}.response_times has a key that is no response time")
        buckets[float(key)] = buckets.get(float(key), 0) + whole(count, f"{place}.response_times")
    return buckets


def _extremes(item: dict[str, Any], place: str) -> list[float]:
    values = [item.get(key) for key in ("min_response_time", "max_response_time")]
    return [real(value, f"{place}.min_response_time or max_response_time") for value in values if value is not None]


def _reading(items: list[dict[str, Any]], whole_test: _Entry, endpoints: dict[str, _Entry]) -> Reading:
    starts = [real(item["start_time"], "start_time") for item in items if item.get("start_time")]
    ends = [real(item[key], key) for item in items if item.get(key := "last_request_timestamp")]
    seconds = max(ends) - min(starts) if starts and ends else 0.0
    return Reading(
        facts=Load(
            requests=whole_test.requests,
            failures=whole_test.failures,
            error_rate=whole_test.failures / whole_test.requests,
            latency_ms=_latency(whole_test),
            requests_per_second=whole_test.requests / seconds if seconds > 0 else UNSET,
            duration_seconds=seconds if seconds > 0 else UNSET,
            endpoints={name: _endpoint(entry) for name, entry in sorted(endpoints.items())},
        ),
        produced_at=instant(max(ends)) if ends else None,
        counts={"requests": whole_test.requests, "failures": whole_test.failures, "endpoints": len(endpoints)},
    )


def _endpoint(entry: _Entry) -> Endpoint:
    return Endpoint(
        requests=entry.requests,
        failures=entry.failures,
        error_rate=entry.failures / entry.requests if entry.requests else UNSET,
        latency_ms=_latency(entry),
    )


def _latency(entry: _Entry) -> Latency:
    timed = entry.requests - entry.untimed
    if not timed:
        return Latency()
    return Latency(
        mean=entry.total_ms / timed,
        min=min(entry.extremes) if entry.extremes else UNSET,
        max=max(entry.extremes) if entry.extremes else UNSET,
        **{f"p{percent}": _percentile(entry.buckets, timed, percent) for percent in (50, 90, 95, 99)},
    )


def _percentile(buckets: dict[float, int], total: int, percent: int) -> float:
    """The smallest response time at or below which at least `percent` of the requests lie."""
    rank = -(-total * percent // 100)
    seen = 0
    for bucket in sorted(buckets):
        seen += buckets[bucket]
        if seen >= rank:
            return bucket
    raise AssertionError("the buckets hold all the requests")
