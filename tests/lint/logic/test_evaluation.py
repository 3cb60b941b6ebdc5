"""What evaluation with unknowns claims, the real engine confirms, for every document that fits the assumption."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.judge.cel import check, load_engine
from gatekeeper.judge.cel.checking import parsed
from gatekeeper.judge.names import ROOTS
from gatekeeper.lint.logic.evaluation import Assumption, Evaluation
from gatekeeper.lint.logic.inline import Inliner
from gatekeeper.lint.logic.shape import Shapes
from gatekeeper.lint.logic.value import ERROR, UNKNOWN, Known, Value
from tests.judge.cel import conformance

ENGINE = load_engine("cel-cpp")
BASE = "evidence.m.values"
NAMES = ("a", "b", "c")

numbers = st.one_of(
    st.sampled_from(["0.0", "1.0", "2.5", "-1.0"]),
    st.sampled_from(NAMES).map(lambda name: f"{BASE}.{name}"),
    st.sampled_from(NAMES).map(lambda name: f"{BASE}.?{name}.orValue(1.0)"),
    st.just(f"double(size({BASE}))"),
)
sums = st.one_of(
    numbers, st.tuples(numbers, st.sampled_from("+-*/"), numbers).map(lambda parts: f"({' '.join(parts)})")
)
comparisons = st.tuples(sums, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), sums).map(" ".join)
questions = st.sampled_from(NAMES).flatmap(
    lambda name: st.sampled_from(
        [
            f"has({BASE}.{name})",
            f"'{name}' in {BASE}",
            f"{BASE}.?{name}.hasValue()",
            f"{BASE}.?{name} == optional.none()",
        ]
    )
)
leaves = st.one_of(
    comparisons,
    questions,
    st.sampled_from(["true", "false", f"size({BASE}) == 0", f"{BASE} == {{}}"]),
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        pair.map(lambda both: f"({both[0]}) && ({both[1]})"),
        pair.map(lambda both: f"({both[0]}) || ({both[1]})"),
        inner.map(lambda one: f"!({one})"),
        pair.map(lambda both: f"({both[0]}) == ({both[1]})"),
        st.tuples(inner, inner, inner).map(lambda three: f"({three[0]}) ? ({three[1]}) : ({three[2]})"),
        inner.map(lambda one: f"{BASE}.all(k, k == 'a' || ({one}))"),
        inner.map(lambda one: f"{BASE}.exists(k, k != 'b' && ({one}))"),
        inner.map(lambda one: f"[1, 2].all(i, i > 1 || ({one}))"),
        pair.map(lambda both: f"cel.bind(t, {both[0]}, t || ({both[1]}))"),
        inner.map(lambda one: f"{{true: 'yes', false: 'no'}}[{one}] == 'yes'"),
    )


conditions = st.recursive(leaves, _grown, max_leaves=6)
documents = st.dictionaries(st.sampled_from(NAMES), st.sampled_from([-1.0, 0.0, 0.5, 1.0, 2.5, 100.0]))


def _open(path: object) -> Value:
    return UNKNOWN


def _answer(condition: str, values: dict[str, float]) -> Any:
    """The engine's boolean, or ERROR."""
    program = ENGINE.program(check(condition, ROOTS), ROOTS)
    answer = program.evaluate(ENGINE.bind({"evidence": {"m": {"values": values}}}))
    return ERROR if answer.failed else answer.value


def _claim(condition: str, values: dict[str, float] | None) -> Value:
    """What is claimed of all documents, or of those with just these names, whatever their values."""
    shapes, tree = Shapes(), Inliner().tree(parsed(condition, ROOTS)[0], 0)
    container = shapes.of(Inliner().tree(parsed(BASE, ROOTS)[0], 0))
    fields = {name: shapes.field(container, name) for name in NAMES}
    assumption = Assumption()
    if values is not None:
        assumption = Assumption(
            absent=frozenset(shape for name, shape in fields.items() if name not in values),
            present=frozenset(shape for name, shape in fields.items() if name in values),
            empty=frozenset() if values else frozenset((container,)),
            filled=frozenset((container,)) if values else frozenset(),
        )
    return Evaluation(shapes, _open, assumption).of(tree)


@settings(max_examples=400)
@given(conditions, documents)
def test_what_is_claimed_of_the_absent_and_the_empty_holds(condition: str, values: dict[str, float]) -> None:
    claim = _claim(condition, values)
    if claim == ERROR or isinstance(claim, Known):
        assert _answer(condition, values) == (claim.value if isinstance(claim, Known) else ERROR)


@settings(max_examples=400)
@given(conditions, st.fixed_dictionaries(dict.fromkeys(NAMES, st.sampled_from([-1.0, 0.0, 1.0, 2.5]))))
def test_what_is_claimed_of_all_documents_holds(condition: str, values: dict[str, float]) -> None:
    """Where everything that is read is there, as the gate sees to before it takes an answer."""
    claim = _claim(condition, None)
    if isinstance(claim, Known):
        assert _answer(condition, values) == claim.value


def test_the_property_is_about_something() -> None:
    assert _claim(f"has({BASE}.a) ? {BASE}.a > 1.0 : true", {"b": 1.0}) == Known(True)
    assert _claim(f"{BASE}.a > 1.0 && {BASE}.a < 0.0", None) == Known(False)
    assert _claim(f"{BASE}.a > 1.0", {"b": 1.0}) == ERROR
    assert _claim(f"{BASE}.a > 1.0", None) == UNKNOWN


@pytest.mark.corpus
def test_what_is_claimed_of_the_conformance_cases_is_what_they_expect() -> None:
    claimed = 0
    for case in conformance.cases():
        if case["matcher"] != "value" or "expected" not in case or case["disable_check"]:
            continue
        tree = parsed(case["expr"], {name: "dyn" for name, _ in case["type_env"]})[0]
        claim = Evaluation(Shapes(), _open, Assumption()).of(Inliner().tree(tree, 0))
        if isinstance(claim, Known):
            claimed += 1
            assert claim.value == conformance.plain(case["expected"]), case["expr"]
        assert claim != ERROR, case["expr"]
    assert claimed > 300
