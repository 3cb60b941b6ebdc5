"""The shipped policies under the reference environments: each limit from both sides, and what is not there."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gatekeeper.app.evaluate import Request, evaluate
from gatekeeper.connect.folder import FolderTree
from gatekeeper.evidence.reading import envelope
from gatekeeper.judge.cel import load_engine
from gatekeeper.model.artifact import Artifact
from gatekeeper.model.judgement import Judgement, Result
from gatekeeper.model.policy import Policy
from gatekeeper.model.servicelevel import ServiceLevel
from gatekeeper.policy.documents import load
from tests.policies import reports

ROOT = Path(__file__).resolve().parent.parent.parent
FILES = sorted((ROOT / "policies").glob("*.yaml"))
ELSEWHERE = {"lineage"}
"""Policies that deny in no reference environment; their cases are in `policies/tests`."""
NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


def judged(
    files: Mapping[str, bytes], environment: str = "staging", engines: tuple[str | None, ...] = (None,)
) -> Judgement:
    artifact = Artifact(name=None, image=reports.IMAGE, tag="1.4.2", digest=reports.DIGEST)
    request = Request(
        artifact=artifact,
        envelopes=tuple(envelope(data, source=name) for name, data in files.items()),
        now=NOW,
        engines=tuple(load_engine(name) for name in engines),
        environment=environment,
    )
    return evaluate(FolderTree(str(ROOT)), request).report.judgement


def result_of(judgement: Judgement, rule: str) -> Result:
    """The result of a rule by its id, with its policy's name before it where several policies have the id."""
    policy, _, name = rule.rpartition("/")
    return next(result for result in judgement.results if result.rule == name and policy in ("", result.policy))


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_a_healthy_candidate_is_allowed_and_every_rule_looked_at_it(environment: str) -> None:
    judgement = judged(reports.healthy(), environment)
    assert judgement.verdict == "allowed"
    assert {result.result for result in judgement.results if result.enforcement != "audit"} == {"pass"}
    judged_rules = {(result.policy, result.rule) for result in judgement.results}
    elsewhere = {"lineage", "service-health"} if environment == "staging" else set()
    policies = [policy_in(path) for path in FILES if path.stem not in elsewhere]
    rules = {(policy.metadata.name, rule.id) for policy in policies for rule in policy.spec.rules}
    assert {rule for rule in judged_rules if not rule[1].startswith("evidence/")} == rules


