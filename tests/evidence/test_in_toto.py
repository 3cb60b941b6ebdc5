"""in-toto Statements: what they wrap, what they are about, and what is no Statement."""

from __future__ import annotations

import json
from base64 import standard_b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.evidence.bound import COSIGN_CUSTOM, COSIGN_VULN, PREDICATE
from gatekeeper.evidence.merge import merge
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.evidence import Envelope
from gatekeeper.records.unseal import unseal
from tests.evidence.reports import FIXTURES
from tests.judging import NOW, judge_text, policy_text
from tests.policies import reports
from tests.signing import DIGEST, sealed, signer, statement

OTHER = "sha256:" + "b" * 64
VULNS = "https://in-toto.io/attestation/vulns/v0.2"
TESTS = "https://in-toto.io/attestation/test-result/v0.1"


def read(document: Any, producer: str | None = None) -> Envelope:
    """What is seen of a Statement."""
    return envelope(json.dumps(document).encode(), source="x.json", producer=producer)


def binding(report: bytes, producer: str = "junit", **more: Any) -> dict[str, Any]:
    """Our predicate, as it is documented."""
    return {
        "producer": producer,
        "digest": "sha256:" + sha256(report).hexdigest(),
        "report": standard_b64encode(report).decode(),
        "bound_at": "2026-11-23T08:00:00Z",
        **more,
    }


WRAPPED = {
    "trivy": reports.trivy(digest=DIGEST),
    "sarif": reports.sarif(errors=1),
    "fairness": reports.fairness(),
    "command": json.dumps(
        {
            "schema": "gatekeeper.command/v1",
            "name": "x",
            "exit_status": 0,
            "started_at": "2026-11-23T08:00:00Z",
            "duration_seconds": 1.5,
            "output_digest": DIGEST,
            "program": "x",
        }
    ).encode(),
}


@pytest.mark.parametrize("producer", WRAPPED)
def test_a_raw_report_is_read_by_whoever_claims_it(producer: str) -> None:
    alone = envelope(WRAPPED[producer], source="x")
    found = read(statement(json.loads(WRAPPED[producer])))
    assert found.producer is not None
    assert (found.producer.name, found.kind, found.facts) == (producer, alone.kind, alone.facts)
    assert (found.produced_at, found.subjects) == (alone.produced_at, (DIGEST,))


@pytest.mark.parametrize("producer", WRAPPED)
def test_cosigns_wrappings_are_opened(producer: str) -> None:
    alone = envelope(WRAPPED[producer], source="x")
    text = WRAPPED[producer].decode()
    for predicate, kind in (
        ({"scanner": {"uri": "x", "result": json.loads(text)}, "metadata": {}}, COSIGN_VULN),
        ({"Data": text, "Timestamp": "2026-11-23T08:00:00Z"}, COSIGN_CUSTOM),
        ({"Data": json.loads(text), "Timestamp": ""}, COSIGN_CUSTOM),
    ):
        found = read(statement(predicate, kind))
        assert (found.kind, found.facts, found.subjects) == (alone.kind, alone.facts, (DIGEST,))


def test_a_report_without_a_time_has_that_of_cosigns_metadata() -> None:
    scan = json.loads(reports.trivy(digest=DIGEST))
    del scan["CreatedAt"]
    metadata = {"scanStartedOn": "2026-11-23T07:00:00Z", "scanFinishedOn": "2026-11-23T07:01:00Z"}
    predicate = {"scanner": {"uri": "x", "result": scan}, "metadata": metadata}
    assert read(statement(predicate, COSIGN_VULN)).produced_at == "2026-11-23T07:01:00Z"


def test_a_bound_report_is_read_by_its_producer_byte_for_byte() -> None:
    found = read(statement(binding(reports.junit(3)), PREDICATE))
    assert (found.kind, found.facts["total"], found.subjects) == ("tests", 3, (DIGEST,))
    assert found.produced_at == "2026-11-23T08:00:00Z"
    assert (
        found.digest
        == envelope(json.dumps(statement(binding(reports.junit(3)), PREDICATE)).encode(), source="y").digest
    )


def test_what_has_no_digest_is_named_in_the_predicate() -> None:
    md5 = "md5:" + "0" * 32
    found = read(statement(binding(reports.junit(), about=["mlflow:3f", md5]), PREDICATE))
    assert found.subjects == (md5, "mlflow:3f", DIGEST)


def test_the_reports_own_digest_is_not_what_it_is_about() -> None:
    report = reports.junit()
    own = "sha256:" + sha256(report).hexdigest()
    assert read(statement(binding(report), PREDICATE, [own])).subjects == ()


