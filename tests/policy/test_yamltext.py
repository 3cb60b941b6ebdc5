"""Every trap of YAML, with the line and column at which it is refused."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import InvalidFileError, Problem
from gatekeeper.policy.build import MAX_DEPTH
from gatekeeper.policy.tree import Tree
from gatekeeper.policy.yamltext import MAX_DOCUMENTS, compose
from tests.corpus import corpus_files


def problems(text: str | bytes) -> list[Problem]:
    """Every problem of a text, wherever it is reported."""
    try:
        trees = compose(text if isinstance(text, bytes) else text.encode(), "f.yaml")
    except InvalidFileError as fault:
        return list(fault.problems)
    return [problem for tree in trees for problem in tree.problems]


def only(text: str) -> Tree:
    """The one document of a text that has no problems."""
    (tree,) = compose(text.encode(), "f.yaml")
    assert tree.problems == []
    return tree


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 1, "`a` stands twice"),
        ("a: {b: 1, b: 1}\n", 1, 11, "`b` stands twice"),
        ("'a': 1\na: 2\n", 2, 1, "`a` stands twice"),
        ("on: 1\n", 1, 1, "unquoted `on` is a boolean"),
        ("1: x\n", 1, 1, "unquoted `1` is a number"),
        ("~: x\n", 1, 1, "unquoted `~` is nothing"),
        ("a:\n  {b: c}: d\n", 2, 3, "a key must be text"),
        ("a: {{ b }}\n", 1, 5, "a key must be text"),
        ("[x]: y\n", 1, 1, "a key must be text"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", 3, 3, "merge keys"),
        ("a: !!python/object:os.system {}\n", 1, 4, "begins a YAML tag"),
        ("a: !!str 1\n", 1, 4, "begins a YAML tag"),
        ("a: !has(x)\n", 1, 4, "begins a YAML tag"),
        ("a: ! 1\n", 1, 4, "begins a YAML tag"),
        ("a: &x ! 1\n", 1, 4, "begins a YAML tag"),
        ("a: [1, ! 2]\n", 1, 8, "begins a YAML tag"),
        ("a: !<tag:yaml.org,2002:int> 1\n", 1, 4, "begins a YAML tag"),
        ("! a: 1\n", 1, 1, "begins a YAML tag"),
        ("--- !\na: 1\n", 1, 5, "begins a YAML tag"),
        ("%TAG ! tag:x,2026:\n---\na: 1\n", 1, 1, "tag directives"),
        ("%OTHER x\n---\na: 1\n", 1, 7, "directive is not read"),
        ("%YAML 1.3\n---\na: 1\n", 1, 1, "version of YAML"),
        ("a:\n\tb: 1\n", 2, 1, "a tab stands as indentation"),
        ("a: 1\n\t\nb: 2\n", 2, 1, "a tab stands as indentation"),
        ("a: {\n\tb: 1}\n", 2, 1, "a tab stands as indentation"),
        ("a: x\n \ty\n", 2, 1, "a tab stands as indentation"),
        ("\ta: 1\n", 1, 1, "a tab stands as indentation"),
        ("a: >\n\tx\n", 2, 1, "a tab stands as indentation"),
        ("? a\n: 1\n", 1, 1, "unquoted `?` marks a key"),
        ("a: [?x]\n", 1, 5, "unquoted `?` marks a key"),
        ("a: 017\n", 1, 4, "`017`"),
        ("a: [0x1F]\n", 1, 5, "`0x1F`"),
        ("a: {b: 12:30:45}\n", 1, 8, "`12:30:45`"),
        ("a: 1_000\n", 1, 4, "`1_000`"),
        ("a: .nan\n", 1, 4, "`.nan`"),
        ('a: "x\\0y"\n', 1, 4, "U+0000"),
        ('a: "x\\ey"\n', 1, 4, "U+001B"),
        ('a: "x\\ry"\n', 1, 4, "U+000D"),
        ('"a\\u202Eb": 1\n', 1, 1, "U+202E"),
        ("a: b\n# \u202e\n", 2, 3, "U+202E"),
        ("a: \ufeffb\n", 1, 4, "U+FEFF"),
        ("a: b\u2028c\n", 1, 5, "U+2028"),
        ("a: b\x85c\n", 1, 5, "U+0085"),
        ("a: b\x00\n", 1, 5, "U+0000"),
        ("a: b\x07\n", 1, 5, "U+0007"),
        ("a: b # \rc: d\n", 1, 8, "U+000D"),
        ('a: "\\ud800"\n', 1, 7, "names no character"),
        ('a: "\\q"\n', 1, 5, "no such escape"),
        ("a: *x\n", 1, 4, "no such anchor"),
        ("a: &x 1\nb: &x 2\n", 2, 4, "anchor is given twice"),
        ("a: &x [*x]\n", 1, 4, "deeper than 50 once its aliases are followed"),
        ("a: b: c\n", 1, 5, "`:` stands where no key can be"),
        ("a: b ? c : d\n", 1, 10, "`:` stands where no key can be"),
        ("a: @b\n", 1, 4, "no unquoted value can begin with `@`"),
        ("a: `b`\n", 1, 4, "no unquoted value can begin with ```"),
        ("a: %b\n", 1, 4, "no unquoted value can begin with `%`"),
        ("a: 'b\n", 1, 4, "never closed"),
        ("a: [b\n", 1, 4, "`[` is not closed"),
        ("a: {b: c\n", 1, 4, "`{` is not closed"),
        ("a: [b\nc: d]]\n", 2, 2, "`[` is not closed"),
        ("{", 1, 2, "a value is missing"),
        ("a: 'x' == y\n", 1, 8, "where a key should begin"),
        ("a: - b\n", 1, 4, "`- ` stands where no list can be"),
        ("- a\nb: c\n", 2, 1, "a list ends in something else"),
        ("a: 1\n b: 2\n", 2, 3, "`:` stands where no key can be"),
        ("a: 1\n... b\n", 2, 5, "text follows the end"),
        ("", 0, 0, "holds no document"),
        ("# only words\n", 0, 0, "holds no document"),
        ("---\n---\n", 0, 0, "holds no document"),
    ],
)
def test_refuses_with_the_place(text: str, line: int, column: int, words: str) -> None:
    first = problems(text)[0]
    assert words in first.message
    assert (first.file, first.line, first.column) == ("f.yaml", line, column)


def test_names_the_byte_that_is_not_utf_8() -> None:
    assert problems("a: b\nc: é\n".encode("latin-1")) == [
        Problem("this byte is not UTF-8", "f.yaml", 2, 4, "Save the file as UTF-8.")
    ]
    assert "UTF-8" in problems("a: b\n".encode("utf-16"))[0].message


def test_tells_every_fault_of_single_values_at_once() -> None:
    found = problems("a: 017\non: 1\nb: !x y\na: 2\n")
    assert [(problem.line, problem.column) for problem in found] == [(1, 4), (2, 1), (3, 4), (4, 1)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1\r\nb: >-\r\n  x\r\n  y\r\n", {"a": 1, "b": "x y"}),
        ("\ufeffa: 1\n", {"a": 1}),
        ("%YAML 1.2\n---\na: 1\n...\n", {"a": 1}),
        ("a: &x [1, 2]\nb: *x\n", {"a": [1, 2], "b": [1, 2]}),
        ("a: '!x'\nb: >-\n  !has(x) || ! y\n", {"a": "!x", "b": "!has(x) || ! y"}),
        ("a: x ? y\nb: really?\nc: d\n", {"a": "x ? y", "b": "really?", "c": "d"}),
        ("a: >-\n  x\n  ? y\n  : z\n", {"a": "x ? y : z"}),
        ("a: |\n  x\n  \ty\n", {"a": "x\n\ty\n"}),
        ('a: "x\n\ty"\nb:\t1\n', {"a": "x y", "b": 1}),
        ('a: "é\\t\\n\\u263A"\n', {"a": "é\t\n☺"}),
        ("a: \u00a0b 👩‍🔬\n", {"a": "\u00a0b 👩‍🔬"}),
        ("a:\nb: ~\nc: ''\n", {"a": None, "b": None, "c": ""}),
        ('"<<": 1\n', {"<<": 1}),
        ("a: 2026-01-01\n", {"a": "2026-01-01"}),
        ("a: |+\n  b\n\n", {"a": "b\n\n"}),
        ("- |+\n   ", ["\n"]),
    ],
)
def test_reads_what_has_one_meaning(text: str, value: object) -> None:
    assert only(text).value == value


def test_empty_documents_between_others_are_left_out() -> None:
    assert [tree.value for tree in compose(b"---\n---\na: 1\n---\n# words\n---\nb: 2\n", "f.yaml")] == [
        {"a": 1},
        {"b": 2},
    ]


def test_bounds_are_exact() -> None:
    around = MAX_DEPTH * "["
    assert only(f"{around}x{MAX_DEPTH * ']'}").value
    assert "deeper than 50" in problems(f"[{around}x{MAX_DEPTH * ']'}]")[0].message
    assert len(compose(b"--- a\n" * MAX_DOCUMENTS, "f.yaml")) == MAX_DOCUMENTS
    assert "more than 1000 documents" in problems("--- a\n" * (MAX_DOCUMENTS + 1))[0].message
    assert only("a: " + "x" * ((1 << 20) - 3)).value
    assert "at most 1048576" in problems("a: " + "x" * ((1 << 20) - 2))[0].message
    assert len(only("[" + "a," * 99_999 + "]").value) == 99_999
    assert "more than 100000 values" in problems("[" + "a," * 100_000 + "]")[0].message


def test_an_alias_bomb_is_refused_by_what_it_unfolds_to() -> None:
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    assert "more than 100000 values" in problems("a0: &a0 [x]\n" + levels)[0].message


def test_aliases_count_towards_the_depth() -> None:
    half = MAX_DEPTH // 2
    anchored = f"- &x {'[' * half}y{']' * half}\n"
    assert only(f"{anchored}- {'[' * (half - 1)}*x{']' * (half - 1)}\n").value
    found = problems(f"{anchored}- {'[' * half}*x{']' * half}\n")
    assert "deeper than 50 once its aliases are followed" in found[0].message


def test_a_file_of_tabs_is_told_in_time() -> None:
    text = 'a: "\n' + "\tx\n" * 200_000 + '"\nb: {\n' + "\tc,\n" * 1000 + "}\n"
    assert len([problem for problem in problems(text) if "tab" in problem.message]) == 20


PLACES = """\
# a comment
é: ok
spec:
  rules:
  - id: one
    when:
    tags: [x, "y",
      z]
  - {id: two,
     text: 'more'}
  again: &anchor {deep: 1}
  alias: *anchor
  list: [*anchor]
