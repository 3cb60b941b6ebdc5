"""Changes of CEL text: which there are, and that each is an expression again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.cases.edits import edits
from gatekeeper.cases.tokens import chains, comparisons, tokens
from gatekeeper.judge.cel import check

NAMES = {"evidence": "map", "params": "map", "now": "timestamp"}


def told(text: str) -> list[str]:
    """Every change, as `what: old → new`."""
    return [f"{edit.what}: {edit.old} → {edit.new}" for edit in edits(text)]


def test_a_comparison() -> None:
    assert told("evidence.m.x >= 0.85") == [
        "comparator: >= → >",
        "comparator: >= → <=",
        "limit: 0.85 → 0.84",
        "limit: 0.85 → 0.86",
    ]


def test_conditions_are_dropped_one_by_one() -> None:
    text = "evidence.a && (evidence.b || !evidence.c) // and so on\n && evidence.d"
    dropped = [edit for edit in edits(text) if edit.what == "condition"]
    assert [edit.old for edit in dropped] == [
        "evidence.a",
        "(evidence.b || !evidence.c)",
        "evidence.d",
        "evidence.b",
        "!evidence.c",
    ]
    assert dropped[0].text == "(evidence.b || !evidence.c) // and so on\n && evidence.d"
    assert dropped[2].text == "evidence.a && (evidence.b || !evidence.c)"
    assert dropped[3].text == "evidence.a && (!evidence.c) // and so on\n && evidence.d"


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("evidence.a[0] == evidence.b", ["comparator: == → !="]),
        ("evidence.a['x < 5 && y'] != ''", ["comparator: != → =="]),
        ("evidence.a.matches(r'\\d >= 5')", []),
        ("!evidence.a", ["negation: ! → nothing"]),
        ("evidence.a == true", ["comparator: == → !=", "boolean: true → false"]),
        ("evidence.true_positives", []),
        ("evidence.?x.orValue(0.5) > evidence.y", ["comparator: > → >=", "comparator: > → <"]),
        (
            "now - now < duration('24h')",
            ["comparator: < → <=", "comparator: < → >", "limit: '24h' → '23h'", "limit: '24h' → '25h'"],
        ),
        ("evidence.a ? evidence.b : evidence.c", []),
        ("'''it's >= 5''' + \"\\\" < 3\"", []),
    ],
)
def test_what_is_no_limit_stays(text: str, changes: list[str]) -> None:
    assert told(text) == changes


def test_the_sides_of_comparisons_are_found_at_every_depth() -> None:
    text = "evidence.a.all(c, evidence.a[c] >= params.x * 2.0 && c != 'z') ? 1 < 2 : size([evidence.b]) == 3"
    found = {
        (text[one.left.start : one.left.end], one.sign.text, text[one.right.start : one.right.end])
        for one in comparisons(text)
    }
    assert found == {
        ("evidence.a[c]", ">=", "params.x * 2.0"),
        ("c", "!=", "'z'"),
        ("1", "<", "2"),
        ("size([evidence.b])", "==", "3"),
    }


numbers = st.one_of(st.integers(0, 99).map(str), st.decimals(0, 99, places=2).map(str))
paths = st.sampled_from(["evidence.m.a", "evidence.m.values['b c']", "params.x", "evidence.m.list[0].y"])
sides = st.one_of(
    numbers, paths, st.tuples(paths, st.sampled_from("+-*"), numbers).map(" ".join), paths.map("double({})".format)
)
compared = st.tuples(paths, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), sides).map(" ".join)
flags = st.sampled_from(["has(evidence.m.a)", "evidence.m.flag", "true", "'x' in evidence.m.names"])
conditions = st.recursive(
    st.one_of(compared, flags),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' && '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' || '.join(parts)})"),
        inner.map("!({})".format),
        inner.map("evidence.m.names.all(c, c != 'z' && {})".format),
        st.tuples(inner, inner, inner).map(lambda three: "({} ? {} : {})".format(*three)),
    ),
    max_leaves=6,
)


@given(conditions)
def test_every_change_of_a_good_expression_is_another_good_one(text: str) -> None:
    check(text, NAMES)
    for edit in edits(text):
        assert edit.text != text
        check(edit.text, NAMES)


@given(conditions)
def test_the_tokens_are_the_text(text: str) -> None:
    found = tokens(text)
    assert "".join(token.text for token in found) == "".join(text.split()) or "'" in text
    assert all(text[token.start : token.end] == token.text for token in found)
    assert all(token.kind != "other" for token in found)


@given(conditions)
def test_operands_do_not_overlap_and_are_told_apart_by_their_sign(text: str) -> None:
    for chain in chains(text):
        assert len(chain.operands) > 1
        for one, other in zip(chain.operands, chain.operands[1:], strict=False):
            assert text[one.end : other.start].strip() == chain.sign


@given(st.text(max_size=60))
def test_any_text_is_taken_apart_without_complaint(text: str) -> None:
    list(edits(text))
    list(comparisons(text))
