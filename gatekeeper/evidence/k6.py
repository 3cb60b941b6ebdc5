"""k6's end-of-test summaries, told apart by shape: `handleSummary` data, `--summary-export`, machine-readable 1.x.

Sources: `internal/js/summary.go`, `internal/js/summary-wrapper.js` and `internal/lib/summary/machinereadable` of
github.com/grafana/k6. The export turns the thresholds' booleans round: there, true says that the threshold was crossed.
"""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Struct

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import instant, mapping, real, sequence, text, version, whole
from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.facts import Latency, Load, Thresholds

NAME = "k6"
KIND = "load"

_BUILT_IN = ("http_req", "iterations", "iteration_duration", "vus", "data_sent", "data_received", "grpc_req", "ws_conn")
_ROUNDING = 1e-6
_TYPES = ("counter", "gauge", "rate", "trend")
_LATENCY = {
    "avg": "mean",
    "min": "min",
    "max": "max",
    "p(50)": "p50",
    "med": "p50",
    "p(90)": "p90",
    "p(95)": "p95",
    "p(99)": "p99",
    "p90": "p90",
    "p95": "p95",
}


class _Metric(Struct):
    """One metric's numbers, by k6's names, and whether each of its thresholds held."""

    numbers: dict[str, float]
    held: tuple[bool, ...] = ()

    def count(self, key: str, name: str) -> int:
        return whole(self.numbers.get(key), f"metrics.{name}: {key}")

    @property
    def is_empty(self) -> bool:
        # k6 writes zeros for a metric without samples, and does not evaluate its thresholds: they "hold".
        return not any(self.numbers.values())


class _Summary(Struct):
    """A summary in one shape, whichever it came in."""

    metrics: dict[str, _Metric]
    seconds: float | None = None
    checks: tuple[int, int] | None = None
    version: str | None = None
    produced_at: str | None = None


def claims(report: Opened) -> bool:
    """Objects whose `metrics` hold a name that k6 brings, custom ones too, and the machine-readable summary."""
    document = report.json
    if not isinstance(document, dict):
        return False
    metrics = document.get("metrics")
    return _is_machine_readable(document) or (
        isinstance(metrics, dict) and any(name.startswith(_BUILT_IN) for name in metrics)
    )


def _is_machine_readable(document: dict[str, Any]) -> bool:
    metadata = document.get("metadata")
    return isinstance(metadata, dict) and not metadata.keys().isdisjoint(("k6_version", "k6Version"))


def read(report: Opened) -> Reading:
    """Requests and failures over HTTP, and latency as far as the summary holds it.

    Raises NotEvaluatedError where no HTTP request was made or failures were not recorded; EvidenceError for summaries
    that a script made up, that mix two shapes, or whose numbers contradict each other.
    """
    document = mapping(report.json, "the report")
    return _reading(_machine_readable(document) if _is_machine_readable(document) else _classic(document))


def _classic(document: dict[str, Any]) -> _Summary:
    metrics = mapping(document.get("metrics"), "metrics")
    if not metrics:
        raise NotEvaluatedError("metrics is empty: nothing ran")
    entries = {name: entry for name, entry in metrics.items() if isinstance(entry, dict)}
    if len(entries) < len(metrics):
        raise EvidenceError("this is a summary of a script's own making, not k6's", "Write `data` as it is.")
    structured = [isinstance(entry.get("values"), dict) for entry in entries.values()]
    if any(structured) and not all(structured):
        raise EvidenceError("metrics mix the shapes of handleSummary and --summary-export")
    if all(structured):
        return _handle_summary(document, entries)
    if "state" in document or "options" in document:
        raise EvidenceError("metrics have the shape of --summary-export, the rest that of handleSummary")
    return _summary_export(entries)


def _handle_summary(document: dict[str, Any], entries: dict[str, dict[str, Any]]) -> _Summary:
    metrics = {}
    for name, entry in entries.items():
        if entry.get("type") not in _TYPES:
            raise EvidenceError("a metric has no type that k6 knows")
        thresholds = mapping(entry.get("thresholds") or {}, "thresholds")
        held = tuple(_flag(mapping(value, "a threshold").get("ok")) for value in thresholds.values())
        metrics[name] = _Metric(numbers=_numbers(entry["values"]), held=held)
    state = mapping(document.get("state") or {}, "state")
    milliseconds = state.get("testRunDurationMs")
    seconds = None if milliseconds is None else real(milliseconds, "state.testRunDurationMs") / 1000
    return _Summary(metrics=metrics, seconds=seconds, checks=_checks(metrics))


def _summary_export(entries: dict[str, dict[str, Any]]) -> _Summary:
    metrics = {}
    for name, entry in entries.items():
        numbers = {("rate" if key == "value" else key): value for key, value in entry.items() if key != "thresholds"}
        thresholds = mapping(entry.get("thresholds") or {}, "thresholds")
        held = tuple(not _flag(crossed) for crossed in thresholds.values())
        metrics[name] = _Metric(numbers=_numbers(numbers), held=held)
    return _Summary(metrics=metrics, seconds=_seconds(metrics.get("http_reqs")), checks=_checks(metrics))