BROKEN_BINDINGS: dict[str, dict[str, Any]] = {
    "another digest": {"digest": OTHER},
    "not base64": {"report": "a"},
    "another report": {"report": standard_b64encode(reports.junit(9)).decode()},
    "no producer": {"producer": "nobody"},
    "a Statement in itself": {"producer": "in-toto"},
    "another producer": {"producer": "trivy"},
    "no time": {"bound_at": "yesterday"},
    "a wrong time": {"produced_at": "2026-11-23"},
    "an unknown key": {"more": 1},
    "a digest as an id": {"about": [OTHER]},
    "a commit as an id": {"about": ["gitCommit:" + "0" * 40]},
    "an id with a space": {"about": ["a b"]},
    "an id with a line feed": {"about": ["a\n"]},
    "too many ids": {"about": ["a"] * 101},
    "a type": {"about": "a"},
}


@pytest.mark.parametrize("name", BROKEN_BINDINGS)
def test_a_binding_that_is_not_ours_is_an_error(name: str) -> None:
    found = read(statement({**binding(reports.junit()), **BROKEN_BINDINGS[name]}, PREDICATE))
    assert (found.status, found.facts, found.subjects) == ("error", {}, ())


def test_two_times_of_making_must_be_one() -> None:
    own = reports.trivy(digest=DIGEST, made="2026-11-23T06:00:00Z")
    same = statement(binding(own, "trivy", produced_at="2026-11-23T07:00:00+01:00"), PREDICATE)
    assert read(same).produced_at == "2026-11-23T06:00:00Z"
    later = statement(binding(own, "trivy", produced_at="2026-11-23T07:00:00Z"), PREDICATE)
    assert read(later).status == "error"
    assert read(statement(binding(own, "trivy"), PREDICATE)).produced_at == "2026-11-23T06:00:00Z", (
        "not when it was bound"
    )


@pytest.mark.parametrize("kind", ["https://example.com/x", PREDICATE, COSIGN_VULN])
def test_a_statement_around_the_scan_of_another_image_is_an_error(kind: str) -> None:
    scan = reports.trivy(digest=OTHER)
    predicate = {
        PREDICATE: binding(scan, "trivy"),
        COSIGN_VULN: {"scanner": {"uri": "x", "result": json.loads(scan)}},
    }.get(kind, json.loads(scan))
    found = read(statement(predicate, kind))
    assert found.status == "error"
    assert DIGEST in (found.reason or "")
    assert OTHER in (found.reason or "")
    assert read(statement(predicate, kind, [DIGEST, OTHER])).subjects == (DIGEST, OTHER)
    assert read(statement(predicate, kind, ["gitCommit:" + "0" * 40])).status == "evaluated"


def test_a_roll_out_of_another_image_is_an_error() -> None:
    running = "sha256:" + "2" * 64
    report = (FIXTURES / "kubernetes/deployment-complete.json").read_bytes()
    found = read(statement(binding(report, "kubernetes"), PREDICATE, [DIGEST]))
    assert (found.status, running in (found.reason or "")) == ("error", True)
    assert read(statement(binding(report, "kubernetes"), PREDICATE, [running])).subjects == (running,)


def test_other_predicates_are_attestations() -> None:
    provenance = {"buildDefinition": {"buildType": "x", "externalParameters": {"n": 1, "share": 0.5}}}
    found = read(statement(provenance, "https://slsa.dev/provenance/v1"))
    assert (found.kind, found.facts["predicate"]) == ("attestation", provenance)
    assert found.producer is not None
    assert found.producer.name == "in-toto"
    rule = "evidence.it.predicate.buildDefinition.externalParameters.n == 1 && evidence.it.predicate_type.startsWith('https://slsa.dev/')"
    whole = judge_text(policy_text(rule, evidence={"it": {"kind": "attestation"}}), found)
    assert whole.report.judgement.verdict == "allowed"


@pytest.mark.parametrize("kind", ["https://slsa.dev/provenance/v1", "https://in-toto.io/attestation/link/v0.3", VULNS])
def test_a_predicate_whose_type_says_what_it_is_passes_for_no_other_tools_report(kind: str) -> None:
    found = read(statement(json.loads(reports.trivy(digest=DIGEST)), kind))
    assert found.status != "evaluated" or found.kind == "attestation"


def test_numbers_in_an_unknown_predicate_are_no_metrics() -> None:
    assert read(statement({"accuracy": 0.99})).kind == "attestation"
    named = read(statement({"accuracy": 0.99}), producer="json")
    assert (named.kind, named.facts["values"]) == ("metrics", {"accuracy": 0.99})


