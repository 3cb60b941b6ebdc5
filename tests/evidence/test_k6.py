"""k6's summaries: three shapes with the same facts, booleans that mean the opposite, and runs that sent nothing."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence import k6
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.facts import Thresholds
from tests.evidence.reports import FIXTURES, fixture, opened

TREND = {"avg": 20.0, "min": 1.0, "med": 15.0, "max": 90.0, "p(90)": 40.0, "p(95)": 60.0}


def summary(requests: int = 100, failed: int = 7, **metrics: Any) -> dict[str, Any]:
    """The data that k6 hands to handleSummary, cut down to what matters."""
    return {
        "root_group": {"name": "", "groups": [], "checks": []},
        "options": {"summaryTrendStats": list(TREND)},
        "state": {"testRunDurationMs": 4000.0},
        "metrics": {
            "http_reqs": {
                "type": "counter",
                "contains": "default",
                "values": {"count": requests, "rate": requests / 4},
            },
            "http_req_failed": {
                "type": "rate",
                "contains": "default",
                "values": {"rate": failed / (requests or 1), "passes": failed, "fails": requests - failed},
            },
            "http_req_duration": {"type": "trend", "contains": "time", "values": dict(TREND)},
            **metrics,
        },
    }


def exported(data: dict[str, Any]) -> dict[str, Any]:
    """What --summary-export makes of it: flat, a rate called value, and booleans turned round."""
    metrics = {}
    for name, metric in data["metrics"].items():
        values = {
            ("value" if key == "rate" and metric["type"] == "rate" else key): value
            for key, value in metric["values"].items()
        }
        if "thresholds" in metric:
            values["thresholds"] = {text: not entry["ok"] for text, entry in metric["thresholds"].items()}
        metrics[name] = values
    return {"root_group": {"name": "", "groups": {}, "checks": {}}, "metrics": metrics}


def read(document: Any) -> Any:
    return k6.read(opened(document))


def trend(ok: bool, **values: float) -> dict[str, Any]:
    return {"type": "trend", "contains": "time", "values": values or dict(TREND), "thresholds": {"p(95)<1": {"ok": ok}}}


@pytest.mark.parametrize("name", ["handle-summary", "summary-export", "machine-readable"])
def test_summaries_that_k6_wrote(name: str) -> None:
    found = envelope((FIXTURES / "k6" / f"{name}.json").read_bytes(), source=name)
    assert (found.status, found.kind, found.reason) == ("evaluated", "load", None)
    assert (found.facts["requests"], found.facts["failures"]) == (90, 10)
    assert found.facts["error_rate"] == pytest.approx(1 / 9)
    assert found.facts["checks"] == {"passed": 40, "failed": 0}
    assert found.facts["latency_ms"]["p50"] < 30 < found.facts["latency_ms"]["p95"]


def test_both_shapes_of_one_run_agree() -> None:
    first, second = k6.read(fixture("k6/handle-summary.json")), k6.read(fixture("k6/summary-export.json"))
    assert first.facts.duration_seconds == pytest.approx(second.facts.duration_seconds)
    same = {"duration_seconds": 0.0, "requests_per_second": 0.0}
    assert msgspec.structs.replace(first.facts, **same) == msgspec.structs.replace(second.facts, **same)
    assert first.facts.thresholds == Thresholds(passed=1, failed=1)
    assert first.counts["thresholds_without_samples"] == 1


def test_the_machine_readable_summary_says_when_and_by_what() -> None:
    reading = k6.read(fixture("k6/machine-readable.json"))
    assert reading.version == "1.8.1"
    assert reading.produced_at.endswith("Z")
    assert not isinstance(reading.facts.thresholds, Thresholds)
    assert not isinstance(reading.facts.latency_ms.p99, float)


@pytest.mark.parametrize("name", ["handle-summary-idle", "summary-export-idle"])
def test_a_run_that_sent_nothing_is_not_fast(name: str) -> None:
    with pytest.raises(NotEvaluatedError, match="no HTTP request"):
        k6.read(fixture(f"k6/{name}.json"))


@pytest.mark.parametrize("shape", [summary, lambda **changes: exported(summary(**changes))])
def test_the_facts_of_a_run(shape: Any) -> None:
    facts = read(shape()).facts
    assert (facts.requests, facts.failures, facts.error_rate) == (100, 7, 0.07)
    assert (facts.duration_seconds, facts.requests_per_second) == (4.0, 25.0)
    assert (facts.latency_ms.p50, facts.latency_ms.p90, facts.latency_ms.p95) == (15.0, 40.0, 60.0)
    assert not isinstance(facts.latency_ms.p99, float)
    assert not isinstance(facts.thresholds, Thresholds)
    assert not isinstance(facts.checks, Thresholds)


def test_zero_requests_is_not_evaluated() -> None:
    with pytest.raises(NotEvaluatedError, match="no HTTP request"):
        read(summary(requests=0, failed=0))


def test_failures_that_were_not_recorded_are_not_none() -> None:
    data = summary()
    del data["metrics"]["http_req_failed"]
    with pytest.raises(NotEvaluatedError, match="not recorded"):
        read(data)


def test_failures_must_be_known_for_every_request() -> None:
    data = summary()
    data["metrics"]["http_req_failed"]["values"]["fails"] -= 50
    with pytest.raises(EvidenceError, match="knows of 50 requests, http_reqs of 100"):
        read(data)


def test_true_means_kept_in_one_shape_and_crossed_in_the_other() -> None:
    data = summary(http_req_waiting=trend(ok=False))
    assert read(data).facts.thresholds == Thresholds(passed=0, failed=1)
    flat = exported(data)
    assert flat["metrics"]["http_req_waiting"]["thresholds"] == {"p(95)<1": True}
    assert read(flat).facts.thresholds == Thresholds(passed=0, failed=1)


def test_a_threshold_without_samples_neither_passed_nor_failed() -> None:
    empty = dict.fromkeys(TREND, 0.0)
    name = "http_req_duration{phase:typo}"
    reading = read(summary(**{name: trend(ok=True, **empty)}))
    assert not isinstance(reading.facts.thresholds, Thresholds)
    assert reading.counts["thresholds_without_samples"] == 1
    assert read(summary(**{name: trend(ok=False, **empty)})).facts.thresholds == Thresholds(failed=1)


def test_checks_are_counted_and_absent_where_none_was_made() -> None:
    def checks(passes: int, fails: int) -> dict[str, Any]:
        return {"type": "rate", "values": {"rate": 0, "passes": passes, "fails": fails}}

    assert read(summary(checks=checks(5, 2))).facts.checks == Thresholds(passed=5, failed=2)
    assert not isinstance(read(summary(checks=checks(0, 0))).facts.checks, Thresholds)


def test_a_rate_that_is_not_that_of_its_counts_is_refused() -> None:
    for shape in (summary, lambda: exported(summary())):
        data = shape()
        numbers = data["metrics"]["http_req_failed"].get("values", data["metrics"]["http_req_failed"])
        numbers["passes"], numbers["fails"] = numbers["fails"], numbers["passes"]
        with pytest.raises(EvidenceError, match="not that of its counts"):
            read(data)


def flatten_one(data: dict[str, Any]) -> None:
    data["metrics"]["http_reqs"] = {"count": 100, "rate": 25.0}


def boolean_threshold(data: dict[str, Any]) -> None:
    data["metrics"]["http_req_duration"]["thresholds"] = {"p(95)<1": True}


def odd_type(data: dict[str, Any]) -> None:
    data["metrics"]["http_reqs"]["type"] = "histogram"


def text_value(data: dict[str, Any]) -> None:
    data["metrics"]["http_req_duration"]["values"]["avg"] = "12ms"


def null_value(data: dict[str, Any]) -> None:
    data["metrics"]["http_req_duration"]["values"]["avg"] = None


def negative_count(data: dict[str, Any]) -> None:
    data["metrics"]["http_reqs"]["values"]["count"] = -1


def part_of_a_request(data: dict[str, Any]) -> None:
    data["metrics"]["http_reqs"]["values"]["count"] = 99.5


def negative_latency(data: dict[str, Any]) -> None:
    data["metrics"]["http_req_duration"]["values"]["p(95)"] = -1.0


def number_for_a_metric(data: dict[str, Any]) -> None:
    data["metrics"]["http_reqs"] = 100


@pytest.mark.parametrize(
    "damage",
    [
        flatten_one,
        boolean_threshold,
        odd_type,
        text_value,
        null_value,
        negative_count,
        part_of_a_request,
        negative_latency,
        number_for_a_metric,
    ],
)
def test_what_k6_does_not_write_is_refused(damage: Any) -> None:
    data = summary()
    damage(data)
    assert k6.claims(opened(data))
    with pytest.raises(EvidenceError):
        read(data)


def test_thresholds_of_the_other_shape_are_refused_in_an_export() -> None:
    flat = exported(summary())
    flat["metrics"]["http_req_duration"]["thresholds"] = {"p(95)<1": {"ok": True}}
    with pytest.raises(EvidenceError, match="neither true nor false"):
        read(flat)


@pytest.mark.parametrize("part", ["state", "options"])
def test_an_export_with_parts_of_the_other_shape_is_refused(part: str) -> None:
    with pytest.raises(EvidenceError, match="the rest that of handleSummary"):
        read({**exported(summary()), part: {}})


def test_a_scripts_own_summary_is_refused_and_not_taken_for_metrics() -> None:
    own = {"testType": "spike", "metrics": {"http_reqs": 9650, "http_req_failed": 0.22}, "thresholds": {}}
    found = envelope(opened_bytes(own), source="summary.json")
    assert (found.status, found.producer.name if found.producer else None) == ("error", "k6")
    assert "script's own making" in str(found.reason)


def opened_bytes(document: Any) -> bytes:
    return msgspec.json.encode(document)


@pytest.mark.parametrize(
    "document", [{}, [], {"metrics": {}}, {"metrics": {"accuracy": 0.9}}, {"metrics": [1]}, {"metadata": {}}]
)
def test_what_is_not_k6s_is_not_claimed(document: Any) -> None:
    assert not k6.claims(opened(document))


def machine_readable(**changes: Any) -> dict[str, Any]:
    failed = {"name": "http_req_failed", "type": "rate", "values": {"matches": 1, "total": 4, "rate": 0.25}}
    requests = {"name": "http_reqs", "type": "counter", "values": {"count": 4}}
    results = {"metrics": [failed, requests]}
    return {
        "version": "1.0.0",
        "metadata": {"k6Version": "2.0.0"},
        "config": {"duration": 2},
        "results": results,
        **changes,
    }


def test_the_machine_readable_summary_in_the_spelling_of_its_schema() -> None:
    reading = read(machine_readable())
    assert (reading.facts.requests, reading.facts.failures, reading.facts.duration_seconds) == (4, 1, 2.0)
    assert reading.version == "2.0.0"


@pytest.mark.parametrize("version", ["2.0.0", "0.9.0", "", None])
def test_other_versions_of_it_are_refused(version: str | None) -> None:
    with pytest.raises(EvidenceError, match=r"not 1\.x"):
        read(machine_readable(version=version))


def test_a_metric_named_twice_is_refused() -> None:
    document = machine_readable()
    document["results"]["metrics"] *= 2
    with pytest.raises(EvidenceError, match="twice"):
        read(document)


NUMBER = st.floats(0, 1e6)


@given(
    st.integers(1, 10**9).flatmap(lambda total: st.tuples(st.just(total), st.integers(0, total))),
    st.fixed_dictionaries(dict.fromkeys(TREND, NUMBER)),
    st.lists(st.booleans(), max_size=5),
)
def test_the_shapes_of_any_run_agree(counts: tuple[int, int], times: dict[str, float], held: list[bool]) -> None:
    data = summary(*counts)
    data["metrics"]["http_req_duration"]["values"] = times
    data["metrics"]["http_reqs"]["thresholds"] = {f"count>{index}": {"ok": ok} for index, ok in enumerate(held)}
    first, second = read(data).facts, read(exported(data)).facts
    assert (first.requests, first.failures, first.latency_ms) == (second.requests, second.failures, second.latency_ms)
    assert first.thresholds == second.thresholds
    if held:
        assert first.thresholds == Thresholds(passed=held.count(True), failed=held.count(False))
    assert 0.0 <= first.error_rate <= 1.0
