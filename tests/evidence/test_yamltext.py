"""YAML of other tools: one meaning or a refusal, and bounded however its aliases unfold."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence import yamltext
from gatekeeper.evidence.yamltext import parse_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1", {"a": 1}),
        (
            "a: -1.5e-05\nb: [1, x, '1', null, ~, true, False]",
            {"a": -1.5e-05, "b": [1, "x", "1", None, None, True, False]},
        ),
        ("a: {b: {c: }}", {"a": {"b": {"c": None}}}),
        ("---\na: |\n  text\n...\n", {"a": "text\n"}),
        ("a: yes\nb: 0o17\nc: 1_000\nd: 1:30\ne: .5\nf: +1\ng: 0x1f\nh: 2024-01-01", None),
        ("1: a\ntrue: b\n~: c", {"1": "a", "true": "b", "~": "c"}),
        ("a: 9223372036854775808", {"a": "9223372036854775808"}),
        ("a: &x {b: 1}\nc: *x", {"a": {"b": 1}, "c": {"b": 1}}),
        ("%YAML 1.2\n---\na: 1", {"a": 1}),
        ("text", "text"),
    ],
)
def test_what_is_plain_is_read(text: str, value: Any) -> None:
    found = parse_yaml(text)
    if value is None:
        assert all(isinstance(member, str) for member in found.values())
    else:
        assert found == value
        assert repr(found) == repr(value)


def test_not_finite_numbers_are_told_by_their_value() -> None:
    found = parse_yaml("a: .nan\nb: -.inf\nc: 1e999")
    assert math.isnan(found["a"])
    assert (found["b"], found["c"]) == (-math.inf, math.inf)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: 1\na: 2", r"the key 'a' stands twice in one mapping \(line 2, column 1\)"),
        ("1: a\n'1': b", "stands twice"),
        ("a: !!python/object:os.system x", "a tag is not read"),
        ("a: ! x", "a tag is not read"),
        ("a: !!str 1", "a tag is not read"),
        ("!!set {a}", "a tag is not read"),
        ("%TAG ! tag:x,2000:\n---\na: 1", "tag directives"),
        ("<<: {a: 1}", "merge keys"),
        ("a: 1\n---\nb: 2", "more than one YAML document"),
        ("? [a]\n: 1", "a key is not plain text"),
        ("? {a: 1}\n: 1", "a key is not plain text"),
        ("a: &x 1\n*x : 2", "a key is not plain text"),
        ("a: *x", "an alias names nothing"),
        ("a: &x [*x]", "an alias names nothing"),
        ("a: [", "not YAML: broken at line 2, column 1"),
        ("a:\n\t- b", "not YAML: broken at line 2"),
        ("a: \x07", "not YAML: broken"),
        ("# nothing", "no YAML document"),
        ("[" * 60 + "]" * 60, "nested deeper than 50"),
        ("a: " + "{b: " * 60 + "}" * 60, "nested deeper than 50"),
    ],
)
def test_what_has_no_one_meaning_is_refused_with_its_place(text: str, reason: str) -> None:
    with pytest.raises(EvidenceError, match=reason):
        parse_yaml(text)


def test_aliases_that_unfold_without_end_are_counted_not_followed() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    with pytest.raises(EvidenceError, match="once its aliases are followed"):
        parse_yaml("\n".join(lines))


def test_size_is_bounded() -> None:
    with pytest.raises(EvidenceError, match="characters of YAML"):
        parse_yaml("a" * (yamltext.MAX_CHARACTERS + 1))
    with pytest.raises(EvidenceError, match="values once"):
        parse_yaml("[" + "1," * (yamltext.MAX_VALUES + 1) + "]")


@given(st.text(alphabet=st.sampled_from("ab:-[]{},&*!?|>'\"\n #%~1.0 \t"), max_size=40))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    message = ""
    try:
        parse_yaml(text)
    except EvidenceError as refusal:
        message = refusal.message
    assert message.isprintable()
