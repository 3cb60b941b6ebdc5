"""Outcomes are told when they are asked for, each once, and are the mapping that they would be all told at once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.cases import ready
from gatekeeper.cases.outcomes import Changed, Outcomes
from gatekeeper.judge.cel import load_engine
from gatekeeper.judge.prepare import Application, prepare
from gatekeeper.judge.prepared import ReadyRule
from gatekeeper.judge.rule import judge_rule
from gatekeeper.policy.documents import load
from tests.cases.scene import GOOD, case, files, policy, run, text

POLICY = text(policy(*({"id": name, "metric": {"name": name, "min": 0.5}} for name in "abc")))
DOCUMENT = load(POLICY.encode(), "p.yaml")[0]
(BASE,) = prepare([Application(document=DOCUMENT, enforcement="deny")], (load_engine(None),))
RULES = ready.rules_of(BASE)
keys = st.sampled_from(["a", "b", "c", "evidence/m", "other"])


@given(st.dictionaries(keys, st.none() | st.sampled_from(["pass", "fail"])), st.lists(keys))
def test_changes_over_outcomes_are_those_of_a_dict(changes: dict[str, str | None], asked: list[str]) -> None:
    told: list[str] = []

    def tell(rule: ReadyRule) -> str:
        told.append(rule.rule.id)
        return "missing"

    outcomes = Outcomes({"evidence/m": "pass"}, RULES, tell)
    expected = {"evidence/m": "pass", "a": "missing", "b": "missing", "c": "missing"}
    for key in asked:
        assert outcomes.get(key) == expected.get(key)
    assert set(told) == {*asked} & {*RULES}
    changed = Changed(outcomes, changes)
    merged = {**expected, **changes}
    assert dict(changed) == {key: value for key, value in merged.items() if value is not None}
    assert len(changed) == len(dict(changed))
    assert dict(outcomes) == expected
    assert len(outcomes) == 4
    assert sorted(told) == ["a", "b", "c"], "each once"


def test_a_case_that_names_one_rule_judges_that_one(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[str] = []

    def noted(rule: ReadyRule, *given: Any) -> Any:
        judged.append(rule.rule.id)
        return judge_rule(rule, *given)

    monkeypatch.setattr(ready, "judge_rule", noted)
    rules = [{"id": f"r{number}", "metric": {"name": "accuracy", "min": 0.5}} for number in range(20)]
    one = case(evidence=GOOD, expect={"results": {"r7": "pass"}})
    (tested,) = run(files([policy(*rules)], [one])).policies
    assert tested.cases[0].mismatches == ()
    assert judged == ["r7"]


def test_work_that_takes_long_tells_how_far_it_is() -> None:
    told: list[str] = []
    rules = [{"id": f"r{number}", "metric": {"name": f"m{number}", "min": 0.5}} for number in range(40)]
    run(files([policy(*rules)], []), coverage=True, tell=told.append)
    changes = [one for one in told if one.startswith("p: change ")]
    assert changes[0].startswith("p: change 1 of ")
    total = int(changes[0].rpartition(" ")[2])
    assert 100 < len(changes) < 200 < total
    assert told[-1].startswith("p: case to propose ")
