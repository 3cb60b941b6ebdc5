"""Each shorthand on real shapes of evidence: both sides of every limit, on both engines."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.errors import InvalidFileError
from tests.judging import ENGINES, policy_text, report, result

METRICS = {
    "accuracy": {"value": 0.9, "n": 500, "lower": 0.87, "upper": 0.93, "level": 0.95},
    "rmse": 2,
    "odd name/1": 0.5,
}
GROUPS = {
    "attribute": "gender",
    "n": 200,
    "groups": {
        "F": {"n": 100, "selected": 30, "positives": 20, "true_positives": 15, "false_positives": 15},
        "M": {"n": 100, "selected": 40, "positives": 25, "true_positives": 20, "false_positives": 20},
    },
}
JUNIT = (
    '<testsuites><testsuite name="s">'
    '<testcase classname="a" name="one"/><testcase classname="a" name="two"/>'
    '<testcase classname="b" name="three"><skipped/></testcase>'
    "</testsuite></testsuites>"
)
TRIVY = {
    "SchemaVersion": 2,
    "ArtifactName": "x",
    "ArtifactType": "container_image",
    "Results": [
        {
            "Target": "debian",
            "Class": "os-pkgs",
            "Type": "debian",
            "Vulnerabilities": [
                {
                    "VulnerabilityID": "CVE-1",
                    "PkgName": "a",
                    "InstalledVersion": "1",
                    "FixedVersion": "2",
                    "Severity": "HIGH",
                },
                {"VulnerabilityID": "CVE-2", "PkgName": "a", "InstalledVersion": "1", "Severity": "CRITICAL"},
            ],
        }
    ],
}
SARIF = {
    "version": "2.1.0",
    "runs": [
        {
            "tool": {"driver": {"name": "ruff"}},
            "results": [{"ruleId": "E1", "level": "warning", "message": {"text": "x"}}],
        }
    ],
}
LOCUST = [
    {
        "name": "/predict",
        "method": "POST",
        "num_requests": 100,
        "num_failures": 2,
        "total_response_time": 1000.0,
        "min_response_time": 5.0,
        "max_response_time": 50.0,
        "response_times": {"10": 95, "50": 5},
        "start_time": 1000.0,
        "last_request_timestamp": 1010.0,
        "num_none_requests": 0,
        "num_reqs_per_sec": {"1000": 10},
        "num_fail_per_sec": {},
    }
]
COMMAND = {
    "schema": "gatekeeper.command/v1",
    "name": "format",
    "exit_status": 1,
    "started_at": "2026-11-23T11:00:00Z",
    "duration_seconds": 2.5,
    "output_digest": "sha256:" + "0" * 64,
    "program": "black",
}
KINDS = {
    "metric": ("metrics", METRICS),
    "fairness": ("fairness", GROUPS),
    "tests": ("tests", JUNIT),
    "scan": ("scan", TRIVY),
    "lint": ("lint", SARIF),
    "latency": ("load", LOCUST),
    "command": ("command", COMMAND),
}


def shorthand(key: str, body: dict[str, Any], content: Any = None, **options: Any) -> Any:
    kind, usual = KINDS[key]
    policy = policy_text([{"id": "it", key: body}], evidence={"e": {"kind": kind}})
    return result(policy, report(usual if content is None else content), **options)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("key", "body", "outcome", "message"),
    [
        ("metric", {"name": "accuracy", "min": 0.9}, "pass", "accuracy 0.9 is at least 0.9"),
        ("metric", {"name": "accuracy", "min": 0.91}, "fail", "accuracy 0.9 is below 0.91"),
        ("metric", {"name": "rmse", "max": 2}, "pass", "rmse 2 is at most 2"),
        ("metric", {"name": "rmse", "max": 1}, "fail", "rmse 2 is above 1"),
        ("metric", {"name": "rmse", "equals": 2}, "pass", "rmse 2 is 2"),
        ("metric", {"name": "odd name/1", "min": 0.6}, "fail", "odd name/1 0.5 is below 0.6"),
        ("metric", {"name": "Accuracy", "min": 0.1}, "missing", "evidence.e.values.Accuracy is missing"),
        ("metric", {"name": "accuracy", "min": 0.5, "min_n": 500}, "pass", "accuracy 0.9 is at least 0.5"),
        ("metric", {"name": "accuracy", "min": 0.5, "min_n": 501}, "inconclusive", None),
        ("metric", {"name": "rmse", "max": 5, "min_n": 1}, "missing", "evidence.e.n.rmse is missing"),
        ("metric", {"name": "accuracy", "min": "1.0 / 2.0"}, "pass", "accuracy 0.9 is at least 0.5"),
        ("metric", {"name": "accuracy", "min": "1 // one"}, "fail", "accuracy 0.9 is below 1"),
        (
            "fairness",
            {"definition": "demographic_parity_difference", "max": 0.11},
            "pass",
            "demographic_parity_difference 0.1 is at most 0.11",
        ),
        ("fairness", {"definition": "demographic_parity_difference", "by": "gender", "max": 0.05}, "fail", None),
        ("fairness", {"definition": "demographic_parity_ratio", "min": 0.75}, "pass", None),
        ("fairness", {"definition": "demographic_parity_ratio", "min": 0.76}, "fail", None),
        ("fairness", {"definition": "equal_opportunity_difference", "max": 0.06}, "pass", None),
        ("fairness", {"definition": "equalized_odds_difference", "max": 0.01}, "fail", None),
        ("fairness", {"definition": "predictive_parity_difference", "max": 0.5}, "pass", None),
        ("fairness", {"definition": "demographic_parity_ratio", "min": 0, "min_group_n": 101}, "inconclusive", None),
        ("fairness", {"definition": "demographic_parity_difference", "by": "age", "max": 0.5}, "missing", None),
        ("fairness", {"definition": "demographic_parity_difference", "max": 0.2, "reference": "F"}, "pass", None),
        ("fairness", {"definition": "demographic_parity_difference", "max": 0.05, "reference": "F"}, "fail", None),
        ("fairness", {"definition": "demographic_parity_ratio", "min": 0.7, "reference": "M"}, "pass", None),
        ("fairness", {"definition": "equal_opportunity_difference", "max": 1, "selection_floor": 0.3}, "pass", None),
        ("fairness", {"definition": "equal_opportunity_difference", "max": 1, "selection_floor": 0.31}, "fail", None),
        ("tests", {}, "pass", "tests that ran 2 is at least 1"),
        ("tests", {"min_tests": 3}, "fail", "tests that ran 2 is below 3"),
        ("tests", {"max_skipped": 0}, "fail", "skipped tests 1 is above 0"),
        ("tests", {"must_pass": ["a::one", "a::*"]}, "pass", None),
        ("tests", {"must_pass": ["b::three"]}, "fail", None),
        ("tests", {"must_pass": ["nowhere::*"]}, "fail", None),
        ("tests", {"must_pass": ["*"]}, "fail", None),
        ("scan", {"max": {"critical": 0}}, "fail", "critical 1 is above 0"),
        ("scan", {"max": {"critical": 0, "high": 1}, "fixable_only": True}, "pass", "fixable critical 0 is at most 0"),
        ("scan", {"max": {"total": 0}, "fixable_only": True}, "fail", "fixable findings 1 is above 0"),
        ("scan", {"max": {"total": 9}, "max_db_age": "7d"}, "missing", "evidence.e.db_updated_at is missing"),
        ("lint", {"max": {"error": 0}}, "pass", "errors 0 is at most 0"),
        ("lint", {"max": {"total": 0}}, "fail", "findings 1 is above 0"),
        ("latency", {"p95_ms": 10}, "pass", "p95 latency in ms 10 is at most 10"),
        ("latency", {"p95_ms": 9, "max_error_rate": 0.1}, "fail", "p95 latency in ms 10 is above 9"),
        ("latency", {"p95_ms": 10, "max_error_rate": 0.01}, "fail", "error rate 0.02 is above 0.01"),
        ("latency", {"min_requests": 101}, "fail", "requests 100 is below 101"),
        ("latency", {"min_duration": "10s"}, "pass", None),
        ("latency", {"endpoint": "POST /predict", "p99_ms": 60}, "pass", None),
        ("latency", {"endpoint": "GET /nowhere", "p99_ms": 60}, "missing", None),
        ("command", {}, "fail", "exit status 1 is not 0"),
        ("command", {"exit_status": 1, "max_duration": "2s"}, "fail", "duration in seconds 2.5 is above 2"),
    ],
)  # fmt: skip
def test_each_side_of_each_limit(
    engine: str, key: str, body: dict[str, Any], outcome: str, message: str | None
) -> None:
    one = shorthand(key, body, engine=engine)
    assert (one.result, message or one.message) == (outcome, one.message)


def test_value_limit_margin_n_and_interval_are_shown() -> None:
    one = shorthand("metric", {"name": "accuracy", "min": 0.938})
    assert (one.observed, one.comparator, one.limit, one.margin, one.n) == (0.9, ">=", 0.938, -0.038, 500)
    assert (one.evidence, one.path) == ("e", "values.accuracy")
    assert one.interval is not None
    assert (one.interval.lower, one.interval.upper, one.interval.confidence) == (0.87, 0.93, 0.95)


def test_margins_are_positive_on_the_good_side() -> None:
    assert shorthand("metric", {"name": "rmse", "max": 3}).margin == 1
    assert shorthand("metric", {"name": "rmse", "max": 1.5}).margin == -0.5
    assert shorthand("command", {}).margin == -1


@pytest.mark.parametrize("engine", ENGINES)
def test_one_group_alone_fails(engine: str) -> None:
    alone = {"attribute": "gender", "groups": {"F": {"n": 100, "selected": 30}}}
    body = {"definition": "demographic_parity_difference", "max": 0.5}
    assert shorthand("fairness", body, alone, engine=engine).result == "fail"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_model_that_selects_nobody_is_not_fair(engine: str) -> None:
    nobody = {
        "attribute": "g",
        "groups": {
            name: {"n": 100, "selected": 0, "positives": 10, "true_positives": 0, "false_positives": 0} for name in "FM"
        },
    }
    for definition in ("demographic_parity_difference", "equal_opportunity_difference"):
        assert shorthand("fairness", {"definition": definition, "max": 0.5}, nobody, engine=engine).result == "fail"


def test_an_undefined_rate_is_missing_and_never_zero() -> None:
    groups = {
        "F": {"n": 100, "selected": 30, "positives": 0, "true_positives": 0},
        "M": {"n": 100, "selected": 30, "positives": 9, "true_positives": 9},
    }
    one = shorthand(
        "fairness", {"definition": "equal_opportunity_difference", "max": 0.1}, {"attribute": "g", "groups": groups}
    )
    assert one.result == "missing"


@pytest.mark.parametrize(
    ("key", "body", "words"),
    [
        ("metric", {"name": "x"}, "`min`, `max` or `equals`"),
        ("metric", {"name": "x", "min": 0.5, "better": "lower"}, "contradicts"),
        ("metric", {"name": "x", "min": 0.5, "in": "nowhere"}, "no metrics named 'nowhere'"),
        ("metric", {"name": "x", "min": "nonsense"}, "nonsense"),
        ("metric", {"name": "x", "min": "'text'"}, "a limit is a number; this gives string"),
        ("metric", {"name": "x", "min": "1) || (true"}, ""),
        ("metric", {"name": "x", "vs": "champion", "max_drop": 0.1, "no_champion": "deny"}, "not built"),
        ("metric", {"name": "x", "min": 0.5, "ask": "demonstrate"}, "not built"),
        ("fairness", {"definition": "demographic_parity_difference", "min": 0.5}, "takes `max`"),
        ("fairness", {"definition": "demographic_parity_ratio", "max": 0.5}, "takes `min`"),
        ("fairness", {"definition": "calibration_gap", "max": 0.5}, "not built"),
        ("scan", {"max": {}}, "at least one severity"),
        ("scan", {"max": {"critcal": 0}}, "critical"),
        ("lint", {"max": {}}, "at least one level"),
        ("latency", {}, "at least one limit"),
    ],
)
def test_a_wrong_shorthand_is_refused(key: str, body: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidFileError) as caught:
        shorthand(key, body)
    assert words in str(caught.value)
    assert all(problem.line for problem in caught.value.problems)


@pytest.mark.parametrize("key", ["slices", "drift"])
def test_a_shorthand_of_the_contract_that_is_not_built_is_refused(key: str) -> None:
    policy = policy_text([{"id": "it", key: {"x": 1}}])
    with pytest.raises(InvalidFileError, match="not built"):
        result(policy, report(METRICS))
