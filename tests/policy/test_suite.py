"""The YAML test suite through our reader: the same values as others, or a refusal, never another value."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.errors import InvalidFileError
from gatekeeper.policy.yamltext import compose
from tests.corpus import CORPUS, corpus_files

pytestmark = pytest.mark.corpus

TAGS = "tags are not read"
KEYS = "marked, empty or not text"
DIRECTIVES = "directives other than %YAML are not read"
TABS = "tabs as indentation are refused, even where they are only separation"
EMPTY = "a file must hold a document"
CONTROLS = "control characters are refused"
LIBYAML = "libyaml does not read it"

STRICTER = {
    TAGS: "35KP 52DL 735Y 74H7 7FWL EHF6 S4JQ UGM3 Z67P",
    KEYS: "2JQS 4FJ6 5WE3 7Z25 DK3J GH63 HM87/01 JTV5 M5DY Q9WF SBG9",
    DIRECTIVES: "2LFX 6LVF 9WXW U3C3 W4TN",
    TABS: "Q5MG Y79Y/001 Y79Y/010",
    EMPTY: "6XDY 98YD",
    CONTROLS: "G4RS",
    LIBYAML: "2SXE 4MUZ/00 4MUZ/01 4MUZ/02 58MP HM87/00 NJ66 NKF9 SM9W/01 UT92 VJP3/01",
}
"""Cases of valid YAML that are refused, by reason."""

LENIENT = {
    "9JBA": "a comment that touches the bracket before it",
    "QB6E": "a quoted text whose further lines are not indented",
    "RHX7": "a directive without `...` before it",
}
"""Invalid YAML that libyaml reads: none of it can mean anything else."""


def _cases() -> list[str]:
    folder = CORPUS / "yaml-test-suite"
    return [str(file.parent.relative_to(folder)) for file in corpus_files("yaml-test-suite/**/in.yaml")]


def _read(case: str) -> list[Any] | None:
    """The values of the documents; None where the file is refused."""
    try:
        trees = compose((CORPUS / "yaml-test-suite" / case / "in.yaml").read_bytes(), "in.yaml")
    except InvalidFileError:
        return None
    return None if any(tree.problems for tree in trees) else [tree.value for tree in trees]


def _expected(file: Path) -> list[Any]:
    decoder, text, values = json.JSONDecoder(), file.read_text(encoding="utf-8").strip(), []
    while text:
        value, end = decoder.raw_decode(text)
        values.append(value)
        text = text[end:].strip()
    return values


@pytest.mark.parametrize("case", _cases())
def test_reads_the_same_or_refuses(case: str) -> None:
    folder = CORPUS / "yaml-test-suite" / case
    values = _read(case)
    if (folder / "error").exists():
        assert values is None or case in LENIENT
    elif case in _stricter():
        assert values is None, "it is read now: take it off the list"
    else:
        assert values is not None
        without_empty = [value for value in _expected(folder / "in.json") if value is not None]
        assert json.dumps(values) == json.dumps(without_empty)


def _stricter() -> set[str]:
    return {case for cases in STRICTER.values() for case in cases.split()}


def test_the_lists_name_cases_of_the_suite() -> None:
    assert _stricter() | set(LENIENT) <= set(_cases())
