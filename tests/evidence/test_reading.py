"""Envelopes: one producer or a refusal that lists them, never a crash, never a report's words, always plain facts."""

from __future__ import annotations

import gc
import hashlib
import json
from math import isfinite
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import EvidenceError, InvalidRequestError
from gatekeeper.evidence import reading, registry
from gatekeeper.evidence.reading import MAX_DEPTH, envelope, plain
from gatekeeper.evidence.registry import PRODUCERS, reader
from gatekeeper.model.evidence import Envelope, Opened, Producer, Reading
from gatekeeper.model.facts import ALL_KINDS, Metrics
from tests.corpus import CORPUS

METRICS = b'{"accuracy": 0.9}'


def test_an_envelope_says_what_was_read_and_from_what() -> None:
    assert envelope(METRICS, source="m.json", name="metrics") == Envelope(
        name="metrics",
        kind="metrics",
        producer=Producer(name="json"),
        source="m.json",
        digest="sha256:" + hashlib.sha256(METRICS).hexdigest(),
        status="evaluated",
        counts={"metrics": 1, "ignored": 0},
        facts={"values": {"accuracy": 0.9}, "n": {}, "lower": {}, "upper": {}, "level": {}, "se": {}},
    )


def test_nothing_evaluated_is_not_an_error() -> None:
    found = envelope(b"<testsuites/>", source="x")
    assert (found.kind, found.status, found.facts) == ("tests", "not_evaluated", {})
    assert found.reason == "the report holds no test case"


def test_a_report_that_nobody_knows_lists_the_producers_and_how_to_name_one() -> None:
    found = envelope(b"hello", source="x")
    assert (found.kind, found.producer, found.status) == (None, None, "error")
    assert found.reason is not None
    assert "`junit:path`" in found.reason
    assert all(name in found.reason for name in PRODUCERS)


def test_a_report_that_two_producers_claim_lists_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PRODUCERS, "other", PRODUCERS["junit"])
    monkeypatch.setattr(reading, "reader", lambda name: reader("junit" if name == "other" else name))
    found = envelope(b"<testsuite><testcase/></testsuite>", source="x")
    assert found.status == "error"
    assert found.reason is not None
    assert "several producers claim this report: junit, other. " in found.reason
    assert "`junit:path`" in found.reason


def test_a_named_producer_reads_whatever_the_content_looks_like() -> None:
    clarify = b'{"post_training_bias_metrics": {"timeout": 5}}'
    reason = "this looks like a SageMaker Clarify report, which this version does not read"
    assert envelope(clarify, source="x").reason == reason
    named = envelope(clarify, source="x", producer="json")
    assert named.facts["values"] == {"post_training_bias_metrics.timeout": 5.0}
    wrong = envelope(METRICS, source="x", producer="junit")
    assert (wrong.kind, wrong.producer, wrong.status) == ("tests", Producer(name="junit"), "error")


def test_a_producer_that_does_not_exist_is_the_callers_mistake() -> None:
    with pytest.raises(InvalidRequestError, match="no producer 'jnuit'"):
        envelope(METRICS, source="x", producer="jnuit")


@pytest.mark.parametrize(
    "fault", [KeyError("secret"), TypeError("secret"), RecursionError("secret"), OverflowError(), ZeroDivisionError()]
)
def test_a_reader_that_trips_gives_one_fixed_sentence(monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    def trip(_: Opened) -> Reading:
        raise fault

    monkeypatch.setattr(reader("json"), "read", trip)
    found = envelope(METRICS, source="x")
    assert (found.status, found.reason) == ("error", "the report does not have the form that its producer writes")
    assert gc.isenabled()


class _Loose(msgspec.Struct):
    inside: Any


@pytest.mark.parametrize("value", ["\0", "\ud800", {"\0": 1}, 2**63, -(2**63) - 1, float("nan"), [float("inf")]])
def test_facts_that_json_cannot_hold_are_refused(value: Any) -> None:
    with pytest.raises(EvidenceError):
        plain({"inside": [value]})


def test_facts_are_not_too_deep() -> None:
    value: Any = 1
    for _ in range(MAX_DEPTH):
        value = [value]
    assert plain(value) == value
    with pytest.raises(EvidenceError, match="nested deeper"):
        plain([value])


def test_numbers_are_of_the_declared_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader("json"), "read", lambda _: Reading(facts=Metrics(values={"a": 1}, n={"a": 5})))
    facts = envelope(METRICS, source="x").facts
    assert (type(facts["values"]["a"]), type(facts["n"]["a"])) == (float, int)


def test_every_producer_is_as_the_registry_says() -> None:
    for name, entry in PRODUCERS.items():
        module = reader(name)
        assert (name, entry.kind) == (module.NAME, module.KIND)
        assert set(entry.kinds) <= set(ALL_KINDS)
        assert set(entry.forms) <= {"json", "xml", "text"}


def test_a_producer_that_is_not_shown_a_report_would_not_claim_it() -> None:
    documents: list[Any] = [{}, [], {"a": 1}, [{"a": 1}], {"schema": 1}, {"attribute": 1}]
    reports = [reading.open_report(json.dumps(document).encode()) for document in documents]
    for name, entry in PRODUCERS.items():
        assert not any(reader(name).claims(report) for report in reports if not entry.may_claim(report))


def test_an_unknown_reader_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        registry.reader("reading")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=3)
            | st.sampled_from(
                ["attribute", "groups", "n", "value", "runs", "Results", "SchemaVersion", "metrics", "schema", "data"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


def _is_plain(value: Any, depth: int = 0) -> bool:
    if isinstance(value, dict):
        return depth <= MAX_DEPTH and all(
            _is_plain(key) and _is_plain(member, depth + 1) for key, member in value.items()
        )
    if isinstance(value, list):
        return depth <= MAX_DEPTH and all(_is_plain(member, depth + 1) for member in value)
    if isinstance(value, str):
        return "\0" not in value and value == value.encode("utf-8", "replace").decode()
    if isinstance(value, float):
        return isfinite(value)
    return value is None or isinstance(value, bool) or -(2**63) <= value < 2**63


@given(JSON, st.sampled_from([None, *PRODUCERS]))
def test_any_json_gives_plain_facts_of_its_kind_or_a_printable_reason(document: Any, producer: str | None) -> None:
    found = envelope(json.dumps(document).encode(), source="x", producer=producer)
    if found.status == "evaluated":
        assert found.kind is not None
        assert _is_plain(found.facts)
        assert found.reason is None
    else:
        assert found.facts == {}
        assert found.reason
        assert found.reason.isprintable()
        assert len(found.reason) < 500


@given(st.binary(max_size=60))
def test_any_bytes_give_an_envelope(data: bytes) -> None:
    found = envelope(data, source="x")
    assert found.digest == "sha256:" + hashlib.sha256(data).hexdigest()
    assert (found.reason is None) == (found.status == "evaluated")


SCANS = [
    "grype",
    "snyk",
    "sbom",
    "attestations",
    "evidently",
    "great-expectations",
    "deepchecks",
    "prometheus",
    "trivy-operator",
    "pandera",
    "trivy-other-formats",
]


@pytest.mark.corpus
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is absent")
@pytest.mark.parametrize("folder", SCANS)
def test_no_report_of_a_tool_that_is_not_read_passes_for_metrics(folder: str) -> None:
    files = [file for file in sorted((CORPUS / folder).rglob("*")) if file.is_file()]
    assert files
    for file in files:
        found = envelope(file.read_bytes(), source=file.name)
        assert found.status != "evaluated" or found.kind != "metrics", file
