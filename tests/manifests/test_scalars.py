"""One YAML scalar is replaced, whatever it is written like, and nothing else changes."""

from __future__ import annotations

import pytest
import yaml

from gatekeeper.errors import ManifestError
from gatekeeper.manifests.scalars import Place, places, replace
from gatekeeper.manifests.yamlnodes import Source


def put(text: str, value: str, *paths: str) -> str:
    """Set the scalars at these paths, all of them at once."""
    source = Source(text, "m.yaml")
    found = [place for place in places(source) if str(place) in (paths or (".a",))]
    assert found
    return replace(source, [(place, value) for place in found])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a: x:1\n", "a: x:2\n"),
        ("a:\tx:1 # x:1\n", "a:\tx:2 # x:1\n"),
        ("a: 'x:1'", "a: 'x:2'"),
        ('a: "x\\u003a1"\r\nb: 1\r\n', 'a: "x:2"\r\nb: 1\r\n'),
        ("\ufeffa: x:1\n", "\ufeffa: x:2\n"),
        ("# é 😀\na: x:1\n", "# é 😀\na: x:2\n"),
        ("{b: 1, a: x:1}\n", "{b: 1, a: x:2}\n"),
        ('{"b":1,"a":"x:1"}', '{"b":1,"a":"x:2"}'),
        ("a: !!str x:1\n", "a: !!str x:2\n"),
        ("a: &anchor x:1 # c\n", "a: &anchor x:2 # c\n"),
        ("a: &anchor !!str  'x:1'\n", "a: &anchor !!str  'x:2'\n"),
        ("a: |-\n  x:1\nb: 2\n", "a: |-\n  x:2\nb: 2\n"),
        ("a: >- # why\r\n  x:1\r\n\r\nb: 2\r\n", "a: >- # why\r\n  x:2\r\n\r\nb: 2\r\n"),
        ("a: |2-\n  x:1", "a: |2-\n  x:2"),
        ("a:\nb: 1\n", "a: x:2\nb: 1\n"),
        ("a:   # c\nb: 1\n", "a: x:2   # c\nb: 1\n"),
        ("a:", "a: x:2"),
        ("a: ~\n", "a: x:2\n"),
        ("? a\n: x:1\n", "? a\n: x:2\n"),
        (
            "b: '{{inputs.x}}' # {{ y }}\na: x:1\nc: |\n  {{ z }}\n",
            "b: '{{inputs.x}}' # {{ y }}\na: x:2\nc: |\n  {{ z }}\n",
        ),
        ("b: y{{ z }} # x\na: x:1\n", "b: y{{ z }} # x\na: x:2\n"),
        ("b: '# no comment' \na: x:1 #{{\n", "b: '# no comment' \na: x:2 #{{\n"),
    ],
)
def test_the_bytes_of_the_scalar_and_no_others(old: str, new: str) -> None:
    assert put(old, "x:2") == new
    assert put(new, "x:2") == new


@pytest.mark.parametrize(
    "value",
    [
        *["1.10", "1e5", "0x12", "0o17", "null", "on", "y", "1_000", "12:30:45", "1:20", "2026-11-20", "e5", "~"],
        *[
            "2001-12-14t21:59:43.10-05:00",
            "a #b",
            "a: b",
            "- a",
            "[a]",
            "{a",
            "*a",
            "&a",
            "!a",
            "%a",
            "@a",
            "`a",
            "'",
            '"',
        ],
        *["a'b", 'a"b', "a\\b", "|", ">", "?", "a,b", "=", "<<", ".inf", "-1", "é", "a b"],
    ],
)
@pytest.mark.parametrize("old", ["a: x\n", "a: 'x'\n", 'a: "x"\n', "{a: x, b: 1}\n", "a:\n", "a: 1.0\n"])
def test_a_value_is_a_string_for_every_reader(old: str, value: str) -> None:
    new = put(old, value)
    assert yaml.safe_load(new)["a"] == value
    assert new.strip("{} \n").startswith(("a: '", 'a: "')) or value == "é"
    assert put(new, value) == new