def test_a_named_producer_decides_what_is_read() -> None:
    document = statement(json.loads(reports.trivy(digest=DIGEST)))
    assert read(document, "trivy").kind == "scan"
    assert read(document, "in-toto").kind == "attestation"
    assert read(document, "sarif").status == "error"


def test_a_named_producer_does_not_overrule_what_the_statement_says_it_is() -> None:
    assert read(statement(binding(reports.metrics(), "json"), PREDICATE), "json").kind == "metrics"
    assert read(statement(binding(reports.trivy(digest=DIGEST), "trivy"), PREDICATE), "json").status == "error"
    assert read(statement({"accuracy": 0.99}, "https://slsa.dev/provenance/v1"), "json").status == "error"


def vulns(*severities: list[dict[str, str]], **scanner: Any) -> dict[str, Any]:
    result = [{"id": f"CVE-{n}", "severity": given} for n, given in enumerate(severities)]
    database = {"uri": "x", "version": "1", "lastUpdate": "2026-11-22T00:00:00Z"}
    return {
        "scanner": {"uri": "pkg:x", "version": "1", "db": database, "result": result, **scanner},
        "metadata": {"scanStartedOn": "2026-11-23T07:00:00Z", "scanFinishedOn": "2026-11-23T07:05:00Z"},
    }


@pytest.mark.parametrize(
    ("scores", "severity"),
    [
        (["medium"], "medium"),
        (["LOW", "Critical"], "critical"),
        (["moderate", "Important"], "high"),
        (["medium", "5.2"], "medium"),
        (["low", "9.0"], "critical"),
        (["10.0"], "critical"),
        (["10"], "critical"),
        (["8.9"], "high"),
        (["7.0"], "high"),
        (["6.9"], "medium"),
        (["4"], "medium"),
        (["3.9"], "low"),
        (["0.1"], "low"),
        (["0.0"], "unknown"),
        (["none"], "unknown"),
        ([], "unknown"),
    ],
)
def test_a_vulnerability_has_the_worst_severity_that_any_method_gives(scores: list[str], severity: str) -> None:
    found = read(statement(vulns([{"method": "m", "score": score} for score in scores]), VULNS))
    assert found.kind == "scan"
    assert found.facts["counts"] == {
        **dict.fromkeys(("critical", "high", "medium", "low", "unknown"), 0),
        severity: 1,
        "total": 1,
    }
    assert (found.facts["db_updated_at"], found.produced_at) == ("2026-11-22T00:00:00Z", "2026-11-23T07:05:00Z")


@pytest.mark.parametrize("score", ["severe", "11", "-1", "1e1", "NaN", 5.2, None, "5,2", "10.1"])
def test_a_severity_that_is_none_is_an_error_or_unknown(score: Any) -> None:
    found = read(statement(vulns([{"method": "m", "score": score}]), VULNS))
    assert found.status == "error" if score is not None else found.facts["counts"]["unknown"] == 1


def test_which_vulnerabilities_have_a_fix_is_not_known_and_so_not_none() -> None:
    found = read(statement(vulns([{"method": "m", "score": "critical"}]), VULNS))
    rules = [{"id": "it", "scan": {"max": {"critical": 0}, "fixable_only": True}}]
    judged = judge_text(policy_text(rules, evidence={"image": {"kind": "scan"}}), found).report.judgement
    assert (judged.verdict, judged.results[0].result) == ("undecided", "missing")
    trivy = envelope(reports.trivy(), source="y")
    assert "fixable" not in merge([found, trivy]).facts


def test_a_clean_scan_is_clean_and_no_scan_is_not_evaluated() -> None:
    assert read(statement(vulns(), VULNS)).facts["counts"]["total"] == 0
    for scanner in ({"result": None}, {"result": {}}, {"uri": ""}):
        assert read(statement(vulns(**scanner), VULNS)).status != "evaluated"
    assert read(statement({}, VULNS)).status == "error"


def result(verdict: Any = "PASSED", **lists: Any) -> Envelope:
    return read(statement({"result": verdict, **lists}, TESTS))


def test_a_test_result_is_counted() -> None:
    found = result("FAILED", passedTests=["a", "b", "a", "a"], warnedTests=["c"], failedTests=["b", "d"])
    assert found.facts == {
        "total": 4,
        "ran": 4,
        "passed": 2,
        "failures": 2,
        "errors": 0,
        "skipped": 0,
        "cases": {"a": "passed", "b": "failed", "c": "passed", "d": "failed"},
    }


def test_a_failure_that_names_no_test_is_an_error_in_the_tests() -> None:
    assert (result("FAILED").facts["errors"], result("FAILED", passedTests=["a"]).facts["errors"]) == (1, 1)
    assert result("FAILED", passedTests=["a"]).facts["passed"] == 1


