"""A case's outcomes are those of the judge, whatever is given: there is no second way of judging."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import convert

from gatekeeper.cases.killing import noticed
from gatekeeper.cases.policy_mutants import PolicyMutants
from gatekeeper.cases.ready import CaseReader, ReadyCase
from gatekeeper.judge.cel import load_engine
from gatekeeper.judge.judge import judge
from gatekeeper.judge.prepare import Application, prepare
from gatekeeper.model.policytest import CaseSpec
from gatekeeper.policy.documents import load
from tests.cases.scene import policy, text
from tests.trees import MemoryTree

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RULES = (
    {"id": "accuracy", "metric": {"name": "accuracy", "min": "params.floor", "min_n": 10}},
    {
        "id": "rate",
        "require": "variables.rate > 0.05 && variables.rate < 0.95",
        "when": "environment.name != 'sandbox'",
    },
    {
        "id": "either",
        "require": "evidence.metrics.values.a >= 0.5 || evidence.metrics.values.b >= 0.5",
        "optional": True,
    },
    {"id": "image", "scan": {"max": {"critical": 0}}, "effective_on": "2026-06-01"},
)
POLICY = policy(
    *RULES,
    evidence={
        "metrics": {"kind": "metrics", "max_age": "7d", "about": "model"},
        "image": {"kind": "scan", "optional": True, "producers": ["trivy", "grype"]},
    },
    parameters={"floor": {"type": "number", "default": 0.85, "minimum": 0, "maximum": 1}},
    variables={"rate": "evidence.metrics.values.rate * 1.0"},
)
DOCUMENT = load(text(POLICY).encode(), "p.yaml")[0]
ENGINES = (load_engine(None),)
(BASE,) = prepare([Application(document=DOCUMENT, enforcement="deny")], ENGINES)
READER = CaseReader(BASE, ENGINES, MemoryTree({}), NOW)
MUTANTS = list(PolicyMutants(DOCUMENT, BASE, ENGINES).all())

shares = st.sampled_from([0.0, 0.04, 0.05, 0.5, 0.84, 0.85, 0.86, 0.95, 1.0])
values = st.dictionaries(st.sampled_from(["accuracy", "rate", "a", "b"]), shares)
envelopes = st.fixed_dictionaries(
    {},
    optional={
        "status": st.sampled_from(["evaluated", "not_evaluated", "error"]),
        "produced_at": st.sampled_from([None, "2025-12-30", "2025-12-01", "2026-02-01"]),
        "subjects": st.sampled_from([[], ["sha256:" + "b" * 64]]),
        "producer": st.sampled_from(["trivy", "grype", "json"]),
    },
)
metrics = st.fixed_dictionaries(
    {"values": values, "envelope": envelopes}, optional={"n": st.just({"accuracy": 9}) | st.just({"accuracy": 10})}
)
scans = st.fixed_dictionaries({"counts": st.fixed_dictionaries({"critical": st.integers(0, 1)}), "envelope": envelopes})
specs = st.fixed_dictionaries(
    {
        "policy": st.just("p"),
        "evidence": st.fixed_dictionaries({}, optional={"metrics": metrics, "image": scans}),
        "expect": st.just({"verdict": "allowed"}),
    },
    optional={
        "parameters": st.just({"floor": 0.5}),
        "environment": st.sampled_from(["sandbox", "production"]),
        "artifact": st.none(),
        "now": st.just("2026-07-01"),
    },
)


def ready(spec: dict[str, Any]) -> ReadyCase:
    """The case of a spec that is right."""
    found = READER.of_spec(convert(spec, CaseSpec), spec, "cases.yaml", pytest.fail)
    assert found is not None
    return found


def told(outcomes: dict[str, str]) -> dict[str, str]:
    """The outcomes that a judgement tells: evidence that is there, or may be absent, has no result."""
    return {
        key: outcome
        for key, outcome in outcomes.items()
        if not key.startswith("evidence/") or outcome in ("missing", "error")
    }


@given(specs)
def test_outcomes_and_verdict_are_those_of_the_judge(spec: dict[str, Any]) -> None:
    case = ready(spec)
    judgement = judge([case.policy], ENGINES, case.judged)
    assert told(case.outcomes) == {result.rule: result.result for result in judgement.results}
    assert case.verdict(case.outcomes, case.policy.rules) == judgement.verdict


@given(specs, st.sampled_from([mutant for mutant in MUTANTS if mutant.variant is not None]))
def test_a_case_notices_a_mutant_where_the_changed_policy_is_judged_otherwise(
    spec: dict[str, Any], mutant: Any
) -> None:
    """Judged the slow way: the whole policy with the change in it, from the case's evidence on."""
    plain = ready(spec)
    expect = {"verdict": plain.verdict(plain.outcomes, plain.policy.rules), "results": plain.outcomes}
    case = ready({**spec, "expect": expect})
    assert case.passes
    changed = _changed_policy(case, mutant.variant)
    again = ReadyCase(case.spec, changed, ENGINES, case.judged)
    is_other = again.outcomes != case.outcomes or again.verdict(again.outcomes, changed.rules) != expect["verdict"]
    assert noticed(mutant.variant, case) is is_other
    assert not (mutant.same and is_other), "what is called the same is the same"


def _changed_policy(case: ReadyCase, variant: Any) -> Any:
    from msgspec.structs import replace

    rules = [variant.rules.get(rule.rule.id, rule) for rule in case.policy.rules]
    changed: dict[str, Any] = {"rules": tuple(rule for rule in rules if rule is not None)}
    changed["requirements"] = {
        name: (variant.evidence.get(name, requirement), line)
        for name, (requirement, line) in case.policy.requirements.items()
    }
    if variant.variables is not None:
        changed["variables"] = variant.variables
    if variant.parameter is not None and variant.parameter[0] not in case.spec.parameters:
        name, seen = variant.parameter
        changed["settings"] = {**case.policy.settings, name: replace(case.policy.settings[name], seen=seen)}
    return replace(case.policy, **changed)


def test_there_are_mutants_of_every_part() -> None:
    subjects = {mutant.subject for mutant in MUTANTS}
    assert subjects == {
        "params.floor", "variables.rate", "evidence/metrics", "evidence/image", "accuracy", "rate", "either", "image"
    }  # fmt: skip
