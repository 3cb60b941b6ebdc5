"""Coverage of meaning: what is demanded, which changes there are, which are noticed, and the case that would notice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from gatekeeper.cases.mutants import Mutant
from gatekeeper.cases.policy_mutants import PolicyMutants
from gatekeeper.judge.cel import load_engine
from gatekeeper.judge.prepare import Application, prepare
from gatekeeper.model.policy import SHORTHANDS
from gatekeeper.model.tested import Coverage, Survivor
from gatekeeper.policy.documents import load
from tests.cases.scene import ACCURACY, GOOD, METRICS, case, covered, files, policy, run, text
from tests.conftest import Golden

ROOT = Path(__file__).resolve().parents[2]
PASSES = case("pass", evidence=GOOD, expect={"results": {"accuracy": "pass"}})


def measured(given: dict[str, Any], *cases: dict[str, Any]) -> Coverage:
    """The coverage of a policy by these cases, all of which pass."""
    tested = covered(given, *cases)
    assert all(one.passed for one in tested.cases)
    assert tested.coverage is not None
    return tested.coverage


def alive(coverage: Coverage) -> set[str]:
    """What survived, as `subject: old → new`."""
    return {f"{one.subject}: {one.old} → {one.new}" for one in coverage.survivors}


def _key(one: Survivor) -> tuple[object, ...]:
    return one.line, one.column, one.what, one.old, one.new


def with_proposals(given: dict[str, Any], *cases: dict[str, Any]) -> Coverage:
    """The coverage after every proposed case was pasted, again and again."""
    found, have = measured(given, *cases), list(cases)
    for _ in range(5):
        have += [yaml.safe_load(one.text) for one in found.proposed]
        pasted = "".join(f"---\n{one}" for one in (text(one) for one in have))
        (tested,) = run({"policies/p.yaml": text(given), "policies/tests/p.yaml": pasted}, coverage=True).policies
        assert [one.name for one in tested.cases if not one.passed] == []
        assert tested.coverage is not None
        noticed = {_key(one) for one in found.survivors if one.case is not None}
        assert not noticed & set(map(_key, tested.coverage.survivors)), "a case notices what it was proposed for"
        found = tested.coverage
        if not found.proposed:
            break
    return found


def test_a_limit_needs_a_case_on_each_side_and_at_it() -> None:
    coverage = measured(policy(ACCURACY), PASSES)
    assert [one.what for one in coverage.missing] == [
        "evidence/metrics is missing",
        "accuracy: a fail",
        "accuracy: accuracy >= 0.85 does not hold",
    ]
    assert alive(coverage) == {
        "evidence/metrics: false → true",
        "accuracy: false → true",
        "accuracy: 0.85 → 0.84",
        "accuracy: 0.85 → 0.86",
        "accuracy: accuracy >= 0.85 → accuracy > 0.85",
    }
    values = {"below": 0.845, "at": 0.85}
    more = [
        case(
            name,
            evidence={"metrics": {"values": {"accuracy": value}}},
            expect={"results": {"accuracy": "fail" if name == "below" else "pass"}},
        )
        for name, value in values.items()
    ]
    absent = case("absent", expect={"results": {"evidence/metrics": "missing", "accuracy": "missing"}})
    whole = measured(policy(ACCURACY), PASSES, *more, absent)
    assert (whole.percent, whole.survivors, whole.missing) == (100.0, (), ())
    assert measured(policy(ACCURACY), PASSES, *more).percent < 100


def test_what_is_not_named_is_not_shown() -> None:
    only_verdict = case(evidence=GOOD, expect={"verdict": "allowed"})
    assert "accuracy: a pass" in [one.what for one in measured(policy(ACCURACY), only_verdict).missing]


def test_a_failing_case_shows_nothing() -> None:
    wrong = case(evidence=GOOD, expect={"results": {"accuracy": "fail"}})
    coverage = covered(policy(ACCURACY), wrong).coverage
    assert coverage is not None
    assert (coverage.demands_met, coverage.killed) == (0, 0)


def test_a_survivor_is_told_with_its_place_and_the_case_to_add() -> None:
    given = text(policy(ACCURACY)).replace("min: 0.85", "min: 0.850")
    (tested,) = run({"policies/p.yaml": given, "policies/tests/p.yaml": text(PASSES)}, coverage=True).policies
    assert tested.coverage is not None
    survivor = next(one for one in tested.coverage.survivors if one.old == "0.850")
    line = given.split("\n")[survivor.line - 1]
    assert line[survivor.column - 1 :].startswith("0.850")
    assert survivor.new == "0.849"
    (proposed,) = (one for one in tested.coverage.proposed if one.name == survivor.case)
    assert yaml.safe_load(proposed.text)["spec"] == {
        "policy": "p",
        "evidence": {"metrics": {"values": {"accuracy": 0.849}}},
        "expect": {"results": {"accuracy": "fail"}},
    }


def test_a_place_inside_an_expression_is_exact() -> None:
    folded = ">-\n        evidence.metrics.values.a > 0.05\n        && evidence.metrics.values.b < 0.95"
    rule = f"    - id: it\n      why: w\n      remedy: r\n      require: {folded}\n"
    head = text(policy({"id": "it"})).split("  rules:")[0]
    given = f"{head}  rules:\n{rule}"
    (tested,) = run({"policies/p.yaml": given}, coverage=True).policies
    assert tested.coverage is not None
    lines = given.split("\n")
    for one in tested.coverage.survivors:
        if one.subject == "it" and one.what in ("limit", "comparator"):
            assert lines[one.line - 1][one.column - 1 :].startswith(one.old)


X = "evidence.metrics.values"
FRESH = {"max_db_age": "24h"}
ASKED = {
    "about": "artifact",
    "max_age": "7d",
    "producers": ["trivy", "grype"],
    "signed_by": ["ci", "audit"],
    "expect": 2,
}
RULES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a limit in a parameter": (
        {"rules": [{"id": "it", "metric": {"name": "a", "min": "params.x", "max": 1}}]},
        {"parameters": {"x": {"type": "number", "default": 0.85, "minimum": 0, "maximum": 1}}},
    ),
    "a limit that is computed": (
        {"rules": [{"id": "it", "metric": {"name": "a", "min": "params.x + 0.05"}}]},
        {"parameters": {"x": {"type": "number", "default": 0.8}}},
    ),
    "an expression of two facts": (
        {"rules": [{"id": "it", "require": "double(evidence.unit.skipped) <= 0.2 * double(evidence.unit.total)"}]},
        {"evidence": {"unit": {"kind": "tests"}}},
    ),
    "a condition of several": (
        {"rules": [{"id": "it", "require": f"{X}.a > 0.05 && ({X}.b >= 1.0 || {X}.c < 2.5)"}]},
        {},
    ),
    "a guard": (
        {"rules": [{"id": "it", "require": "has(evidence.image.os_end_of_life) && !evidence.image.os_end_of_life"}]},
        {"evidence": {"image": {"kind": "scan"}}},
    ),
    "when": (
        {"rules": [{"id": "it", "when": "environment.name == 'production'", "metric": {"name": "a", "min": 1}}]},
        {},
    ),
    "a variable": (
        {"rules": [{"id": "it", "require": "variables.rate < 0.1"}]},
        {"variables": {"rate": "1.0 - evidence.metrics.values.a"}},
    ),
    "a switch": (
        {"rules": [{"id": "it", "when": "params.strict", "metric": {"name": "a", "min": 1}}]},
        {"parameters": {"strict": {"type": "boolean", "default": True}}},
    ),
    "an optional rule": ({"rules": [{"id": "it", "optional": True, "metric": {"name": "a", "min": 1}}]}, {}),
    "a day": ({"rules": [{"id": "it", "effective_on": "2025-06-01", "metric": {"name": "a", "min": 1}}]}, {}),
    "a sample size": ({"rules": [{"id": "it", "metric": {"name": "a", "min": 0.5, "min_n": 100}}]}, {}),
    "fairness": (
        {"rules": [{"id": "it", "fairness": {"definition": "demographic_parity_difference", "max": 0.1}}]},
        {"evidence": {"groups": {"kind": "fairness"}}},
    ),
    "a scan": (
        {"rules": [{"id": "it", "scan": {"max": {"critical": 0, "high": 5}, "fixable_only": True, **FRESH}}]},
        {"evidence": {"image": {"kind": "scan"}}},
    ),
    "tests": (
        {"rules": [{"id": "it", "tests": {"min_tests": 3, "max_skipped": 1, "must_pass": ["a::b"]}}]},
        {"evidence": {"unit": {"kind": "tests"}}},
    ),
    "load": (
        {"rules": [{"id": "it", "latency": {"p95_ms": 250, "max_error_rate": 0.01, "min_duration": "30s"}}]},
        {"evidence": {"load": {"kind": "load"}}},
    ),
    "a tool": (
        {"rules": [{"id": "it", "command": {"max_duration": "5m"}}]},
        {"evidence": {"tool": {"kind": "command"}}},
    ),
    "what is asked of evidence": (
        {"rules": [{"id": "it", "scan": {"max": {"critical": 0}}}]},
        {"evidence": {"image": {"kind": "scan", **ASKED}}},
    ),
    "optional evidence": (
        {"rules": [{"id": "it", "metric": {"name": "a", "min": 1}}]},
        {"evidence": {**METRICS, "image": {"kind": "scan", "optional": True}}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RULES)
def test_pasting_what_is_proposed_leaves_nothing_that_survives(name: str) -> None:
    """From no case at all."""
    given, spec = RULES[name]
    coverage = with_proposals(policy(*given["rules"], **spec))
    assert (alive(coverage), coverage.percent > 0) == (set(), True)


MORE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "lint": (
        {"rules": [{"id": "it", "lint": {"max": {"error": 0, "warning": 20}}}]},
        {"evidence": {"style": {"kind": "lint"}}},
    ),
    "data": (
        {"rules": [{"id": "it", "data": {"max_failed_share": 0.05, "min_checks": 3, "must_pass": ["unique"]}}]},
        {"evidence": {"checks": {"kind": "data"}}},
    ),
    "lineage": (
        {"rules": [{"id": "it", "lineage": {"same": ["commit", "data"]}}]},
        {"evidence": {"origin": {"kind": "lineage"}}},
    ),
    "slo": (
        {"rules": [{"id": "it", "slo": {"max_burn_rate": 14.4, "windows": [["1h", "5m"]], "min_events": 100}}]},
        {"evidence": {"slo": {"kind": "slo"}}},
    ),
    "rollout": (
        {"rules": [{"id": "it", "rollout": {"min_available": 2, "same_digest": True, "max_restarts": 0}}]},
        {"evidence": {"rollout": {"kind": "rollout"}}},
    ),
    "approval": (
        {"rules": [{"id": "it", "approval": {"count": 2, "from": ["alice", "bob"], "level": "reviewed"}}]},
        {"evidence": {"people": {"kind": "approval"}}},
    ),
}


def _mutants(name: str) -> list[Mutant]:
    given, spec = {**RULES, **MORE}[name]
    document = load(text(policy(*given["rules"], **spec)).encode(), "p.yaml")[0]
    engines = (load_engine(None),)
    (base,) = prepare([Application(document=document, enforcement="deny")], engines)
    return list(PolicyMutants(document, base, engines).all())


def test_the_mutants_of_every_shorthand(golden: Golden) -> None:
    lines = []
    for name in (*RULES, *MORE):
        lines.append(f"{name}:")
        for one in _mutants(name):
            end = " (refused)" if one.variant is None else f" ({one.same})" if one.same else ""
            lines.append(f"  {one.subject}: {one.what}: {one.old} → {one.new}{end}")
    golden("policy-test/mutants.txt", "\n".join(lines) + "\n")


def test_every_shorthand_is_here() -> None:
    written = {key for given, _ in (*RULES.values(), *MORE.values()) for rule in given["rules"] for key in rule}
    assert set(SHORTHANDS) <= written


@pytest.mark.parametrize("name", [*RULES, *MORE])
def test_another_comparator_reaches_the_condition(name: str) -> None:
    """Whichever way a shorthand puts its terms together."""
    assert not [one for one in _mutants(name) if one.what == "comparator" and (one.same or one.variant is None)]


def test_a_mutant_that_no_file_could_hold_does_not_count() -> None:
    bounded = {"x": {"type": "number", "default": 0, "minimum": 0}}
    given = policy({"id": "it", "metric": {"name": "a", "min": "params.x"}}, parameters=bounded)
    assert measured(given).refused == 2  # the default below its minimum, and the rule without its only limit


def test_what_no_rule_reads_does_not_count() -> None:
    given = policy(
        ACCURACY,
        parameters={"x": {"type": "number", "default": 1}},
        variables={"unread": "evidence.metrics.values.accuracy > 0.5"},
    )
    assert measured(given).mutants == measured(policy(ACCURACY)).mutants
    assert measured(given).equivalent == 6


def test_each_version_is_covered_by_its_own_cases() -> None:
    old, new = policy(ACCURACY), policy(ACCURACY, version="2.0.0")
    report = run(files([old, new], [PASSES]), coverage=True)
    ((policy_tested),) = report.policies
    assert (policy_tested.version, len(policy_tested.cases)) == ("2.0.0", 1)


def test_too_little_coverage_is_a_finding() -> None:
    report = run(files([policy(ACCURACY)], [PASSES]), coverage=True, min_coverage=100)
    assert report.findings == ("p 1.0.0: coverage is 33.3 %, below 100 %",)
    assert not report.clean