"""


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), (2, 1)),
        (("é",), (2, 4)),
        (("spec", "rules"), (5, 3)),
        (("spec", "rules", 0), (5, 5)),
        (("spec", "rules", 0, "id"), (5, 9)),
        (("spec", "rules", 0, "when"), (6, 5)),
        (("spec", "rules", 0, "tags", 1), (7, 15)),
        (("spec", "rules", 0, "tags", 2), (8, 7)),
        (("spec", "rules", 0, "tags", 9), (7, 11)),
        (("spec", "rules", 1), (9, 5)),
        (("spec", "rules", 1, "text"), (10, 12)),
        (("spec", "rules", 0, "nothing"), (5, 5)),
        (("spec", "rules", 0, "nothing", "more", 3), (5, 5)),
        (("spec", "rules", 0, "id", "under"), (5, 9)),
        (("spec", "alias"), (12, 3)),
        (("spec", "list", 0), (13, 9)),
        (("nothing",), (2, 1)),
    ],
)
def test_places_values_and_falls_back_to_the_nearest_parent(
    path: tuple[str | int, ...], place: tuple[int, int]
) -> None:
    assert only(PLACES).place(*path) == place


def test_places_keys() -> None:
    tree = only("a:\n  b: 1\nc: [x]\n")
    assert tree.key_place("a", "b") == (2, 3)
    assert tree.key_place("c", 0) == (3, 5)
    assert tree.key_place("nothing") == (1, 1)
    assert tree.key_place() == (1, 1)


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("a: x == HERE\n", "HERE"),
        ("a: x ==\n   HERE\n", "HERE"),
        ("a: 'it''s HERE'\n", "HERE"),
        ('a: "x HERE"\n', "HERE"),
        ("a: >-\n  x &&\n  (y ||\n  HERE)\nb: 1\n", "HERE"),
        ("a: |\n  x\n    y HERE\n\n  z\n", "HERE"),
        ("a: &anchor >-\n  é HERE\n", "HERE"),
        ("a: >-\r\n  x\r\n  HERE\r\n", "HERE"),
        ("a: >2-\n   x\n  HERE\n", "HERE"),
        ("a: >-\n  HERE == 1\n", "HERE"),
    ],
)
def test_places_a_word_inside_a_text(text: str, mark: str) -> None:
    tree = only(text)
    before = tree.value["a"][: tree.value["a"].index(mark)]
    inside = before.count("\n") + 1, len(before) - before.rfind("\n")
    start = text.index(mark)
    assert tree.inside(*inside, "a") == (text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start))


def test_a_place_hidden_by_escapes_is_that_of_the_text() -> None:
    assert only('a: "\\x41 HERE"\n').inside(1, 3, "a") == (1, 4)
    assert only("a: 5\n").inside(1, 1, "b") == (1, 1)
    assert only("a: x\n").inside(9, 99, "a") == (1, 5)


@given(
    st.text(
        st.characters(blacklist_categories=("Cs",), max_codepoint=0x2FF) | st.sampled_from("\n \n -:'\"|>&*![]{},?#"),
        max_size=60,
    )
)
def test_any_text_is_documents_or_placed_problems(text: str) -> None:
    for problem in problems(text):
        assert problem.message
        assert 0 <= problem.line <= text.count("\n") + 1


@given(st.binary(max_size=60))
def test_any_bytes_are_documents_or_problems(data: bytes) -> None:
    with suppress(InvalidFileError):
        assert compose(data, "f.yaml")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(min_codepoint=32, max_codepoint=126) | st.sampled_from("éß中👍\n\t"), max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abcdefg", min_size=1), inner, max_size=4),
    max_leaves=12,
)


@given(JSON, st.booleans())
def test_json_reads_as_what_it_says(value: object, indented: bool) -> None:
    import json

    text = json.dumps(value, indent=2 if indented else None, ensure_ascii=False)
    assert json.dumps(only(text).value) == json.dumps(value)


@pytest.mark.corpus
@pytest.mark.parametrize("file", corpus_files("bombs/yaml-*.yaml"), ids=lambda file: file.name)
def test_bombs_are_refused(file: Path) -> None:
    if file.name == "yaml-long-key.yaml":
        assert "unquoted `?`" in problems(file.read_bytes())[0].message
    assert problems(file.read_bytes())


@pytest.mark.corpus
def test_files_of_the_trees_we_promote_in_are_read() -> None:
    readable = {file.name for file in corpus_files("gitops-own/*.yaml") if not problems(file.read_bytes())}
    assert {"anchors-image.yaml", "leading-docs.yaml", "rollout.yaml", "kust-tag-and-digest.yaml"} <= readable
    assert not {"img-explicit-str-tag.yaml", "tabs-indent.yaml"} & readable