LIMITS = [
    ("accuracy", {"metrics.json": reports.metrics(accuracy=0.85)}, "pass"),
    ("accuracy", {"metrics.json": reports.metrics(accuracy=0.8499)}, "fail"),
    ("accuracy", {"metrics.json": reports.metrics(accuracy=61.0)}, "fail"),
    ("f1", {"metrics.json": reports.metrics(f1=0.80)}, "pass"),
    ("f1", {"metrics.json": reports.metrics(f1=0.7999)}, "fail"),
    ("f1", {"metrics.json": reports.metrics(f1=84.0)}, "fail"),
    ("roc-auc", {"metrics.json": reports.metrics(roc_auc=0.80)}, "pass"),
    ("roc-auc", {"metrics.json": reports.metrics(roc_auc=0.7999)}, "fail"),
    ("roc-auc", {"metrics.json": reports.metrics(roc_auc=95.0)}, "fail"),
    ("not-collapsed", {"metrics.json": reports.metrics(positive_rate=0.05)}, "pass"),
    ("not-collapsed", {"metrics.json": reports.metrics(positive_rate=0.0499)}, "fail"),
    ("not-collapsed", {"metrics.json": reports.metrics(positive_rate=0.95)}, "pass"),
    ("not-collapsed", {"metrics.json": reports.metrics(positive_rate=0.9501)}, "fail"),
    ("inference-time", {"metrics.json": reports.metrics(inference_100_rows_ms=499.9)}, "pass"),
    ("inference-time", {"metrics.json": reports.metrics(inference_100_rows_ms=500.0)}, "fail"),
    ("inference-time", {"metrics.json": reports.metrics(inference_100_rows_ms=-1.0)}, "fail"),
    (
        "demographic-parity",
        {"fairness.json": reports.fairness({"a": (100, 30, 40, 20), "b": (100, 20, 40, 20)})},
        "pass",
    ),
    (
        "demographic-parity",
        {"fairness.json": reports.fairness({"a": (100, 31, 40, 20), "b": (100, 20, 40, 20)})},
        "fail",
    ),
    ("demographic-parity", {"fairness.json": reports.fairness({"a": (100, 30, 40, 20)})}, "fail"),
    (
        "demographic-parity",
        {"fairness.json": reports.fairness({"a": (30, 6, 10, 5), "b": (30, 6, 10, 5)})},
        "pass",
    ),
    (
        "demographic-parity",
        {"fairness.json": reports.fairness({"a": (29, 6, 10, 5), "b": (30, 6, 10, 5)})},
        "inconclusive",
    ),
    (
        "equal-opportunity",
        {"fairness.json": reports.fairness({"a": (100, 25, 40, 24), "b": (100, 25, 40, 20)})},
        "pass",
    ),
    (
        "equal-opportunity",
        {"fairness.json": reports.fairness({"a": (100, 25, 40, 25), "b": (100, 25, 40, 20)})},
        "fail",
    ),
    ("checks", {"data.json": reports.data(total=5)}, "pass"),
    ("checks", {"data.json": reports.data(total=4)}, "fail"),
    ("checks", {"data.json": reports.data(failed=1)}, "fail"),
    ("data-quality/few-skipped", {"data.json": reports.data(total=8, skipped=2)}, "pass"),
    ("data-quality/few-skipped", {"data.json": reports.data(total=8, skipped=3)}, "fail"),
    ("enough-rows", {"data.json": reports.data(rows=1000)}, "pass"),
    ("enough-rows", {"data.json": reports.data(rows=999)}, "fail"),
    ("lint", {"ruff.sarif": reports.sarif(errors=1)}, "fail"),
    ("lint", {"ruff.sarif": reports.sarif(warnings=20)}, "pass"),
    ("lint", {"ruff.sarif": reports.sarif(warnings=21)}, "fail"),
    ("unit-tests", {"junit.xml": reports.junit(passed=5)}, "pass"),
    ("unit-tests", {"junit.xml": reports.junit(passed=4)}, "fail"),
    ("unit-tests", {"junit.xml": reports.junit(passed=4, skipped=6)}, "fail"),
    ("unit-tests", {"junit.xml": reports.junit(passed=10, failed=1)}, "fail"),
    ("code-health/few-skipped", {"junit.xml": reports.junit(passed=8, skipped=2)}, "pass"),
    ("code-health/few-skipped", {"junit.xml": reports.junit(passed=8, skipped=3)}, "fail"),
    ("no-fixable-critical", {"trivy.json": reports.trivy(critical=1)}, "fail"),
    ("no-fixable-critical", {"trivy.json": reports.trivy(unfixable=1)}, "pass"),
    ("few-fixable-high", {"trivy.json": reports.trivy(high=5)}, "pass"),
    ("few-fixable-high", {"trivy.json": reports.trivy(high=6)}, "fail"),
    ("few-fixable-unrated", {"trivy.json": reports.trivy()}, "pass"),
    ("few-fixable-unrated", {"trivy.json": reports.trivy(unrated=1)}, "fail"),
    ("supported-base", {"trivy.json": reports.trivy(end_of_life=True)}, "fail"),
    ("promise", {"slo.json": reports.service_level(objective=0.99)}, "pass"),
    ("promise", {"slo.json": reports.service_level(objective=0.9899)}, "fail"),
    ("promise", {"slo.json": reports.service_level(objective=0.4, errors=5000.0)}, "fail"),
    ("whole-budget", {"slo.json": reports.service_level(budget="1h")}, "fail"),
    ("fast-burn", {"slo.json": reports.service_level(errors=145)}, "fail"),
    ("fast-burn", {"slo.json": reports.service_level(errors=144)}, "pass"),
    ("slow-burn", {"slo.json": reports.service_level(errors=61)}, "fail"),
    ("slow-burn", {"slo.json": reports.service_level(errors=60)}, "pass"),
    ("slow-burn", {"slo.json": reports.service_level(events=999)}, "inconclusive"),
    ("creeping-burn", {"slo.json": reports.service_level(errors=11)}, "fail"),
    ("creeping-burn", {"slo.json": reports.service_level(errors=10)}, "pass"),
    ("budget-left", {"slo.json": reports.service_level(errors=10)}, "fail"),
    ("budget-left", {"slo.json": reports.service_level(errors=9)}, "pass"),
    ("rolled-out", {"rollout.json": reports.rollout(updated=1)}, "fail"),
    ("same-image", {"rollout.json": reports.rollout(digest="sha256:" + "d" * 64)}, "fail"),
    ("few-restarts", {"rollout.json": reports.rollout(restarts=1)}, "fail"),
    ("p95", {"locust.json": reports.locust(milliseconds=300)}, "pass"),
    ("p95", {"locust.json": reports.locust(milliseconds=310)}, "fail"),
    ("error-rate", {"locust.json": reports.locust(failures=4)}, "pass"),
    ("error-rate", {"locust.json": reports.locust(failures=5)}, "fail"),
    ("enough-requests", {"locust.json": reports.locust(requests=100)}, "pass"),
    ("enough-requests", {"locust.json": reports.locust(requests=99)}, "fail"),
]


