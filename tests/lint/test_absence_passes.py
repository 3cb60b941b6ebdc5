"""Absence that lets by, in every spelling; and the spellings that look alike and do not."""

from __future__ import annotations

import pytest

from tests.lint.samples import X, checked, findings, ids, policy

ID = "absence-passes"
Y = "evidence.m.values.y"
OPT = "evidence.m.values.?x"

LETS_BY = [
    f"!has({X}) || {X} > 1.0",
    f"{X} > 1.0 || !has({X})",
    f"((!(has({X})))) || ({X} > 1.0)",
    f"!!(!has({X}) || {X} > 1.0)",
    f"has({X}) == false || {X} > 1.0",
    f"false == has({X}) || {X} > 1.0",
    f"has({X}) != true || {X} > 1.0",
    f"dyn(has({X})) == dyn(false) || {X} > 1.0",
    f"has({X}) ? {X} > 1.0 : true",
    f"!has({X}) ? true : {X} > 1.0",
    f"has({X}) ? {X} > 1.0 : 1 < 2",
    f"has({X}) && {X} < 1.0 ? false : true",
    f"!(has({X}) && {X} < 1.0)",
    f"!(has({X}) ? {X} < 1.0 : false)",
    f"(has({X}) ? 1 : 0) == 0 || {X} > 1.0",
    f"has({X}) && has({Y}) ? {X} > {Y} : true",
    f"has({X}) || has({Y}) ? evidence.unit.ran > 1 : true",
    f"!has({X}) || !has({Y}) || {X} > {Y}",
    f"evidence.unit.ran > 5 && (!has({X}) || {X} > 1.0)",
    f"evidence.unit.ran > 5 ? (has({X}) ? {X} > 1.0 : true) : false",
    f"evidence.unit.ran > 5 || !has({X}) || {X} > 1.0",
    f"!('x' in evidence.m.values) || {X} > 1.0",
    "!('x y' in evidence.m.values) || evidence.m.values['x y'] > 1.0",
    "cel.bind(v, evidence.m.values, !has(v.x) || v.x > 1.0)",
    f"cel.bind(h, has({X}), !h || {X} > 1.0)",
    f"cel.bind(h, !has({X}), cel.bind(g, h, g || {X} > 1.0))",
    f"[has({X})].all(h, !h || {X} > 1.0)",
    f"{{true: {X} > 1.0, false: true}}[has({X})]",
    f"{OPT}.orValue(1.0) > 0.5",
    "evidence.m.values[?'x'].orValue(1.0) > 0.5",
    "evidence.m.?values.x.orValue(1.0) > 0.5",
    f"{OPT}.orValue(1.0) > params.floor",
    f"0.5 < {OPT}.orValue(1.0)",
    f"!{OPT}.hasValue() || {X} > 1.0",
    f"{OPT} == optional.none() || {X} > 1.0",
    f"{OPT}.or(optional.of(2.0)).value() > 1.0",
    f"{OPT}.optMap(v, v > 1.0).orValue(true)",
    f"({OPT}.hasValue() ? {OPT}.value() : 9.0) > 1.0",
    f"{X} >= evidence.m.values.?y.orValue(0.0)",
    f"{X} >= (has({Y}) ? {Y} : 0.0)",
    f"[?{OPT}].all(v, v > 1.0)",
    f"size([?{OPT}]) == 0 || {X} > 1.0",
    f"{{?'x': {OPT}}}.all(k, v, v > 1.0)",
    f"{OPT} != optional.of(0.1)",
    f"math.least({OPT}.orValue(2.0), 3.0) > 1.0",
    f"math.greatest([{OPT}.orValue(0.0), 2.0]) > 1.0",
    "(params.key in evidence.m.values) ? evidence.m.values[params.key] > 1.0 : true",
    "evidence.image.findings.all(f, !has(f.fixed) || f.severity != 'critical')",
    "evidence.image.findings.exists(f, !has(f.fixed) || f.severity != 'critical')",
]
DOES_NOT = [
    f"{X} > 1.0",
    f"has({X}) && {X} > 1.0",
    f"{X} > 1.0 && has({X})",
    f"has({X}) ? {X} > 1.0 : false",
    f"!has({X}) ? false : {X} > 1.0",
    f"!(!has({X}) || {X} < 1.0)",
    f"!has({X})",
    f"!has({X}) && evidence.unit.ran > 1",
    f"has({X})",
    f"(!has({X}) || {X} > 1.0) && has({X})",
    f"(!has({X}) || {X} > 1.0) && {X} < 5.0",
    f"has({X}) ? {X} > 1.0 : {Y} > 1.0",
    f"has({X}) && {X} > 1.0 || !has({X}) && {Y} > 2.0",
    f"'x' in evidence.m.values && {X} > 1.0",
    f"cel.bind(h, has({X}), h && {X} > 1.0)",
    f"size([?{OPT}]) == 1 && [?{OPT}].all(v, v > 1.0)",
    f"{OPT} == optional.of(1.0)",
    f"math.least({OPT}.orValue(0.0), 3.0) > 1.0",
    "params.key in evidence.m.values ? evidence.m.values[params.key] > 1.0 : false",
    f"{OPT}.orValue(0.0) > 0.5",
    f"{OPT}.orValue(0.0) > params.floor",
    f"{OPT}.hasValue() && {X} > 1.0",
    f"{OPT} != optional.none() && {X} > 1.0",
    f"{OPT}.optMap(v, v > 1.0).orValue(false)",
    f"{X} >= (has({Y}) ? {Y} : evidence.m.values.z)",
    "evidence.m.values.?accuracy.orValue(0.0) > evidence.m.values.recall",
    "evidence.image.findings.all(f, has(f.fixed) && f.severity != 'critical')",
    "environment.name in ['a', 'b'] || evidence.unit.ran > 1",
]


