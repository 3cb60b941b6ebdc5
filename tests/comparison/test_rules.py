"""What a change of one rule, requirement or parameter is called, and that nothing is called stricter that is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.comparison.policies import policy_changes
from gatekeeper.errors import InvalidFileError
from gatekeeper.model.compared import Change
from gatekeeper.policy.documents import load
from tests.judging import policy_text, report, result

EVIDENCE = {
    "metrics": {"kind": "metrics"},
    "image": {"kind": "scan"},
    "unit": {"kind": "tests"},
    "load": {"kind": "load"},
    "groups": {"kind": "fairness"},
    "data": {"kind": "data"},
    "tool": {"kind": "command"},
}
PARAMETERS = {
    "floor": {"type": "number", "default": 0.8, "minimum": 0, "maximum": 1},
    "share": {"type": "number", "default": 0.2, "stricter": "lower"},
    "window": {"type": "duration", "default": "7d"},
    "flag": {"type": "boolean", "default": True},
    "word": {"type": "string", "default": "a"},
}


def policy(rule: Mapping[str, Any], **spec: Any) -> str:
    """A policy of one rule, with evidence of many kinds and parameters of every type."""
    whole = {"evidence": EVIDENCE, "parameters": PARAMETERS, **spec}
    return policy_text([{"id": "it", **rule}], **whole)


def differences(before: str, after: str) -> list[Change]:
    """All changes between two policy files."""
    old, new = (load(text.encode(), name)[0] for text, name in ((before, "a.yaml"), (after, "b.yaml")))
    return list(policy_changes(old, new))


def metric(**keys: Any) -> dict[str, Any]:
    return {"metric": {"name": "acc", **keys}}


def require(text: str, **keys: Any) -> dict[str, Any]:
    return {"require": text, **keys}


ACC = "evidence.metrics.values.acc"
F1 = "evidence.metrics.values.f1"
LIMITS = [
    (metric(min=0.85), metric(min=0.88), "stricter", "acc min 0.85 → 0.88"),
    (metric(min=0.88), metric(min=0.85), "looser", "acc min 0.88 → 0.85"),
    (metric(max=5), metric(max=4), "stricter", "acc max 5 → 4"),
    (metric(max=4), metric(max=5), "looser", "acc max 4 → 5"),
    (metric(equals=1), metric(equals=2), "unclear", "acc equals 1 → 2"),
    (metric(min=0.8), metric(min=0.8, max=1), "stricter", "acc max 1 is asked, too"),
    (metric(min=0.8, max=1), metric(min=0.8), "looser", "acc max 1 no longer asked"),
    (metric(min=0.8, min_n=30), metric(min=0.8, min_n=50), "stricter", "metrics.n.acc min 30 → 50"),
    (metric(min=0.8), metric(min=0.8, min_n=50), "stricter", "metrics.n.acc min 50 is asked, too"),
    (metric(min=0.85), metric(min="params.floor"), "looser", "acc min 0.85 → params.floor (0.8)"),
    (metric(min=0.5), metric(min="params.floor"), "unclear", "acc min 0.5 → params.floor (0.8)"),
    (metric(min="params.floor"), metric(min=0.85), "unclear", "acc min params.floor (0.8) → 0.85"),
    (metric(min="params.floor"), metric(min=1), "stricter", "acc min params.floor (0.8) → 1"),
    (metric(min=-1), metric(min="params.floor"), "stricter", "acc min -1 → params.floor (0.8)"),
    (metric(min="params.floor"), metric(min="params.floor - 0.1"), "unclear", None),
    (
        {"scan": {"max": {"critical": 0, "high": 5}}},
        {"scan": {"max": {"critical": 0, "high": 9}}},
        "looser",
        "high max 5 → 9",
    ),
    (
        {"scan": {"max": {"critical": 0}}},
        {"scan": {"max": {"critical": 0}, "max_db_age": "24h"}},
        "stricter",
        None,
    ),
    (
        {"scan": {"max": {"critical": 0}, "max_db_age": "24h"}},
        {"scan": {"max": {"critical": 0}, "max_db_age": "12h"}},
        "stricter",
        "now - timestamp(evidence.image.db_updated_at) max 86400s → 43200s",
    ),
    ({"tests": {}}, {"tests": {"max_failures": 1}}, "looser", "failures max 0 → 1"),
    ({"tests": {}}, {"tests": {"min_tests": 9}}, "stricter", "tests that ran min 1 → 9"),
    ({"latency": {"p95_ms": 200}}, {"latency": {"p95_ms": 300}}, "looser", "p95 latency in ms max 200 → 300"),
    (
        {"latency": {"p95_ms": 200, "min_duration": "1m"}},
        {"latency": {"p95_ms": 200, "min_duration": "2m"}},
        "stricter",
        "duration in seconds min 60 → 120",
    ),
    (
        {"fairness": {"definition": "demographic_parity_difference", "max": 0.1}},
        {"fairness": {"definition": "demographic_parity_difference", "max": 0.1, "min_group_n": 10}},
        "looser",
        "groups.only.smallest_n min 30 → 10",
    ),
    ({"command": {}}, {"command": {"exit_status": 1}}, "unclear", "exit status equals 0 → 1"),
    ({"data": {"max_failed": 0}}, {"data": {"max_failed": 2}}, "looser", None),
    (require(f"{ACC} > 0.8"), require(f"{ACC} > 0.9"), "stricter", "metrics.values.acc above 0.8 → 0.9"),
    (require(f"{ACC} > 0.8"), require(f"{ACC} >= 0.8"), "looser", "metrics.values.acc above 0.8 → min 0.8"),
    (require(f"{ACC} >= 0.8"), require(f"{ACC} > 0.8"), "stricter", "metrics.values.acc min 0.8 → above 0.8"),
    (require(f"0.8 < {ACC}"), require(f"{ACC} > 0.7"), "looser", "metrics.values.acc above 0.8 → 0.7"),
    (require(f"{ACC} > 0.8"), require(f"{ACC} > 0.8 && {F1} > 0.5"), "stricter", None),
    (require(f"{ACC} > 0.8 && {F1} > 0.5"), require(f"{F1} > 0.5"), "looser", None),
    (require(f"{ACC} > 0.8"), require(f"{ACC} > 0.8 || {F1} > 0.5"), "unclear", None),
    (require(f"{ACC} > 0.8"), require(f"{F1} > 0.8"), "unclear", None),
    (require(f"{ACC} > 0.8"), require(f"!({ACC} <= 0.8)"), "unclear", None),
    (require(f"{ACC} == 0.8"), require(f"{ACC} != 0.8"), "unclear", None),
    (require(f"{ACC} in [1.0, 2.0]"), require(f"{ACC} in [1.0]"), "stricter", None),
    (require(f"{ACC} in [1.0]"), require(f"{ACC} in [1.0, 2.0]"), "looser", None),
    (require(f"{ACC} in [1.0]"), require(f"{ACC} in [2.0]"), "unclear", None),
    (require(f"{ACC} > 0.8"), require(f"{ACC} > {F1}"), "unclear", None),
    (require(f"double({ACC}) > 0.8"), require(f"{ACC} > 0.9"), "unclear", None),
]


@pytest.mark.parametrize(("before", "after", "effect", "words"), LIMITS, ids=range(len(LIMITS)))
def test_a_condition(before: dict[str, Any], after: dict[str, Any], effect: str, words: str | None) -> None:
    (change,) = differences(policy(before), policy(after))
    assert (change.effect, change.subject) == (effect, "it")
    assert words is None or change.words == words
    assert str(change.before).startswith("a.yaml:")
    assert str(change.after).startswith("b.yaml:")


def test_each_part_of_a_shorthand_is_told() -> None:
    changes = differences(policy({"tests": {}}), policy({"tests": {"must_pass": ["a"], "max_failures": 1}}))
    assert sorted(change.effect for change in changes) == ["looser", "stricter", "stricter"]


SAME = [
    (require(f"{ACC} > 0.80"), require(f"{ACC}  >  0.8")),
    (require(f"{ACC} > 0.8 && {F1} > 0.5"), require(f"{F1} > 0.5 && {ACC} > 0.8")),
    (require(f"({ACC} > 0.8) && ({F1} > 0.5)"), require(f"{ACC} > 0.8 && {F1} > 0.5 && {ACC} > 0.8")),
    (require(f"{ACC} > 0.8"), require(f"0.8 < {ACC}")),
    (require("evidence.metrics['values'].acc > 0.8"), require(f"{ACC} > 0.8")),
    (metric(min=0.8, max=1), metric(max=1.0, min=0.80)),
]


@pytest.mark.parametrize(("before", "after"), SAME, ids=range(len(SAME)))
def test_the_same_in_other_words_is_no_change(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert differences(policy(before), policy(after)) == []


BASE = require(f"{ACC} > 0.8")
AROUND = [
    ({}, {"optional": True}, "looser"),
    ({"optional": True}, {}, "stricter"),
    ({"waivable": False}, {}, "looser"),
    ({}, {"waivable": False}, "stricter"),
    ({}, {"effective_on": "2027-01-15"}, "looser"),
    ({"effective_on": "2027-01-15"}, {}, "stricter"),
    ({"effective_on": "2027-01-15"}, {"effective_on": "2027-01-14"}, "stricter"),
    ({"effective_on": "2027-01-15"}, {"effective_on": "2027-01-16"}, "looser"),
    ({}, {"when": "environment.name == 'x'"}, "looser"),
    ({"when": "environment.name == 'x'"}, {}, "stricter"),
    ({"when": f"{F1} > 0.1"}, {}, "unclear"),
    ({"when": "environment.name == 'x'"}, {"when": "environment.name == 'y'"}, "unclear"),
    ({}, {"severity": "low"}, "none"),
    ({}, {"message": "'so'"}, "none"),
    ({}, {"why": "other"}, "none"),
]


@pytest.mark.parametrize(("before", "after", "effect"), AROUND, ids=range(len(AROUND)))
def test_what_surrounds_a_condition(before: dict[str, Any], after: dict[str, Any], effect: str) -> None:
    (change,) = differences(policy({**BASE, **before}), policy({**BASE, **after}))
    assert change.effect == effect


def test_an_optional_rule_that_reads_more_may_be_skipped_more() -> None:
    (change,) = differences(
        policy(require(f"{ACC} > 0.8", optional=True)), policy(require(f"{ACC} > 0.8 && {F1} > 0.5", optional=True))
    )
    assert change.effect == "unclear"
    assert "skipped where that is absent" in change.words


REQUIREMENTS = [
    ({}, {"about": "model"}, "stricter"),
    ({"about": "model"}, {}, "looser"),
    ({"about": "model"}, {"about": "run"}, "unclear"),
    ({}, {"max_age": "7d"}, "stricter"),
    ({"max_age": "7d"}, {"max_age": "8d"}, "looser"),
    ({"max_age": "7d"}, {"max_age": "24h"}, "stricter"),
    ({"max_age": "7d"}, {}, "looser"),
    ({}, {"producers": ["json"]}, "stricter"),
    ({"producers": ["json", "mlflow"]}, {"producers": ["json"]}, "stricter"),
    ({"producers": ["json"]}, {"producers": ["json", "mlflow"]}, "looser"),
    ({"producers": ["json"]}, {"producers": ["mlflow"]}, "unclear"),
    ({}, {"signed_by": ["ci"]}, "stricter"),
    ({"signed_by": ["ci"]}, {}, "looser"),
    ({"signed_by": ["ci"]}, {"signed_by": ["ci", "other"]}, "stricter"),
    ({"signed_by": ["ci", "other"]}, {"signed_by": ["ci"]}, "looser"),
    ({"signed_by": ["ci"]}, {"signed_by": ["other"]}, "unclear"),
    ({}, {"optional": True}, "looser"),
    ({"optional": True}, {}, "stricter"),
    ({}, {"expect": 4}, "stricter"),
    ({"expect": 4}, {}, "looser"),
    ({"expect": 4}, {"expect": 3}, "unclear"),
    ({}, {"description": "other"}, "none"),
]


@pytest.mark.parametrize(("before", "after", "effect"), REQUIREMENTS, ids=range(len(REQUIREMENTS)))
def test_evidence(before: dict[str, Any], after: dict[str, Any], effect: str) -> None:
    old, new = ({**EVIDENCE, "metrics": {"kind": "metrics", **keys}} for keys in (before, after))
    (change,) = differences(policy(BASE, evidence=old), policy(BASE, evidence=new))
    assert (change.effect, change.subject) == (effect, "evidence.metrics")


def test_evidence_that_comes_or_goes() -> None:
    less = {name: one for name, one in EVIDENCE.items() if name != "tool"}
    (gone,) = differences(policy(BASE), policy(BASE, evidence=less))
    (come,) = differences(policy(BASE, evidence=less), policy(BASE))
    optional = {**less, "tool": {"kind": "command", "optional": True}}
    (maybe,) = differences(policy(BASE, evidence=less), policy(BASE, evidence=optional))
    assert [(one.effect, one.kind) for one in (gone, come, maybe)] == [
        ("looser", "removed"),
        ("stricter", "added"),
        ("none", "added"),
    ]
    assert gone.after is None
    assert come.before is None


def with_default(name: str, value: Any, **further: Any) -> dict[str, Any]:
    return {**PARAMETERS, name: {**PARAMETERS[name], "default": value, **further}}


VALUES = [
    (metric(min="params.floor"), "floor", 0.9, "stricter"),
    (metric(min="params.floor"), "floor", 0.7, "looser"),
    (metric(max="params.floor"), "floor", 0.9, "looser"),
    (metric(min="params.floor", max="params.floor"), "floor", 0.9, "unclear"),
    (metric(min="1.0 - params.floor"), "floor", 0.9, "looser"),
    (require(f"{ACC} > params.floor * 2.0"), "floor", 0.9, "stricter"),
    (require(f"{ACC} > params.floor * -2.0"), "floor", 0.9, "looser"),
    (require(f"{ACC} > params.floor * {F1}"), "floor", 0.9, "unclear"),
    (require(f"!({ACC} < params.floor)"), "floor", 0.9, "stricter"),
    (require(f"{ACC} > 0.5 || {ACC} > params.floor"), "floor", 0.9, "stricter"),
    (require(f"{ACC} < params.share * {F1}"), "share", 0.3, "looser"),
    (require(f"{ACC} < params.share * {F1}"), "share", 0.1, "unclear"),
    (require("now - timestamp(evidence.image.db_updated_at) < duration(params.window)"), "window", "8d", "looser"),
    (require("now - timestamp(evidence.image.db_updated_at) < duration(params.window)"), "window", "6d", "stricter"),
    (require(f"!params.flag || {ACC} > 0.5"), "flag", False, "looser"),
    (require(f"params.flag && {ACC} > 0.5"), "flag", False, "stricter"),
    (require(f"params.word == 'a' && {ACC} > 0.5"), "word", "b", "unclear"),
    (require(f"{ACC} > 0.5", when="params.floor > 0.5"), "floor", 0.9, "unclear"),
    (require(f"variables.far > {ACC}"), "floor", 0.9, "looser"),
    (BASE, "floor", 0.9, "none"),
]


@pytest.mark.parametrize(("rule", "name", "value", "effect"), VALUES, ids=range(len(VALUES)))
def test_a_default(rule: dict[str, Any], name: str, value: Any, effect: str) -> None:
    variables = {"far": "params.floor + 1.0"} if "variables" in str(rule) else {}
    before = policy(rule, variables=variables)
    (change,) = differences(before, policy(rule, variables=variables, parameters=with_default(name, value)))
    assert (change.effect, change.subject) == (effect, f"params.{name}")


BOUNDS = [
    (metric(min="params.floor"), {"minimum": 0.5}, "stricter"),
    (metric(min="params.floor"), {"minimum": -1}, "looser"),
    (metric(min="params.floor"), {"maximum": 0.9}, "none"),
    (metric(max="params.floor"), {"maximum": 0.9}, "stricter"),
    (metric(max="params.floor"), {"maximum": 2}, "looser"),
    (require(f"{ACC} > params.floor * {F1}"), {"minimum": 0.5}, "unclear"),
    (metric(min="params.floor"), {"choices": [0.8, 0.9]}, "unclear"),
    (metric(min="params.floor"), {"stricter": "lower"}, "unclear"),
]


@pytest.mark.parametrize(("rule", "further", "effect"), BOUNDS, ids=range(len(BOUNDS)))
def test_how_far_an_environment_may_go(rule: dict[str, Any], further: dict[str, Any], effect: str) -> None:
    changed = with_default("floor", 0.8, **further)
    (change,) = differences(policy(rule), policy(rule, parameters=changed))
    assert change.effect == effect


def test_rules_that_come_go_and_change_their_name() -> None:
    one, two = {"id": "one", **require(f"{ACC} > 0.8")}, {"id": "two", **require(f"{F1} > 0.8")}
    (gone,) = differences(policy_text([one, two]), policy_text([one]))
    assert (gone.effect, gone.kind, gone.subject) == ("looser", "removed", "two")
    (come,) = differences(policy_text([one]), policy_text([one, two]))
    assert (come.effect, come.kind, come.subject) == ("stricter", "added", "two")
    (named,) = differences(policy_text([one, two]), policy_text([one, {**two, "id": "three"}]))
    assert (named.effect, named.subject) == ("none", "two")
    assert "now called three" in named.words
    lower = {"id": "three", **require(f"{F1} > 0.7")}
    assert [change.effect for change in differences(policy_text([two]), policy_text([lower]))] == ["looser", "stricter"]


X = "evidence.metrics.values.?x"


def test_an_element_that_may_be_left_out_is_another_one() -> None:
    for before, after in (("[?{}].size() == 1", "[{}].size() == 1"), ("{{?'a': {}}} != {{}}", "{{'a': {}}} != {{}}")):
        (change,) = differences(policy(require(before.format(X))), policy(require(after.format(X))))
        assert change.effect == "unclear"
        assert "?" in change.words.partition("→")[0]


def test_an_optional_rule_that_asks_in_another_order_may_be_skipped_more() -> None:
    before, after = f"has({ACC}) && {ACC} > 0.8", f"{ACC} > 0.8 && has({ACC})"
    for when in ({}, {"when": "params.floor > 0.1"}):
        changes = differences(policy(require(before, optional=True, **when)), policy(require(after, optional=True)))
        assert "unclear" in {change.effect for change in changes}
    assert differences(policy(require(after, optional=True)), policy(require(before, optional=True))) == []
    assert differences(policy(require(before)), policy(require(after))) == []


def test_a_variable_counts_where_it_is_read() -> None:
    rule = require("variables.loss < 0.2")
    before = policy(rule, variables={"loss": f"1.0 - {ACC}"})
    after = policy(rule, variables={"loss": f"1.0 - {F1}"})
    effects = {change.subject: change.effect for change in differences(before, after)}
    assert effects == {"it": "unclear", "variables.loss": "none"}
    same = policy(require(f"1.0 - {ACC} < 0.2"), variables={"loss": f"1.0 - {ACC}"})
    assert differences(before, same) == []


@pytest.mark.parametrize(
    "variables",
    [
        {"v0": f"{ACC} > 0.5", **{f"v{i}": f"variables.v{i - 1} && variables.v{i - 1}" for i in range(1, 40)}},
        {"v0": ACC, **{f"v{i}": f"variables.v{i - 1} + 1.0 + 1.0 + 1.0" for i in range(1, 90)}},
    ],
    ids=["doubling", "a long chain"],
)
def test_variables_that_unfold_to_too_much_are_refused(variables: dict[str, str]) -> None:
    rule = require(f"variables.{list(variables)[-1]} == {ACC}")
    with pytest.raises(InvalidFileError, match="too large to be compared"):
        differences(policy(rule, variables=variables), policy(BASE, variables=variables))


NUMBERS = st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])
SIDES = st.sampled_from([ACC, F1])
COMPARATORS = st.sampled_from(["<", "<=", ">", ">=", "=="])
FLOORS = st.sampled_from(["params.floor", "-params.floor", "1.0 - params.floor"])
ATOMS = st.one_of(
    st.builds(lambda side, how, number: f"{side} {how} {number}", SIDES, COMPARATORS, NUMBERS),
    st.builds(lambda side, how, floor: f"{side} {how} {floor}", SIDES, COMPARATORS, FLOORS),
    st.builds(lambda side, numbers: f"{side} in {sorted(numbers)}", SIDES, st.sets(NUMBERS, min_size=1, max_size=3)),
    st.just(f"has({F1})"),
)
JOINED = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds(lambda a, b: f"({a} && {b})", inner, inner),
        st.builds(lambda a, b: f"({a} || {b})", inner, inner),
        st.builds(lambda a: f"!({a})", inner),
    ),
    max_leaves=4,
)
RULES = st.one_of(
    st.builds(
        lambda text, optional, when: {"require": text, "optional": optional, **({"when": when} if when else {})},
        st.lists(JOINED, min_size=1, max_size=3).map(" && ".join),
        st.booleans(),
        st.sampled_from(["", "", f"{F1} > 0.25", "params.floor > 0.3"]),
    ),
    st.builds(
        lambda low, high, n: {"metric": {"name": "acc", "min": low, **high, **n}},
        st.one_of(NUMBERS, st.just("params.floor")),
        st.sampled_from([{}, {"max": 1}, {"max": 0.75}]),
        st.sampled_from([{}, {"min_n": 10}, {"min_n": 50}]),
    ),
)
SAMPLES = [
    {"acc": {"value": acc, "n": n}, **({} if f1 is None else {"f1": f1})}
    for acc in (0.0, 0.25, 0.4, 0.5, 0.75, 1.0)
    for f1 in (None, 0.0, 0.3, 0.75)
    for n in (5, 20)
]


LET_THROUGH = ("pass", "skipped")


@st.composite
def pairs(draw: st.DrawFn) -> tuple[str, str]:
    """A policy, and the same with another rule or another default; often only a number apart."""
    rule = draw(RULES)
    other = draw(st.one_of(RULES, st.just(rule)))
    if "require" in rule and draw(st.booleans()):
        other = {**rule, "require": f"{rule['require']} && {draw(JOINED)}"}
    floors = (draw(NUMBERS), draw(NUMBERS))
    before, after = (
        policy_text(
            [{"id": "it", **one}],
            parameters={"floor": {"type": "number", "default": floor, "minimum": 0, "maximum": 1}},
        )
        for one, floor in zip((rule, other), floors, strict=True)
    )
    return (before, after) if draw(st.booleans()) else (after, before)


@settings(max_examples=300)
@given(pairs())
def test_nothing_is_called_stricter_that_lets_anything_through(pair: tuple[str, str]) -> None:
    before, after = pair
    effects = {change.effect for change in differences(before, after)}
    if effects & {"looser", "unclear"}:
        return
    for sample in SAMPLES:
        evidence = report(sample, name="metrics", producer="json")
        if result(after, evidence).result in LET_THROUGH:
            assert result(before, evidence).result in LET_THROUGH, sample


@settings(max_examples=150)
@given(pairs())
def test_the_way_back_is_never_stricter_where_the_way_there_is(pair: tuple[str, str]) -> None:
    there = {change.effect for change in differences(*pair)}
    back = {change.effect for change in differences(*reversed(pair))}
    if there == {"stricter"}:
        assert back & {"looser", "unclear"}
    assert ("none" in there or not there) == ("none" in back or not back)