def place_of(rule: str) -> str:
    """The environment in which the rule is judged; both where it is in staging."""
    health = policy_in(ROOT / "policies" / "service-health.yaml")
    return "production" if rule in {one.id for one in health.spec.rules} else "staging"


@pytest.mark.parametrize(("rule", "changed", "outcome"), LIMITS)
def test_each_limit_from_both_sides(rule: str, changed: dict[str, bytes], outcome: str) -> None:
    judgement = judged({**reports.healthy(), **changed}, place_of(rule))
    found = result_of(judgement, rule)
    assert found.result == outcome
    if found.enforcement == "deny" and outcome != "pass":
        assert judgement.verdict == {"fail": "denied", "inconclusive": "undecided"}[outcome]
    elif {result.result for result in judgement.results if result.enforcement == "deny"} == {"pass"}:
        assert judgement.verdict == "allowed"


@pytest.mark.parametrize(("rule", "changed", "outcome"), LIMITS)
def test_both_engines_agree(rule: str, changed: dict[str, bytes], outcome: str) -> None:
    judgement = judged({**reports.healthy(), **changed}, place_of(rule), engines=("cel-cpp", "cel-python"))
    assert result_of(judgement, rule).result == outcome
    assert not [result.message for result in judgement.results if result.result == "error"]


def test_every_rule_has_a_case_that_does_not_pass() -> None:
    assert {rule.id for path in FILES if path.stem not in ELSEWHERE for rule in policy_in(path).spec.rules} == {
        rule.rpartition("/")[2] for rule, _, outcome in LIMITS if outcome != "pass"
    }


@pytest.mark.parametrize("name", sorted(reports.METRICS))
def test_a_missing_metric_is_missing_and_never_zero(name: str) -> None:
    judgement = judged({**reports.healthy(), "metrics.json": reports.metrics(**{name: None})})
    assert judgement.verdict == "undecided"
    assert [result.result for result in judgement.results if result.result != "pass"] == ["missing"]


@pytest.mark.parametrize("file", sorted(reports.healthy()))
def test_a_missing_report_is_never_allowed_in_production(file: str) -> None:
    files = reports.healthy()
    del files[file]
    judgement = judged(files, "production")
    assert judgement.verdict == "undecided"
    denying = [result for result in judgement.results if result.enforcement == "deny"]
    assert [result.result for result in denying if result.rule.startswith("evidence/")] == ["missing"]


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        (reports.trivy(digest="sha256:" + "d" * 64), "error"),
        (reports.trivy(made="2026-11-16T06:59:59Z"), "missing"),
        (reports.trivy(made="2026-11-16T07:00:00Z"), None),
    ],
    ids=["of another image", "older than a week", "a week old"],
)
def test_the_scan_is_of_this_image_and_fresh(changed: bytes, outcome: str | None) -> None:
    judgement = judged({**reports.healthy(), "trivy.json": changed})
    found = [result.result for result in judgement.results if result.rule == "evidence/image"]
    assert found == ([outcome] if outcome else [])
    assert judgement.verdict == ("undecided" if outcome else "allowed")