@pytest.mark.parametrize("condition", LETS_BY)
def test_it_lets_by(condition: str) -> None:
    assert ID in ids(condition)


@pytest.mark.parametrize("condition", LETS_BY)
def test_a_rule_that_says_so_is_left_alone(condition: str) -> None:
    assert ID not in ids(condition, optional=True)


@pytest.mark.parametrize("condition", LETS_BY)
def test_it_lets_by_through_a_variable(condition: str) -> None:
    assert ID in ids("variables.it", variables={"it": condition})
    assert ID in ids("!variables.no && evidence.unit.ran > 1", variables={"it": condition, "no": "!variables.it"})


@pytest.mark.parametrize("condition", DOES_NOT)
def test_it_does_not(condition: str) -> None:
    assert ID not in ids(condition)
    assert ID not in ids("variables.it", variables={"it": condition})


@pytest.mark.parametrize(
    ("when", "skips"),
    [
        (f"has({X})", True),
        (f"environment.name == 'a' && has({X})", True),
        (f"!(!has({X}))", True),
        (f"has({X}) ? {X} > 0.0 : false", True),
        (f"{OPT}.orValue(0.0) > 0.5", True),
        (f"has({X}) == true", True),
        (f"!has({X}) || {X} > 0.0", False),
        (f"has({X}) ? {X} > 0.0 : true", False),
        (f"has({X}) || environment.name == 'a'", False),
        (f"{X} > 0.0", False),
    ],
)
def test_in_when_it_is_the_absence_that_skips(when: str, skips: bool) -> None:
    assert (ID in ids("evidence.unit.ran > 1", when=when)) is skips
    assert (ID in ids("evidence.unit.ran > 1", when="variables.w", variables={"w": when})) is skips


@pytest.mark.parametrize("name", ["x", "y"])
def test_membership_in_when_skips_what_the_rule_reads(name: str) -> None:
    assert (ID in ids(f"{X} > 1.0", when=f"'{name}' in evidence.m.values")) is (name == "x")
    metric = {"id": "it", "metric": {"name": "x", "in": "m", "min": 0.5}, "when": f"'{name}' in evidence.m.values"}
    assert (ID in {one.id for one in findings(policy([metric]))}) is (name == "x")


def test_half_a_condition_in_a_variable() -> None:
    assert ID in ids(f"variables.there ? {X} > 1.0 : true", variables={"there": f"has({X})"})
    assert ID in ids("variables.score > 0.5", variables={"score": f"{OPT}.orValue(1.0)"})
    assert ID not in ids("variables.score > 0.5", variables={"score": f"{OPT}.orValue(0.0)"})


def test_it_is_graver_where_the_gate_does_not_catch_it() -> None:
    (passes,) = (one for one in findings(policy(f"has({X}) ? {X} > 1.0 : true")) if one.id == ID)
    (caught,) = (one for one in findings(policy(f"!has({X}) || {X} > 1.0")) if one.id == ID)
    assert (passes.severity, caught.severity) == ("error", "warning")
    assert passes.message == f"the rule passes where {X} is absent"
    assert "the gate says `missing` there" in caught.message


def test_each_path_is_found_once_at_its_place() -> None:
    text = f"""\
apiVersion: gatekeeper/v1
kind: Policy
metadata: {{name: p, version: 1.0.0, owners: [team]}}
spec:
  evidence: {{m: {{kind: metrics}}, unit: {{kind: tests}}}}
  variables:
    fine: >-
      evidence.unit.ran > 1
      && (has({X}) ? {X} > 1.0 : true)
  rules:
    - {{id: a, why: w, remedy: r, require: variables.fine}}
    - id: b
      why: w
      remedy: r
      require: >-
        variables.fine
        && (has({Y}) ? {Y} > 1.0
          : !has({Y}))
"""
    found = [one for one in checked(text).findings if one.id == ID]
    assert [(one.rule, one.line, one.column) for one in found] == [("a", 9, 33), ("b", 9, 33), ("b", 17, 35)]


@pytest.mark.parametrize(
    ("limit", "found"),
    [
        (f"{OPT}.orValue(0.1)", True),
        (f"has({X}) ? {X} : 0.1", True),
        (f"has({X}) && {X} > 0.5 ? 0.9 : 0.1", True),
        (X, False),
        ("params.floor", False),
    ],
)
def test_a_limit_that_falls_back(limit: str, found: bool) -> None:
    rules = [{"id": "it", "metric": {"name": "a", "in": "m", "min": limit}}]
    assert (ID in {one.id for one in findings(policy(rules))}) is found
    rules[0]["optional"] = True
    assert ID not in {one.id for one in findings(policy(rules))}
