"""Prometheus: real answers, the record of a service level, and every way in which an answer says nothing."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence import prometheus
from gatekeeper.evidence.prometheus_asked import SCHEMA, ask
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.evidence import Envelope
from gatekeeper.model.servicelevel import ServiceLevelSpec
from tests.corpus import corpus_files
from tests.evidence.reports import FIXTURES, opened

NOW = 1795392000
SPEC: dict[str, Any] = {
    "objective": 0.999,
    "windows": ["5m", "1h"],
    "budget_window": "30d",
    "errors": "sum(increase(bad[$window]))",
    "total": "sum(increase(all[$window]))",
    "latency": {"metric": "took_seconds", "unit": "seconds", "window": "10m", "quantiles": ["p50", "p99"]},
    "values": {"depth": "depth"},
    "ranges": {"load": {"query": "load", "over": "10m", "step": "1m", "take": "avg"}},
}


def vector(*values: str, time: float = NOW, **labels: str) -> dict[str, Any]:
    """An instant answer with one series for each value."""
    rows = [{"metric": labels, "value": [time, value]} for value in values]
    return {"status": "success", "data": {"resultType": "vector", "result": rows}}


def buckets(**counts: str) -> dict[str, Any]:
    rows = [{"metric": {"le": bound}, "value": [NOW, count]} for bound, count in counts.items()]
    return {"status": "success", "data": {"resultType": "vector", "result": rows}}


def matrix(*pairs: tuple[float, str]) -> dict[str, Any]:
    rows = [{"metric": {}, "values": [list(pair) for pair in pairs]}]
    return {"status": "success", "data": {"resultType": "matrix", "result": rows}}


MINUTES = [(NOW - 600 + 60 * index, str(index)) for index in range(11)]
ANSWERS: dict[str, Any] = {
    "errors/5m": vector("2"),
    "total/5m": vector("1000"),
    "errors/1h": vector("14.4"),
    "total/1h": vector("1000"),
    "errors/30d": vector("500"),
    "total/30d": vector("1e+06"),
    "fresh/errors": vector("2"),
    "fresh/total": vector("1000"),
    "fresh/latency": buckets(**{"1": "1", "+Inf": "1"}),
    "latency/p50": vector("0.2"),
    "latency/p99": vector("0.9"),
    "latency/buckets": buckets(**{"0.25": "50", "1": "99.5", "+Inf": "100"}),
    "values/depth": vector("7"),
    "values/load": matrix(*MINUTES),
}


def record(spec: dict[str, Any] | None = None, **answers: Any) -> dict[str, Any]:
    """What the connector would have written; `answers` replace those above, None takes one away."""
    asked = ask(msgspec.convert(spec or SPEC, ServiceLevelSpec), NOW)
    all_answers = {**{name: ANSWERS.get(name, vector("1")) for name in asked.questions}, **answers}
    kept = {name: answer for name, answer in all_answers.items() if answer is not None}
    return copy.deepcopy({"schema": SCHEMA, "asked": msgspec.to_builtins(asked), "answers": kept})


def read(document: Any) -> Any:
    return prometheus.read(opened(document))


def seen(document: Any) -> Envelope:
    return envelope(json.dumps(document).encode(), source="x")


def recorded(name: str) -> Envelope:
    return envelope((FIXTURES / "prometheus" / f"{name}.json").read_bytes(), source=name)


def test_a_service_level() -> None:
    facts = read(record()).facts
    assert facts.windows["1h"].error_rate == 0.0144
    assert facts.windows["1h"].burn_rate == 14.4
    assert facts.windows["5m"].burn_rate == 2.0
    assert facts.budget_left == 0.5
    assert (facts.events, facts.error_rate) == (1e6, 0.0005)
    assert (facts.latency_ms.p50, facts.latency_ms.p99) == (200.0, 900.0)
    assert facts.latency_ms.p95 is msgspec.UNSET
    assert facts.values == {"depth": 7.0, "load": 5.0}


def test_the_record_is_recognised_and_as_old_as_its_question() -> None:
    found = seen(record())
    assert (found.status, found.kind, found.reason) == ("evaluated", "slo", None)
    assert found.producer is not None
    assert (found.producer.name, found.produced_at) == ("prometheus", "2026-11-23T00:00:00Z")
    assert found.counts == {"answers": 14, "infos": 0}


def test_one_ratio_instead_of_two_counts() -> None:
    spec = {"objective": 0.99, "windows": ["1h"], "error_ratio": "ratio[$window]"}
    facts = read(record(spec, **{"error_ratio/1h": vector("0.02")})).facts
    assert facts.windows["1h"].burn_rate == 2.0
    assert facts.windows["1h"].events is msgspec.UNSET
    assert facts.budget_left is msgspec.UNSET


def test_milliseconds_stay_milliseconds() -> None:
    spec = {"latency": {"metric": "took_ms", "unit": "milliseconds", "window": "10m", "quantiles": ["p50"]}}
    assert read(record(spec)).facts.latency_ms.p50 == 0.2


def test_a_window_without_events_has_no_rate() -> None:
    facts = read(record(**{"errors/5m": vector("0"), "total/5m": vector("0")})).facts
    assert (facts.windows["5m"].events, facts.windows["5m"].errors) == (0.0, 0.0)
    assert facts.windows["5m"].error_rate is msgspec.UNSET
    assert facts.windows["5m"].burn_rate is msgspec.UNSET


def test_no_event_in_any_window_is_not_evaluated() -> None:
    none = {name: vector("0") for name in ANSWERS if name.startswith(("errors/", "total/"))}
    with pytest.raises(NotEvaluatedError, match="no event in any window"):
        read(record(**none))


@pytest.mark.parametrize("take", ["last", "avg", "min", "max"])
def test_ranges(take: str) -> None:
    spec = {"ranges": {"load": {"query": "load", "over": "10m", "step": "1m", "take": take}}}
    assert read(record(spec)).facts.values == {"load": {"last": 10, "avg": 5, "min": 0, "max": 10}[take]}


def warned(answer: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**answer, **more}


NOT_EVALUATED = {
    "no series": ({"total/1h": vector()}, "the answer to total/1h is empty: no data is not 0"),
    "no bad series": ({"errors/1h": vector()}, "or vector"),
    "NaN": ({"errors/1h": vector("NaN")}, "the answer to errors/1h is NaN"),
    "stale": ({"values/depth": vector("7", time=NOW - 301)}, "the answer to values/depth is stale"),
    "nobody scrapes": ({"fresh/total": vector()}, "no sample for total in the last 300 seconds"),
    "errors are not scraped": ({"fresh/errors": vector()}, "no sample for errors in the last 300 seconds"),
    "latency is not scraped": ({"fresh/latency": vector()}, "no sample for latency in the last 300 seconds"),
    "scraped long ago": ({"fresh/total": vector("1", time=NOW - 301)}, "the answer to fresh/total is stale"),
    "no histogram": ({"latency/buckets": vector()}, "there is no such histogram"),
    "an idle histogram": (
        {
            "latency/buckets": buckets(**{"1": "0", "+Inf": "0"}),
            "latency/p50": vector("NaN"),
            "latency/p99": vector("NaN"),
        },
        "nothing was observed",
    ),
    "a quantile of nothing": ({"latency/p99": vector("NaN")}, "the answer to latency/p99 is NaN"),
    "beyond the last bucket": (
        {"latency/buckets": buckets(**{"0.25": "50", "1": "98", "+Inf": "100"}), "latency/p99": vector("1")},
        "beyond the last finite bucket",
    ),
    "a range with holes": ({"values/load": matrix(*MINUTES[:5], *MINUTES[7:])}, "partial: it has 81 %"),
    "a range that ended": ({"values/load": matrix(*MINUTES[:4])}, "stale"),
    "a range of nothing": ({"values/load": matrix()}, "empty"),
    "a NaN in a range": ({"values/load": matrix((NOW - 600, "NaN"), *MINUTES[1:])}, "NaN"),
}


@pytest.mark.parametrize("case", NOT_EVALUATED)
def test_what_says_nothing_is_not_evaluated(case: str) -> None:
    answers, reason = NOT_EVALUATED[case]
    with pytest.raises(NotEvaluatedError) as caught:
        read(record(**answers))
    assert reason in f"{caught.value.message} {caught.value.remedy}"


REFUSED = {
    "several series": ({"total/1h": vector("1", "2")}, "has 2 series, where one was asked for"),
    "infinite": ({"values/depth": vector("+Inf")}, "no finite number"),
    "overflowing": ({"values/depth": vector("1e999")}, "no finite number"),
    "no number": ({"values/depth": vector("0x10")}, "no finite number"),
    "a bare number": ({"values/depth": vector(7)}, "no finite number"),  # type: ignore[arg-type]
    "from the future": ({"values/depth": vector("7", time=NOW + 301)}, "future"),
    "warnings": ({"total/1h": warned(vector("1"), warnings=["partial"])}, "warns about its answer to total/1h"),
    "a part of the answer": ({"total/1h": warned(vector("1"), isPartial=True)}, "may be partial"),
    "infos": ({"total/1h": warned(vector("1000"), infos=["x"])}, "`infos`"),
    "an error": ({"total/1h": {"status": "error", "errorType": "timeout", "error": "s3cret"}}, "total/1h: timeout"),
    "an error of its own": ({"total/1h": {"status": "error", "errorType": "s3cret"}}, "an unknown error"),
    "no status": ({"total/1h": {"data": vector("1")["data"]}}, "neither success nor error"),
    "another document": ({"total/1h": ["x"]}, "is not an object"),
    "more bad than all": ({"errors/1h": vector("1001")}, "not between 0 and 1"),
    "bad without any": ({"total/1h": vector("0")}, "errors and no events"),
    "negative": ({"errors/1h": vector("-1")}, "negative"),
    "an answer too few": ({"total/1h": None}, "not those to its questions"),
    "an answer too many": ({"total/2h": vector("1")}, "not those to its questions"),
    "a range for a number": ({"total/1h": matrix(*MINUTES)}, "is a range"),
    "a number for a range": ({"values/load": vector("1")}, "is no range"),
    "a range of other times": ({"values/load": matrix((NOW - 900, "1"), *MINUTES)}, "does not lie in the range"),
    "a range in no order": ({"values/load": matrix(*MINUTES[::-1])}, "does not lie in the range"),
    "a quantile of another histogram": ({"latency/p50": vector("0.5")}, "does not lie in the bucket"),
    "buckets without an end": ({"latency/buckets": buckets(**{"0.25": "50", "1": "99.5"})}, "not the buckets"),
    "buckets without bounds": ({"latency/buckets": vector("1")}, "a bucket has no bound"),
    "a native histogram": (
        {
            "values/depth": {
                "status": "success",
                "data": {"resultType": "vector", "result": [{"metric": {}, "histogram": [NOW, {"count": "1"}]}]},
            }
        },
        "native histogram",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_believed_is_refused(case: str) -> None:
    answers, reason = REFUSED[case]
    with pytest.raises(EvidenceError) as caught:
        read(record(**answers))
    assert reason in caught.value.message
    assert "s3cret" not in str(caught.value)


def test_infos_are_accepted_where_the_file_says_so() -> None:
    reading = read(record({**SPEC, "accept_infos": True}, **{"total/1h": warned(vector("1000"), infos=["x"])}))
    assert reading.counts["infos"] == 1


@pytest.mark.parametrize("key", ["objective", "windows", "quantiles", "questions", "time", "stale_after"])
def test_a_record_whose_questions_were_thinned_out_is_refused(key: str) -> None:
    document = record()
    empty: Any = {"objective": None, "windows": {}, "quantiles": [], "questions": {}}
    if key in empty:
        document["asked"][key] = empty[key]
    else:
        del document["asked"][key]
    assert seen(document).status == "error"


@pytest.mark.parametrize(("window", "seconds"), [("1h", 300), ("an hour", 3600)])
def test_a_window_of_a_record_is_as_long_as_it_is_called(window: str, seconds: int) -> None:
    text = json.dumps(record()).replace("/1h", f"/{window}").replace('"1h": 3600', f'"{window}": {seconds}')
    assert seen(json.loads(text)).status == "error"


def test_another_version_of_the_record_is_refused() -> None:
    found = seen({**record(), "schema": "gatekeeper.prometheus/v2"})
    assert (found.status, found.reason) == ("error", "this is no record of version 1 of Prometheus's answers")


def test_recorded_answers_that_prometheus_gave() -> None:
    assert recorded("instant").facts["values"] == {"value": 120000.0}
    assert recorded("scalar").facts["values"] == {"value": 7.0}
    several = recorded("several")
    assert several.facts["values"] == {'{code="200"}': 118200.0, '{code="500"}': 1800.0}
    assert several.produced_at == "2026-11-23T00:00:00Z"
    taken = recorded("range").facts["values"]
    assert (taken["last"], taken["min"], taken["max"]) == (7.0, 5.0, 7.0)
    assert 5 < taken["avg"] < 7


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("empty", "not_evaluated", "empty"),
        ("nan", "not_evaluated", "NaN"),
        ("infinite", "error", "no finite number"),
        ("error", "error", "bad_data"),
        ("string", "error", "neither a vector"),
    ],
)
def test_recorded_answers_that_say_nothing(name: str, status: str, reason: str) -> None:
    found = recorded(name)
    assert (found.status, found.kind) == (status, "slo")
    assert reason in (found.reason or "")


@pytest.mark.corpus
@pytest.mark.parametrize("path", corpus_files("prometheus/**/*.json"), ids=lambda path: path.name)
def test_real_answers_of_others(path: Any) -> None:
    found = envelope(path.read_bytes(), source=path.name)
    assert found.status == ("not_evaluated" if "nan" in path.name else "evaluated"), found.reason


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a document."""
    yield path
    for key, child in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(child, (*path, key))