def test_a_bare_number_becomes_the_string_that_it_looks_like() -> None:
    assert put("a: 1.10\n", "1.10") == 'a: "1.10"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: |\n  x:1\n", "m.yaml:1:4: .a is a block scalar"),
        ("a: >-\n  x\n  y\n", "block scalar of more than one line"),
        ("a: |-\n\n  x\n", "block scalar of more than one line"),
        ("a: x\n  y\n", "m.yaml:1:4: .a runs over several lines"),
        ("a: 'x\n  y'\n", "runs over several lines"),
        ("a: &x\nb: 1\n", "m.yaml:1:4: .a has an anchor or a tag, and its value is not behind it"),
        ("a: !!str\n  x:1\n", "has an anchor or a tag"),
        ("a: !!int 1\n", "cannot be changed without changing more"),
        ("{a, b: 1}\n", "its place is not plain to see"),
        ("a: [x]\n", ".a is no scalar"),
        ("b: &x v:1\na: *x\n", "m.yaml:1:4: this is used in several places by aliases (.b, .a)"),
        ("b: &x {a: v}\nc: *x\na: 1\n", "m.yaml:1:11: this is used in several places by aliases (.b.a, .c.a)"),
        ("b: &x {a: v}\nc:\n  <<: *x\n", 'm.yaml:1:11: this is used in several places by aliases (.b.a, .c."<<".a)'),
        ("a: {{ x }}\n", "m.yaml:1:4: the file is a template"),
        ("a: x:{{ x }}\n", "m.yaml:1:4: a variable stands here ({{…)"),
        ("a: '{{ x }}'\n", "m.yaml:1:4: a variable stands here"),
        ("a: x:${TAG:-1}\n", "m.yaml:1:4: a variable stands here (${…)"),
        ("b: 1\n  \x0bx\na: x\n", "m.yaml:2:3: not YAML: unacceptable character"),
        ("{{- if x }}\na: x\n{{- end }}\n", "m.yaml:1:1: the file is a template"),
        ("a: x\nb: [c, {{ x }}]\n", "m.yaml:2:8: the file is a template"),
        ("a: x\nb: '#'{{ x }}\n", "m.yaml:2:7: the file is a template"),
    ],
)
def test_what_is_refused_with_its_place(text: str, said: str) -> None:
    with pytest.raises(ManifestError) as refused:
        put(text, "v:2", ".b.a" if "{a: v}" in text else ".a")
    assert said in str(refused.value)


def test_an_alias_is_edited_where_all_its_places_are_meant() -> None:
    text = "x: &i v:1\na: *i\nb: *i\n"
    assert put(text, "v:2", ".a", ".b", ".x") == "x: &i v:2\na: *i\nb: *i\n"
    with pytest.raises(ManifestError, match=r"several places by aliases \(\.x, \.a, \.b\)"):
        put(text, "v:2", ".a", ".b")


def test_what_a_merge_key_brings_is_edited_where_all_its_places_are_meant() -> None:
    text = "x: &m {a: v:1}\nb: {<<: *m}\nc: {<<: [*m]}\n"
    assert put(text, "v:2", ".x.a", '.b."<<".a', '.c."<<"[0].a') == text.replace("v:1", "v:2")
    with pytest.raises(ManifestError, match="several places"):
        put(text, "v:2", ".x.a", '.b."<<".a')


def test_aliases_that_multiply_are_refused() -> None:
    lines = ["l0: &l0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]" for n in range(1, 9)]
    source = Source("\n".join(lines), "m.yaml")
    with pytest.raises(ManifestError, match="multiply beyond bounds"):
        list(places(source))


def test_many_templates_in_comments_are_no_burden() -> None:
    text = "a: x\n" + "# {{ y }} '#\n" * 40_000 + "b: '{{ z }}'\n"
    assert put(text, "z") == text.replace("a: x", "a: z")


def test_a_place_is_written_as_people_would() -> None:
    assert str(Place(0, ("a", 0, "b/c", 'd."e'), Source("a: 1", "m").documents[0])) == '.a[0].b/c."d.\\"e"'