@pytest.mark.parametrize(
    ("verdict", "lists", "status"),
    [
        ("PASSED", {}, "not_evaluated"),
        ("WARNED", {"passedTests": []}, "not_evaluated"),
        ("PASSED", {"failedTests": ["a"]}, "error"),
        ("passed", {"passedTests": ["a"]}, "error"),
        (None, {"passedTests": ["a"]}, "error"),
        ("PASSED", {"passedTests": [1]}, "error"),
        ("PASSED", {"passedTests": "a"}, "error"),
        ("PASSED", {"passedTests": [""]}, "error"),
    ],
)
def test_a_test_result_that_cannot_be_believed(verdict: Any, lists: dict[str, Any], status: str) -> None:
    assert result(verdict, **lists).status == status


GOOD = {"name": "x", "digest": {"sha256": "a" * 64}}


@pytest.mark.parametrize(
    ("subject", "subjects"),
    [
        ([GOOD], (DIGEST,)),
        ([GOOD, GOOD], (DIGEST,)),
        ([{"digest": {"gitCommit": "0" * 40, "sha1": "0" * 40}}], ("gitCommit:" + "0" * 40,)),
        ([{"name": "x", "digest": {"sha512": "a" * 128}}], ()),
        ([{"name": "x", "digest": {"md5": "a" * 32, "sha256": "a" * 64}}], (DIGEST,)),
        ([{"name": f"registry.example/x@{OTHER}", "digest": {}}], ()),
    ],
)
def test_subjects_are_digests_and_names_say_nothing(subject: list[Any], subjects: tuple[str, ...]) -> None:
    found = read({**statement({}), "subject": subject})
    assert (found.status, found.subjects) == ("evaluated", subjects)


@pytest.mark.parametrize(
    "change",
    [
        {"subject": []},
        {"subject": None},
        {"subject": {}},
        {"subject": ["x"]},
        {"subject": [{"name": "x"}]},
        {"subject": [{"digest": "x"}]},
        {"subject": [{"digest": {"sha256": "A" * 64}}]},
        {"subject": [{"digest": {"sha256": "a" * 63}}]},
        {"subject": [{"digest": {"sha256": 1}}]},
        {"subject": [{"digest": {"gitCommit": "abc"}}]},
        {"subject": [GOOD] * 1001},
        {"predicate": []},
        {"predicate": "x"},
        {"predicateType": ""},
        {"predicateType": 1},
        {"predicateType": "x" * 501},
        {"_type": "https://in-toto.io/Statement/v2"},
    ],
)
def test_what_is_no_statement_is_an_error(change: dict[str, Any]) -> None:
    found = read({**statement({}), **change})
    assert (found.status, found.subjects) == ("error", ())


def test_an_older_statement_is_read() -> None:
    assert read({**statement({"a": 1}), "_type": "https://in-toto.io/Statement/v0.1"}).kind == "attestation"


def test_several_attestations_in_one_file_are_refused_with_what_to_do() -> None:
    line = sealed(statement({}), signer("ci-1")).replace(b"\n", b"")
    found = envelope(line + b"\n" + line + b"\n", source="x.jsonl")
    assert found.reason == "several attestations, one a line. Give each as a file of its own."
    assert envelope(line + b"\n", source="x.jsonl").sealed is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5) | st.floats(allow_nan=False, width=16),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KINDS = st.sampled_from([VULNS, TESTS, PREDICATE, COSIGN_VULN, COSIGN_CUSTOM, "https://example.com"])


@given(JSON, KINDS, st.sampled_from(["predicate", "subject", "scanner", "result", "passedTests", "metadata", "Data"]))
def test_any_statement_gives_facts_or_a_reason(noise: Any, kind: str, place: str) -> None:
    document = statement(vulns([{"method": "m", "score": "low"}]) | {"result": "PASSED", "passedTests": ["a"]}, kind)
    (document if place in document else document["predicate"])[place] = noise
    found = read(document)
    assert (found.reason is None) == (found.status == "evaluated")
    assert bool(found.facts) == (found.status == "evaluated")


@pytest.mark.corpus
def test_real_attestations_are_read_or_refused_with_a_reason(corpus: Path) -> None:
    kinds: dict[str, int] = {}
    for path in sorted((corpus / "attestations").rglob("*")):
        if path.is_file():
            found = unseal(envelope(path.read_bytes(), source=path.name), None, NOW)
            assert found.sealed is None
            assert found.signed_by == ()
            kinds[found.kind or found.status] = kinds.get(found.kind or found.status, 0) + 1
    assert kinds["attestation"] >= 16
    assert kinds["tests"] == 1
