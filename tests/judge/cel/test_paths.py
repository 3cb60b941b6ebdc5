"""The missing rule: which paths must exist, on the trees of both parsers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.judge.cel import MISSING, Comparison, Engine, Path, check, find
from tests.judge.cel.conftest import NAMES, NOW, Parsers, evaluate


def paths(*texts: str) -> tuple[Path, ...]:
    return tuple(tuple(int(step) if step.isdigit() else step for step in text.split(".")) for text in texts)


TABLE = [
    ("evidence.m.x > 1.0", "evidence.m.x", ""),
    ("evidence.m.x > 1.0 || true", "evidence.m.x", ""),
    ("true || evidence.m.x > 1.0", "evidence.m.x", ""),
    ("false && evidence.m.x > 1.0", "evidence.m.x", ""),
    ("evidence['m']['x'] > 1.0", "evidence.m.x", ""),
    ("evidence.m.l[0] > 1.0", "evidence.m.l.0", ""),
    ("evidence.m.l[0].y > 1.0 && evidence.m.l[1]['z'] > 1.0", "evidence.m.l.0.y evidence.m.l.1.z", ""),
    ("evidence.m[params.key] > 1.0", "evidence.m params.key", ""),
    ("evidence.m['a' + 'b'] > 1.0", "evidence.m", ""),
    ("evidence.m.s.startsWith('a')", "evidence.m.s", ""),
    ("size(evidence.m.s) > 1", "evidence.m.s", ""),
    ("evidence.m.x > params.low", "evidence.m.x params.low", ""),
    (".evidence.m.x > 1.0", "evidence.m.x", ""),
    ("variables.rate > 0.1", "variables.rate", ""),
    ("variables.rows.x > 0.1", "variables.rows.x", ""),
    ("now > timestamp('2020-01-01T00:00:00Z')", "now", ""),
    ("[evidence.m.x, 1].size() == 2", "evidence.m.x", ""),
    ("{'a': evidence.m.x}.a == 1", "evidence.m.x", ""),
    # has() reads the parent.
    ("has(evidence.m.x)", "evidence.m", "evidence.m.x"),
    ("!has(evidence.m.x)", "evidence.m", "evidence.m.x"),
    ("has(evidence.m['a'].x)", "evidence.m.a", "evidence.m.a.x"),
    # Right of && after has().
    ("has(evidence.m.x) && evidence.m.x > 1.0", "evidence.m", "evidence.m.x"),
    ("evidence.m.x > 1.0 && has(evidence.m.x)", "evidence.m.x evidence.m", ""),
    ("has(evidence.m.x) && evidence.m['x'] > 1.0", "evidence.m", "evidence.m.x"),
    ("has(evidence.m.x) && evidence.m.y > 1.0", "evidence.m evidence.m.y", "evidence.m.x"),
    ("has(evidence.m.x) && evidence.m.x.y > 1.0", "evidence.m evidence.m.x.y", "evidence.m.x"),
    ("has(evidence.m.x) && true && evidence.m.x > 1.0", "evidence.m", "evidence.m.x"),
    ("has(evidence.m.x) && (true && (false || evidence.m.x > 1.0))", "evidence.m", "evidence.m.x"),
    ("(true && has(evidence.m.x)) && (evidence.m.x > 1.0 && true)", "evidence.m", "evidence.m.x"),
    ("has(evidence.m.x) && has(evidence.m.x.y) && evidence.m.x.y > 1.0", "evidence.m", "evidence.m.x evidence.m.x.y"),
    ("(has(evidence.m.x) && true) || evidence.m.x > 1.0", "evidence.m evidence.m.x", ""),
    ("(has(evidence.m.x) || true) && evidence.m.x > 1.0", "evidence.m evidence.m.x", ""),
    ("!has(evidence.m.x) || evidence.m.x > 1.0", "evidence.m evidence.m.x", ""),
    ("!(has(evidence.m.x)) && evidence.m.x > 1.0", "evidence.m evidence.m.x", ""),
    ("(has(evidence.m.x) && evidence.m.x > 1.0) || evidence.m.x < 0.0", "evidence.m evidence.m.x", ""),
    # The true branch.
    ("has(evidence.m.x) ? evidence.m.x > 1.0 : false", "evidence.m", "evidence.m.x"),
    ("has(evidence.m.x) ? true : evidence.m.x > 1.0", "evidence.m evidence.m.x", ""),
    ("has(evidence.m.x) && params.a ? evidence.m.x > 1.0 : false", "evidence.m params.a", "evidence.m.x"),
    ("(has(evidence.m.x) ? true : false) && evidence.m.x > 1.0", "evidence.m evidence.m.x", ""),
    ("evidence.m.x > 1.0 ? true : false", "evidence.m.x", ""),
    # Macros.
    ("evidence.l.all(x, x > 1.0)", "evidence.l", ""),
    ("evidence.l.all(x, x.y > evidence.m.x)", "evidence.l evidence.m.x", ""),
    ("evidence.l.exists(x, evidence.m[x] > 1.0)", "evidence.l evidence.m", ""),
    ("evidence.l.filter(x, has(x.y) && x.y > 1.0).size() == 0", "evidence.l", ""),
    ("evidence.l.map(x, x.y, x.z).size() == 0", "evidence.l", ""),
    ("evidence.l.all(x, evidence.k.all(y, x == y && has(evidence.m.z) && evidence.m.z == y))",
     "evidence.l evidence.k evidence.m", "evidence.m.z"),
    ("has(evidence.m.l) && evidence.m.l.all(x, x > 1.0)", "evidence.m", "evidence.m.l"),
    ("has(evidence.m.y) && evidence.l.exists(x, evidence.m.y > x)", "evidence.m evidence.l", "evidence.m.y"),
    ("evidence.l.all(x, has(evidence.m.y)) && evidence.m.y > 1.0", "evidence.l evidence.m evidence.m.y", ""),
    ("evidence.l.filter(x, has(evidence.m.y)).size() > 0 && evidence.m.y > 1.0",
     "evidence.l evidence.m evidence.m.y", ""),
    ("evidence.l.all(x, evidence.k.all(x, x > 1.0))", "evidence.l evidence.k", ""),
    ("evidence.l.map(x, has(evidence.m.y), evidence.m.y).size() == 0", "evidence.l evidence.m", "evidence.m.y"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "reads", "guarded"), TABLE)
def test_what_must_exist_and_what_is_guarded(checker: Any, source: str, reads: str, guarded: str) -> None:
    checked = checker(source)
    assert sorted(map(str, checked.reads)) == sorted(map(str, paths(*reads.split())))
    assert sorted(map(str, checked.guarded)) == sorted(map(str, paths(*guarded.split())))


@pytest.mark.parametrize(
    ("source", "reads", "guarded"),
    [
        ("cel.bind(m, evidence.m, m.x > 1.0)", "evidence.m evidence.m.x", ""),
        ("cel.bind(m, evidence.m, m.x > 1.0 || true)", "evidence.m evidence.m.x", ""),
        ("cel.bind(m, evidence.m, has(m.x) && m.x > 1.0)", "evidence.m", "evidence.m.x"),
        ("cel.bind(m, evidence.m, has(evidence.m.x) && m.x > 1.0)", "evidence.m", "evidence.m.x"),
        ("cel.bind(m, evidence.m.x + 1.0, m > 1.0)", "evidence.m.x", ""),
        ("has(evidence.m.x) && cel.bind(m, evidence.m.x, m > 1.0)", "evidence.m", "evidence.m.x"),
        ("cel.bind(m, evidence.m, cel.bind(m, evidence.n, m.x > 1.0))", "evidence.m evidence.n evidence.n.x", ""),
        ("evidence.?m.?x.orValue(1.0) > 0.5", "evidence", "evidence.m.x evidence.m"),
        ("evidence.m.?x.orValue(1.0) > 0.5", "evidence.m", "evidence.m.x"),
        ("evidence.m[?'x'].orValue(1.0) > 0.5", "evidence.m", "evidence.m.x"),
        ("evidence.m.?x.y.orValue(1.0) > 0.5", "evidence.m", "evidence.m.x.y evidence.m.x"),
        ("evidence.m.`x-y` > 0.5", "evidence.m.x-y", ""),
        ("evidence.m.all(k, v, v > 0.5 && k != evidence.n)", "evidence.m evidence.n", ""),
        ("optional.of(evidence.m.x).hasValue()", "evidence.m.x", ""),
        ("evidence.l[0u] == evidence.l[1.0]", "evidence.l.0 evidence.l.1", ""),
        ("evidence.m.?o.optMap(v, v + evidence.n).orValue(1) == 1", "evidence.m evidence.n", "evidence.m.o"),
    ],
)
def test_the_extensions_follow_the_same_rule(source: str, reads: str, guarded: str) -> None:
    checked = check(source, NAMES)
    assert sorted(map(str, checked.reads)) == sorted(map(str, paths(*reads.split())))
    assert sorted(map(str, checked.guarded)) == sorted(map(str, paths(*guarded.split())))


def test_paths_come_in_the_order_of_the_text(checker: Any) -> None:
    checked = checker("params.low < evidence.m.x && evidence.a.b == evidence.m.x && params.high > 1")
    assert checked.reads == paths("params.low", "evidence.m.x", "evidence.a.b", "params.high")


def test_a_path_is_placed_at_its_last_part(checker: Any) -> None:
    checked = checker(
        "'é' != params.a &&\n  evidence.m\n    .values['x'] > 1.0 && has(evidence.n.y) && variables.rate > 0.0"
    )
    places = {path: checked.place(path) for path in (*checked.reads, *checked.guarded)}
    assert places == {
        ("params", "a"): (1, 15),
        ("evidence", "m", "values", "x"): (3, 13),
        ("evidence", "n"): (3, 40),
        ("evidence", "n", "y"): (3, 42),
        ("variables", "rate"): (3, 58),
    }
    assert checked.place(("evidence", "m", "values")) == (3, 6)
    assert checked.place(("evidence", "nowhere")) == (1, 1)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("evidence.m.x >= 0.85", [("evidence.m.x", ">=", 0.85)]),
        ("0.85 <= evidence.m.x", [("evidence.m.x", ">=", 0.85)]),
        ("-0.5 < evidence.m.x", [("evidence.m.x", ">", -0.5)]),
        ("evidence.m.x > params.low", [("evidence.m.x", ">", paths("params.low")[0])]),
        ("params.low <= evidence.m.x", [("evidence.m.x", ">=", paths("params.low")[0])]),
        ("evidence.m.x == 'a' && (evidence.m.y != true && evidence.m.z < 3)",
         [("evidence.m.x", "==", "a"), ("evidence.m.y", "!=", True), ("evidence.m.z", "<", 3)]),
        ("has(evidence.m.x) && evidence.m.x > 1", [("evidence.m.x", ">", 1)]),
        ("evidence.m.x > 1 || evidence.m.y > 1", []),
        ("!(evidence.m.x > 1)", []),
        ("evidence.m.x + 1 > 1", []),
        ("evidence.m.x == null", []),
        ("true == true", []),
        ("evidence.l.all(x, x > 1)", []),
    ],
)  # fmt: skip
def test_plain_comparisons_are_told_with_the_measured_side_first(
    checker: Any, source: str, expected: list[tuple[str, str, Any]]
) -> None:
    wanted = [Comparison(observed=paths(path)[0], comparator=sign, limit=limit) for path, sign, limit in expected]
    assert list(checker(source).comparisons) == wanted


_leaves = st.sampled_from(
    [
        "evidence.a",
        "evidence.b",
        "evidence.m.x",
        "evidence.m.y",
        "evidence.m['x']",
        "evidence.l[0].y",
        "params.p",
        "v.x",
    ]
)
_tests = st.sampled_from(["has(evidence.a)", "has(evidence.m)", "has(evidence.m.x)", "has(evidence.m.y)", "has(v.x)"])


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda pair: f"({pair[0]} && {pair[1]})"),
        pairs.map(
            lambda pair: (
                f"{pair[0]} && {pair[1]}"
                if "||" not in "".join(pair) and "?" not in "".join(pair)
                else f"({pair[0]}) && ({pair[1]})"
            )
        ),
        pairs.map(lambda pair: f"({pair[0]} || {pair[1]})"),
        st.tuples(inner, inner, inner).map(lambda each: f"({each[0]} ? {each[1]} : {each[2]})"),
        inner.map(lambda each: f"!({each})"),
        inner.map(lambda each: f"evidence.rows.all(w, {each} || w.x > 1)"),
        inner.map(lambda each: f"evidence.rows.exists(w,\n {each})"),
        inner.map(lambda each: f"(evidence.rows.filter(w, {each}).size() > 0)"),
        pairs.map(lambda pair: f"(evidence.rows.map(w, {pair[0]}, {pair[1]}) == [])"),
    )


_conditions = st.recursive(st.one_of(_leaves.map(lambda leaf: f"{leaf} > 1"), _tests), _grown, max_leaves=8)
_sources = _conditions.map(lambda source: f"evidence.rows.all(v, {source})" if "v." in source else source)


@given(_sources)
def test_both_parsers_give_the_same_reads(source: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        parsers = Parsers(patch)
        one, other = parsers.cpp(source), parsers.lark(source)
    assert one.uses == other.uses
    assert one.found == other.found
    assert (one.reads, one.guarded, one.asked, one.comparisons) == (
        other.reads,
        other.guarded,
        other.asked,
        other.comparisons,
    )


_number = st.sampled_from([0, 2])
_data = st.fixed_dictionaries(
    {"rows": st.lists(st.fixed_dictionaries({"x": _number}), max_size=2)},
    optional={
        "a": _number,
        "b": _number,
        "m": st.fixed_dictionaries({}, optional={"x": _number, "y": _number}),
        "l": st.lists(st.fixed_dictionaries({}, optional={"y": _number}), max_size=1),
    },
)


@pytest.mark.parametrize("name", ["cel-cpp", "cel-python"])
@given(source=_sources, evidence=_data)
def test_where_all_reads_exist_no_key_is_missing(name: str, source: str, evidence: dict[str, Any]) -> None:
    from gatekeeper.judge.cel import load_engine

    engine: Engine = load_engine(name)
    document = {"evidence": evidence, "params": {"p": 1}, "now": NOW}
    checked = check(source, NAMES)
    if all(find(document, path) is not MISSING for path in checked.reads):
        assert evaluate(engine, source, document).code != "missing_key"