def test_production_is_nowhere_looser_than_staging() -> None:
    staging, production = (judged(reports.healthy(), name).policies for name in ("staging", "production"))
    looser = []
    for path in FILES:
        policy = policy_in(path)
        if policy.metadata.name not in {use.name for use in staging}:
            continue
        mine, other = (
            next(use.parameters for use in uses if use.name == policy.metadata.name) for uses in (production, staging)
        )
        for name, parameter in policy.spec.parameters.items():
            is_looser = mine[name] < other[name] if parameter.stricter == "higher" else mine[name] > other[name]
            looser += [name] * is_looser
    assert not looser


def policy_in(path: Path) -> Policy:
    value = load(path.read_bytes(), path.name)[0].value
    assert isinstance(value, Policy)
    return value


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_readme_explains_every_rule_and_parameter_as_it_is(path: Path) -> None:
    policy = policy_in(path)
    readme = (ROOT / "policies" / "README.md").read_text()
    section = readme.split(f"\n## {policy.metadata.name}\n")[1].split("\n## ")[0]
    rows = dict(re.findall(r"^\| `([^`]+)` \|(.*)\|$", section, re.M))
    assert [rule.id for rule in policy.spec.rules] == [name for name in rows if not name.startswith("evidence/")]
    for rule in policy.spec.rules:
        assert f"| {rule.severity} |" in rows[rule.id]
        assert rule.waivable or "Not waivable" in rows[rule.id]
    for name, parameter in policy.spec.parameters.items():
        assert re.search(rf"`{name}`(?: rows)? \(?{float(parameter.default):g}0?\b", section), name  # type: ignore[arg-type]


def test_the_readme_lists_every_policy_in_its_table_and_no_other() -> None:
    readme = (ROOT / "policies" / "README.md").read_text()
    table = re.findall(r"^\| \[`([^`]+)`\]\(#([^)]+)\) \| (.+) \|$", readme, re.M)
    assert [(name, anchor) for name, anchor, _ in table] == [(path.stem, path.stem) for path in FILES]
    for path, (_, _, kinds) in zip(FILES, table, strict=True):
        kinds_read = {requirement.kind for requirement in policy_in(path).spec.evidence.values()}
        assert set(re.findall(r"`([^`]+)`", kinds)) == kinds_read


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_policy_has_a_title_and_owners(path: Path) -> None:
    policy = policy_in(path)
    assert policy.metadata.name == path.stem
    assert policy.metadata.title
    assert policy.metadata.owners


def test_the_service_level_of_the_readme_asks_for_what_the_policy_reads() -> None:
    readme = (ROOT / "policies" / "README.md").read_text()
    example = textwrap.dedent(re.findall(r"^ *```yaml\n(.*?)^ *```$", readme, re.M | re.S)[0])
    level = load(example.encode(), "README.md")[0].value
    assert isinstance(level, ServiceLevel)
    rules = policy_in(ROOT / "policies" / "service-health.yaml").spec.rules
    named = {window for rule in rules if rule.slo for pair in rule.slo.windows for window in pair}
    assert set(level.spec.windows) == named
    assert (level.spec.budget_window, bool(level.spec.total)) == ("30d", True)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_parameter_says_which_way_is_stricter_and_is_bounded(path: Path) -> None:
    for parameter in policy_in(path).spec.parameters.values():
        assert isinstance(parameter.stricter, str)
        assert isinstance(parameter.minimum, int | float)
        assert isinstance(parameter.maximum, int | float)
        assert parameter.description