def _seconds(requests: _Metric | None) -> float | None:
    # The export leaves the run's duration out, but k6 computes a counter's rate by dividing through it.
    rate = requests.numbers.get("rate", 0.0) if requests else 0.0
    return requests.numbers.get("count", 0.0) / rate if requests and rate > 0 else None


def _flag(value: Any) -> bool:
    if type(value) is not bool:
        raise EvidenceError("a threshold is neither true nor false, as this shape of summary has it")
    return value


def _numbers(values: dict[str, Any]) -> dict[str, float]:
    return {key: real(value, "a value of a metric") for key, value in values.items()}


def _checks(metrics: dict[str, _Metric]) -> tuple[int, int] | None:
    checks = metrics.get("checks")
    return (checks.count("passes", "checks"), checks.count("fails", "checks")) if checks else None


def _machine_readable(document: dict[str, Any]) -> _Summary:
    if not text(document.get("version"), "version").startswith("1."):
        raise EvidenceError("the version of k6's machine-readable summary is not 1.x")
    results = mapping(document.get("results"), "results")
    metrics: dict[str, _Metric] = {}
    for entry in sequence(results.get("metrics"), "results.metrics"):
        metric = mapping(entry, "a member of results.metrics")
        name = text(metric.get("name"), "a metric's name")
        if name in metrics:
            raise EvidenceError("results.metrics names a metric twice")
        metrics[name] = _Metric(numbers=_numbers(_as_classic(mapping(metric.get("values"), "values"))))
    metadata, config = mapping(document["metadata"], "metadata"), mapping(document.get("config") or {}, "config")
    return _Summary(
        metrics=metrics,
        seconds=real(config["duration"], "config.duration") if "duration" in config else None,
        checks=_listed_checks(results),
        # k6's schema spells its names in one way, and k6 1.8 writes them in the other.
        version=version(metadata.get("k6_version", metadata.get("k6Version"))),
        produced_at=instant(metadata.get("generated_at", metadata.get("generatedAt"))),
    )


def _as_classic(values: dict[str, Any]) -> dict[str, Any]:
    if "matches" not in values:
        return values
    matches, total = whole(values["matches"], "matches"), whole(values.get("total"), "total")
    return {"passes": matches, "fails": total - matches, "rate": values.get("rate")}


def _listed_checks(results: dict[str, Any]) -> tuple[int, int] | None:
    checks = mapping(results.get("checks") or {}, "results.checks")
    listed = [mapping(entry, "results.checks.results") for entry in sequence(checks.get("results"), "results.checks")]
    if not listed:
        return None
    passes = sum(whole(entry.get("passes"), "a check's passes") for entry in listed)
    return passes, sum(whole(entry.get("fails"), "a check's fails") for entry in listed)


def _reading(summary: _Summary) -> Reading:
    requests, failures = _requests(summary.metrics)
    thresholds, vacuous = _thresholds(summary.metrics)
    seconds = summary.seconds
    return Reading(
        facts=Load(
            requests=requests,
            failures=failures,
            error_rate=failures / requests,
            latency_ms=_latency(summary.metrics.get("http_req_duration")),
            requests_per_second=requests / seconds if seconds and seconds > 0 else UNSET,
            duration_seconds=seconds if seconds and seconds > 0 else UNSET,
            thresholds=thresholds,
            checks=Thresholds(passed=summary.checks[0], failed=summary.checks[1])
            if summary.checks and sum(summary.checks)
            else UNSET,
        ),
        version=summary.version,
        produced_at=summary.produced_at,
        counts={"requests": requests, "failures": failures, "thresholds_without_samples": vacuous},
    )


def _requests(metrics: dict[str, _Metric]) -> tuple[int, int]:
    requests = metrics["http_reqs"].count("count", "http_reqs") if "http_reqs" in metrics else 0
    if not requests:
        raise NotEvaluatedError("no HTTP request was made")
    failed = metrics.get("http_req_failed")
    if failed is None:
        raise NotEvaluatedError("failed requests were not recorded: there is no http_req_failed")
    # A rate's `passes` are the samples that were true, and here true means that the request failed.
    failures, others = failed.count("passes", "http_req_failed"), failed.count("fails", "http_req_failed")
    if failures + others != requests:
        raise EvidenceError(f"http_req_failed knows of {failures + others} requests, http_reqs of {requests}")
    rate = real(failed.numbers.get("rate"), "metrics.http_req_failed: rate")
    if abs(rate - failures / requests) > _ROUNDING:
        raise EvidenceError("http_req_failed: its rate is not that of its counts")
    return requests, failures


def _latency(metric: _Metric | None) -> Latency:
    numbers = metric.numbers if metric else {}
    if any(value < 0 for value in numbers.values()):
        raise EvidenceError("http_req_duration is negative")
    return Latency(**{_LATENCY[key]: value for key, value in numbers.items() if key in _LATENCY})


def _thresholds(metrics: dict[str, _Metric]) -> tuple[Any, int]:
    """Those that were evaluated, UNSET where none was, and how many held only because there were no samples."""
    failed = sum(metric.held.count(False) for metric in metrics.values())
    passed = sum(metric.held.count(True) for metric in metrics.values() if not metric.is_empty)
    vacuous = sum(metric.held.count(True) for metric in metrics.values() if metric.is_empty)
    return Thresholds(passed=passed, failed=failed) if passed + failed else UNSET, vacuous
