"""Which evidence serves which requirement, and what makes it unusable."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

from gatekeeper.errors import InvalidRequestError
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.artifact import Artifact
from gatekeeper.model.evidence import Envelope
from tests.judging import DIGEST, judge_text, judgement, policy_text, report
from tests.signing import statement

OTHER = "sha256:" + "b" * 64


def junit(*names: str) -> str:
    cases = "".join(f'<testcase classname="c" name="{name}"/>' for name in names)
    return f'<testsuite name="s">{cases}</testsuite>'


def trivy(*digests: str, created: str = "2026-11-23T10:00:00Z") -> dict[str, Any]:
    return {
        "SchemaVersion": 2,
        "CreatedAt": created,
        "ArtifactName": "x",
        "ArtifactType": "container_image",
        "Metadata": {"RepoDigests": [f"registry.example/x@{digest}" for digest in digests]},
        "Results": [{"Target": "debian", "Class": "os-pkgs", "Type": "debian"}],
    }


def scan_policy(**requirement: Any) -> str:
    evidence = {"image": {"kind": "scan", **requirement}}
    return policy_text([{"id": "it", "scan": {"max": {"total": 0}}}], evidence=evidence)


def outcomes(policy: str, *evidence: Envelope, **options: Any) -> dict[str, tuple[str, str]]:
    return {one.rule: (one.result, one.message) for one in judgement(policy, *evidence, **options).results}


ARTIFACT = Artifact(name="x", image="registry.example/x", tag="1", digest=DIGEST)


def test_evidence_about_this_artifact_is_bound() -> None:
    whole = judgement(scan_policy(about="artifact"), report(trivy(DIGEST)), artifact=ARTIFACT)
    assert whole.verdict == "allowed"
    assert [one.bound for one in whole.evidence] == ["bound"]


def test_evidence_is_unbound_where_nothing_is_asked_and_nothing_matches() -> None:
    whole = judgement(scan_policy(), report(trivy()), artifact=ARTIFACT)
    assert whole.verdict == "allowed"
    assert [one.bound for one in whole.evidence] == ["unbound"]


@pytest.mark.parametrize(
    ("requirement", "content", "artifact", "outcome", "words"),
    [
        ({"about": "artifact"}, trivy(OTHER), ARTIFACT, "error", OTHER),
        ({"about": "artifact"}, trivy(), ARTIFACT, "error", "unbound"),
        ({"about": "artifact"}, trivy(DIGEST), None, "missing", "no artifact digest was given"),
        ({"about": "model"}, trivy(DIGEST), ARTIFACT, "missing", "no model digest was given"),
        ({"max_age": "2h"}, trivy(created="2026-11-23T10:00:00Z"), None, "", ""),
        ({"max_age": "2h"}, trivy(created="2026-11-23T09:59:59Z"), None, "missing", "stale"),
        ({"max_age": "2h"}, trivy(created="2026-11-23T12:05:01Z"), None, "error", "after the time of this judgement"),
        ({"max_age": "2h"}, {**trivy(), "CreatedAt": None}, None, "missing", "no time of its own"),
        ({"producers": ["trivy"]}, trivy(), None, "", ""),
        ({}, "{broken", None, "error", "not JSON"),
        ({}, "<html><body>Sign in</body></html>", None, "error", "web page"),
        ({}, {"SchemaVersion": 2, "ArtifactName": "x"}, None, "missing", ""),
        ({}, {"accuracy": 0.9}, None, "error", "this is metrics evidence; scan is asked for"),
    ],
)
def test_what_makes_evidence_unusable(
    requirement: dict[str, Any], content: Any, artifact: Artifact | None, outcome: str, words: str
) -> None:
    found = outcomes(scan_policy(**requirement), report(content, name="image"), artifact=artifact)
    if not outcome:
        assert set(found) == {"it"}
        return
    result, message = found["evidence/image"]
    assert result == outcome
    assert words in message
    assert found["it"][0] == outcome


def test_another_producer_is_an_error_by_name_and_no_fit_without_one() -> None:
    policy = scan_policy(producers=["grype"])
    assert outcomes(policy, report(trivy(), name="image"))["evidence/image"][0] == "error"
    assert outcomes(policy, report(trivy()))["evidence/image"][0] == "missing"
    assert judge_text(policy, report(trivy(), source="scan.json")).report.unused == ("scan.json",)


def test_shards_add_and_a_lost_one_is_found() -> None:
    policy = policy_text([{"id": "it", "tests": {"min_tests": 3}}], evidence={"unit": {"kind": "tests", "expect": 2}})
    one, two = report(junit("a", "b"), source="1.xml"), report(junit("c"), source="2.xml")
    assert judgement(policy, one, two).verdict == "allowed"
    assert outcomes(policy, one)["evidence/unit"] == ("missing", "1 of 2 reports are there")
    three = report(junit("d"), source="3.xml")
    assert outcomes(policy, one, two, three)["evidence/unit"][0] == "error"


def test_the_same_bytes_twice_do_not_count_twice() -> None:
    policy = policy_text([{"id": "it", "tests": {"min_tests": 2}}], evidence={"unit": {"kind": "tests"}})
    one, copy = report(junit("a"), source="1.xml"), report(junit("a"), source="2.xml")
    assert outcomes(policy, one, copy)["evidence/unit"][0] == "error"


def test_two_files_for_one_slot_are_an_error() -> None:
    policy = policy_text("evidence.metrics.values.a > 0.5")
    found = outcomes(policy, report({"a": 0.9}, source="1.json"), report({"a": 0.1}, source="2.json"))
    assert found["evidence/metrics"][0] == "error"
    assert found["it"][0] == "error"


def test_evidence_without_a_name_serves_every_requirement_that_it_fits() -> None:
    evidence = {"one": {"kind": "metrics"}, "two": {"kind": "metrics"}}
    policy = policy_text("evidence.one.values.a > 0.5 && evidence.two.values.a > 0.5", evidence=evidence)
    whole = judgement(policy, report({"a": 0.9}))
    assert whole.verdict == "allowed"
    assert [one.name for one in whole.evidence] == ["one", "two"]


@pytest.mark.parametrize(("scanner", "outcome"), [({"result": []}, "error"), ({}, "missing")])
def test_a_broken_report_that_may_have_been_the_scan_does_not_vanish(scanner: dict[str, Any], outcome: str) -> None:
    """A Statement can be a scan, tests or an attestation: of a broken one nobody knows which was meant."""
    broken = json.dumps(statement({"scanner": scanner}, "https://in-toto.io/attestation/vulns/v0.2")).encode()
    rules = [
        {"id": "it", "when": "has(evidence.image)", "scan": {"max": {"total": 0}}},
        {"id": "rest", "require": "true"},
    ]
    policy = policy_text(rules, evidence={"image": {"kind": "scan", "optional": True}})
    assert judgement(policy).verdict == "allowed"
    for name, place in ((None, "x.json"), ("image", "evidence/image")):
        given = envelope(broken, source="x.json", name=name, producer="in-toto")
        whole = judgement(policy, given)
        assert whole.verdict == "undecided"
        assert {one.rule: one.result for one in whole.results}[place] == outcome


def test_an_unknown_evidence_name_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="Did you mean 'metrics'"):
        judgement(policy_text("true"), report({"a": 1}, name="metric"))


def test_optional_evidence_may_be_absent_but_not_broken() -> None:
    evidence = {"notes": {"kind": "command", "optional": True}, "metrics": {"kind": "metrics"}}
    rules = [
        {"id": "asks", "require": "!has(evidence.notes) || evidence.metrics.values.a > 0.5"},
        {"id": "reads", "require": "evidence.notes.exit_status == 0"},
        {"id": "may", "optional": True, "require": "evidence.notes.exit_status == 0"},
    ]
    policy = policy_text(rules, evidence=evidence)
    absent = outcomes(policy, report({"a": 0.9}))
    assert {rule: found[0] for rule, found in absent.items()} == {"asks": "pass", "reads": "missing", "may": "skipped"}
    broken = outcomes(policy, report({"a": 0.9}), report('{"schema": "gatekeeper.command/v1"}', name="notes"))
    assert {rule: found[0] for rule, found in broken.items()} == {
        "evidence/notes": "error",
        "asks": "error",
        "reads": "error",
        "may": "error",
    }


def test_a_given_report_that_nobody_can_read_does_not_vanish() -> None:
    policy = policy_text("evidence.metrics.values.a > 0.5")
    whole = judgement(policy, report({"a": 0.9}), report("{broken", source="/some/where/scan.json"))
    assert whole.verdict == "undecided"
    assert [one.rule for one in whole.results if one.result == "error"] == ["scan.json"]


def test_the_judgement_does_not_depend_on_the_order_of_files() -> None:
    policy = policy_text(
        [{"id": "t", "tests": {}}, {"id": "m", "metric": {"name": "a", "min": 0.5}}],
        evidence={"unit": {"kind": "tests"}, "metrics": {"kind": "metrics"}},
    )
    files = [
        report(junit("a", "b"), source="x/1.xml"),
        report(junit("c"), source="y/2.xml"),
        report({"a": 0.9}, source="m.json"),
        report("{broken", source="broken.json"),
    ]
    decisions = {judge_text(policy, *order).report.decision for order in itertools.permutations(files)}
    assert len(decisions) == 1
