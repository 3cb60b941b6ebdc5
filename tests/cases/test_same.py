"""Only what is proved the same is left out of the count."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.cases.policy_mutants import PolicyMutants
from gatekeeper.cases.same import same_condition
from gatekeeper.judge.cel import load_engine
from gatekeeper.judge.expressions import Compiler
from gatekeeper.judge.prepare import Application, prepare, ready_rule
from gatekeeper.judge.prepared import ReadyRule
from gatekeeper.model.policy import Rule
from gatekeeper.policy.condition import Condition, Term, from_terms
from gatekeeper.policy.documents import load
from tests.cases.scene import policy, text

ENGINES = (load_engine(None),)
EVIDENCE = {
    "unit": {"kind": "tests"},
    "tool": {"kind": "command"},
    "metrics": {"kind": "metrics"},
    "image": {"kind": "scan"},
}
DOCUMENT = load(text(policy({"id": "it", "tests": {}}, evidence=EVIDENCE)).encode(), "p.yaml")[0]
WORDS = {
    ">=": float.__ge__,
    ">": float.__gt__,
    "<=": float.__le__,
    "<": float.__lt__,
    "==": float.__eq__,
    "!=": float.__ne__,
}


def rule(term: Term) -> ReadyRule:
    """A rule of one term."""
    plain = Rule(id="it", why="w", remedy="r", require="true")
    compiler = Compiler(DOCUMENT, ENGINES)
    found = ready_rule(0, plain, DOCUMENT.policy, compiler, Condition(pass_if=term.holds(), terms=(term,)))
    assert found is not None
    return found


limits = st.integers(-2, 5).map(float) | st.sampled_from([0.5, 1.5, 2.25])
terms = st.builds(
    Term,
    observed=st.sampled_from(
        [("evidence", "unit", "ran"), ("evidence", "tool", "exit_status"), ("evidence", "metrics", "values", "x")]
    ),
    comparator=st.sampled_from(sorted(WORDS)),
    limit=limits,
    label=st.just("it"),
)


@given(terms, limits, st.sampled_from(sorted(WORDS)))
def test_two_limits_are_the_same_only_where_no_whole_number_tells_them_apart(
    one: Term, limit: float, sign: str
) -> None:
    other = Term(observed=one.observed, comparator=sign, limit=limit, label=one.label)
    if not same_condition(rule(one), rule(other), DOCUMENT.policy):
        return
    tried = [number / 4 for number in range(-20, 40)]
    if one.observed[1] == "unit":
        tried = [number for number in tried if number.is_integer() and number >= 0]
    if one.observed[1] == "tool":
        tried = [number for number in tried if number.is_integer()]
    assert all(WORDS[one.comparator](x, one.limit) == WORDS[sign](x, limit) for x in tried)


@pytest.mark.parametrize(
    ("rules", "same"),
    [
        (
            {"tests": {"min_tests": 4.5}},
            [
                "limit, min_tests: 4.5 → 4.4",
                "limit, min_tests: 4.5 → 4.6",
                "comparator: tests that ran >= 4.5 → tests that ran > 4.5",
            ],
        ),
        ({"tests": {"max_failures": 0}}, ["condition, max_failures: max_failures: 0 → nothing"]),
        ({"scan": {"max": {"critical": 0}}}, []),
        ({"metric": {"name": "x", "min": 0.85}}, []),
    ],
)
def test_what_is_left_out(rules: dict[str, Any], same: list[str]) -> None:
    document = load(text(policy({"id": "it", **rules}, evidence=EVIDENCE)).encode(), "p.yaml")[0]
    (base,) = prepare([Application(document=document, enforcement="deny")], ENGINES)
    found = [one for one in PolicyMutants(document, base, ENGINES).all() if one.same]
    assert [f"{one.what}: {one.old} → {one.new}" for one in found] == same


def test_another_fact_is_never_the_same() -> None:
    counts, fixable = (
        Term(observed=("evidence", "image", part, "critical"), comparator="<=", limit=0, label="critical")
        for part in ("counts", "fixable")
    )
    assert from_terms((counts,), "image") != from_terms((fixable,), "image")
    assert same_condition(rule(counts), rule(fixable), DOCUMENT.policy) == ""
