"""Bulk outcomes are those of the whole judgement."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.judge.bulk import outcomes
from gatekeeper.judge.cel import load_engine
from gatekeeper.judge.judge import Case, judge
from gatekeeper.judge.prepare import Application, prepare
from gatekeeper.policy.documents import load
from tests.judging import NOW, policy_text, report

RULES: list[dict[str, Any]] = [
    {"id": "limit", "metric": {"name": "a", "min": "params.floor", "max": 0.9}},
    {"id": "plain", "require": "evidence.metrics.values.a < 0.8 || evidence.metrics.values.b > 0.1"},
    {"id": "when", "when": "has(evidence.metrics.values.b)", "require": "evidence.metrics.values.b > variables.half"},
    {"id": "late", "effective_on": "2027-01-01", "require": "1.0 / evidence.metrics.values.c > 1.0"},
    {"id": "small", "optional": True, "metric": {"name": "d", "min": 0.5, "min_n": 10}},
    {"id": "broken", "require": "1 / 0 > 1 || evidence.metrics.values.a > 0.5"},
]
POLICY = policy_text(
    RULES,
    parameters={"floor": {"type": "number", "default": 0.5}},
    variables={"half": "evidence.metrics.values.a / 2.0"},
)
ENGINES = (load_engine(None),)
READY = prepare([Application(document=load(POLICY.encode(), "p.yaml")[0], enforcement="deny")], ENGINES)
numbers = st.floats(0, 1, allow_nan=False)
metrics = st.dictionaries(
    st.sampled_from("abcd"), numbers | st.builds(lambda v, n: {"value": v, "n": n}, numbers, st.integers(0, 20))
)


@settings(max_examples=200)
@given(metrics)
def test_outcomes_and_verdict_are_those_of_the_judgement(content: dict[str, Any]) -> None:
    case = Case(artifact=None, environment=None, envelopes=(report(content, name="metrics"),), now=NOW)
    whole = judge(READY, ENGINES, case)
    verdict, found = outcomes(READY, ENGINES, case)
    assert verdict == whole.verdict
    assert [(one.result, one.enforcement) for one in found] == [(one.result, one.enforcement) for one in whole.results]
