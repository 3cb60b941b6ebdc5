"""Missing is missing, even where `||` would hide it, on both engines."""

from __future__ import annotations

import pytest

from gatekeeper.errors import InvalidFileError
from tests.judging import ENGINES, policy_text, report, result

METRICS = {"accuracy": 0.9, "f1": 0.8}
V = "evidence.metrics.values"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("condition", "outcome"),
    [
        (f"{V}.accuracy >= 0.85", "pass"),
        (f"{V}.accuracy >= 0.95", "fail"),
        (f"{V}.gap <= 0.1", "missing"),
        (f"{V}.gap <= 0.1 || true", "missing"),
        (f"true || {V}.gap <= 0.1", "missing"),
        (f"false && {V}.gap <= 0.1", "missing"),
        (f"{V}.accuracy > 0.5 ? true : {V}.gap <= 0.1", "missing"),
        (f"!has({V}.gap) || {V}.gap <= 0.1", "missing"),
        (f"has({V}.gap) && {V}.gap <= 0.1", "fail"),
        (f"has({V}.gap) ? {V}.gap <= 0.1 : true", "pass"),
        (f"has({V}.gap) ? true : {V}.gap <= 0.1", "missing"),
        (f"has({V}.accuracy) && {V}.gap <= 0.1", "missing"),
        (f"{V}.gap <= 0.1 && has({V}.gap)", "missing"),
        (f"{V}['accuracy'] >= 0.85", "pass"),
        (f"{V}['gap'] <= 0.1 || true", "missing"),
        (f"[1.0, 2.0].exists(x, x > {V}.gap) || true", "missing"),
        (f"[1.0].all(x, has({V}.gap) && {V}.gap > x) || true", "pass"),
        ("has(evidence.metrics.values.accuracy)", "pass"),
        ("1 / 0 == 1", "error"),
        ("has(artifact.digest) || true", "missing"),
        ("artifact.tag == 'x' || true", "missing"),
        ("environment.name != 'sandbox' || true", "missing"),
    ],
)
def test_a_static_path_must_exist_unless_guarded(engine: str, condition: str, outcome: str) -> None:
    assert result(policy_text(condition), report(METRICS), engine=engine).result == outcome


@pytest.mark.parametrize("engine", ENGINES)
def test_paths_are_followed_through_variables_and_when(engine: str) -> None:
    variables = {"gap": f"{V}.gap", "safe": f"has({V}.gap) && {V}.gap > 0.0", "m": "evidence.metrics.values"}
    rules = [
        {"id": "through", "require": "variables.gap <= 0.1 || true"},
        {"id": "guarded", "require": "variables.safe || true"},
        {"id": "renamed", "require": "variables.m.accuracy > 0.5"},
        {"id": "renamed-gone", "require": "variables.m.gap > 0.5 || true"},
        {"id": "guard-around", "require": f"has({V}.gap) && variables.gap > 0.0 || {V}.f1 > 0.0"},
        {"id": "when", "when": f"{V}.gap > 0.0 || true", "require": "true"},
        {"id": "optional", "optional": True, "require": f"{V}.gap > 0.0"},
    ]
    policy = policy_text(rules, variables=variables)
    found = {rule["id"]: result(policy, report(METRICS), rule=rule["id"], engine=engine).result for rule in rules}
    assert found == {
        "through": "missing",
        "guarded": "pass",
        "renamed": "pass",
        "renamed-gone": "missing",
        "guard-around": "pass",
        "when": "missing",
        "optional": "skipped",
    }


def test_a_fault_is_placed_inside_its_expression() -> None:
    policy = f"""
apiVersion: gatekeeper/v1
kind: Policy
metadata: {{name: p, version: 1.0.0}}
spec:
  evidence: {{metrics: {{kind: metrics}}}}
  rules:
    - id: it
      why: w
      remedy: r
      require: >-
        {V}.accuracy > 0.5 &&
        evidence.metric.values.accuracy > 0.5
    - {{id: two, why: w, remedy: r, require: "true && 'a' + 1 == 'b'"}}
"""
    with pytest.raises(InvalidFileError) as caught:
        result(policy, report(METRICS))
    assert [problem.place for problem in caught.value.problems] == ["policy.yaml:13:18", "policy.yaml:14:58"]


def test_the_missing_path_is_named() -> None:
    one = result(policy_text(f"{V}.gap <= 0.1"), report(METRICS))
    assert one.message == "evidence.metrics.values.gap is missing"
    assert (one.evidence, one.path) == ("metrics", "values.gap")


def test_a_message_with_an_error_falls_back_to_the_default() -> None:
    rules = [
        {"id": "broken", "require": f"{V}.accuracy > 0.95", "message": f"'gap is ' + string({V}.gap)"},
        {"id": "own", "require": f"{V}.accuracy > 0.95", "message": f"'only ' + string({V}.accuracy)"},
    ]
    policy = policy_text(rules)
    assert result(policy, report(METRICS), rule="broken").message == "accuracy 0.9 is not above 0.95"
    assert result(policy, report(METRICS), rule="own").message == "only 0.9"


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("evidence.metric.values.accuracy > 0.5", "Did you mean 'metrics'?"),
        ("evidence.metrics.valus.accuracy > 0.5", "values"),
        ("params.min_acuracy > 0.5", "there is no parameter 'min_acuracy'"),
        ("artifact.digets == 'x'", "Did you mean 'digest'?"),
        ("environment.nam == 'x'", "Did you mean 'name'?"),
        ("nonsense > 1", "nonsense"),
        ("string(1)", "a condition gives a boolean"),
        ("'a' + 1 == 'b'", "(string, int)"),
        ("1 +", ""),
        ("stats['it'].lower > 0.5", "stats is not computed by this version"),
        ("champion.metrics.values.accuracy > 0.5", "champion is not computed by this version"),
        ("has(variables.x)", "variables"),
    ],
)
def test_a_typo_is_refused_before_anything_is_judged(condition: str, words: str) -> None:
    policy = policy_text(condition, parameters={"min_accuracy": {"type": "number", "default": 0.5}})
    with pytest.raises(InvalidFileError) as caught:
        result(policy, report(METRICS))
    problem = caught.value.problems[0]
    assert words in str(problem)
    assert problem.file == "policy.yaml"
    assert problem.line == 1
    assert problem.column > 1


def test_every_problem_of_a_policy_is_told_at_once() -> None:
    rules = [
        {"id": "a", "require": "nonsense"},
        {"id": "a", "require": "params.nothing == 1"},
        {"id": "b", "metric": {"name": "x"}},
        {"id": "c", "scan": {"max": {"critical": 0}}},
    ]
    with pytest.raises(InvalidFileError) as caught:
        result(policy_text(rules), report(METRICS))
    assert len(caught.value.problems) == 5


def test_variables_that_stand_on_each_other_too_deep_are_refused() -> None:
    chain = {"v0": "evidence.metrics.values.a"} | {f"v{n}": f"variables.v{n - 1} + 1.0" for n in range(1, 400)}
    with pytest.raises(InvalidFileError, match="variables stand on each other more than 100 deep"):
        result(policy_text("variables.v399 > 0.0", variables=chain), report({"a": 1}))


def test_variables_that_each_read_two_before_them_take_no_longer_for_it() -> None:
    steps = {f"v{n}": f"variables.v{n - 1} + variables.v{n - 2}" for n in range(2, 90)}
    first = {"v0": "evidence.metrics.values.a", "v1": "evidence.metrics.values.a"}
    found = result(policy_text("variables.v89 > 0.0", variables=first | steps), report({"a": 1}))
    assert found.result == "pass"