PLACES = [path for path in places(record()) if path]
GONE = object()
ODD = st.sampled_from([GONE, None, True, "", "NaN", "+Inf", "-1", "0", -1, 0, 1e300, [], {}, [[]], {"a": []}])


def changed(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    if value is GONE:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return document


HARMLESS = {"query", "metric", "accept_infos", "stale_after"}
"""What does not change what the answers say: the questions' text, labels, and what was allowed."""


@given(st.sampled_from(PLACES), ODD)
def test_a_damaged_record_is_never_better_than_it_was(path: tuple[Any, ...], value: Any) -> None:
    """No burn rate falls, no budget grows, unless the number that the answers give was itself replaced by another."""
    found = envelope(json.dumps(changed(record(), path, value)).encode(), source="x", producer="prometheus")
    if found.status != "evaluated":
        assert found.reason
        assert not found.facts
        return
    whole = seen(record()).facts
    is_number = path[0] == "answers" and isinstance(value, str) and len(path) > 3
    is_point = path[-2:-1] == ("values",) and value is GONE  # one of eleven may be missing
    if is_number or is_point or path[-1] in HARMLESS:
        return
    burns = [window.get("burn_rate") for window in found.facts["windows"].values()]
    assert burns == [window["burn_rate"] for window in whole["windows"].values()], (path, value)
    assert found.facts["latency_ms"] == whole["latency_ms"] or path[-1] in ("unit",)
    assert found.facts["values"] == whole["values"] or "take" in path or path[1] == "questions"


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["status", "data", "resultType", "result", "metric", "value", "values"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_any_document_gives_facts_or_a_reason(document: Any) -> None:
    found = envelope(
        json.dumps({"status": "success", "data": document}, allow_nan=False).encode() if _plain(document) else b"{}",
        source="x",
        producer="prometheus",
    )
    assert (found.status == "evaluated") == bool(found.facts)


def _plain(document: Any) -> bool:
    try:
        json.dumps(document, allow_nan=False)
    except ValueError:
        return False
    return True
