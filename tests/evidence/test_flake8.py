"""Flake8's output: a list counts only with the count that ends it, and a crash is never clean."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence import flake8
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.facts import LintCounts
from tests.corpus import corpus_files
from tests.evidence.reports import FIXTURES, fixture, opened

CRASH = """Traceback (most recent call last):
  File "/usr/bin/flake8", line 8, in <module>
ValueError: x
"""


def read(text: str) -> Any:
    return flake8.read(opened(text))


@pytest.mark.parametrize("name", ["untidy.txt", "untidy-source.txt"])
def test_output_of_the_tool_is_read_whole(name: str) -> None:
    facts = flake8.read(fixture(f"flake8/{name}")).facts
    assert facts.counts == LintCounts(error=2, warning=9, total=11)
    assert (facts.rules["E999"], facts.rules["F821"], facts.rules["F401"]) == (1, 1, 2)
    assert envelope((FIXTURES / "flake8" / name).read_bytes(), source=name).kind == "lint"


def test_a_benchmark_says_how_many_files_were_looked_at() -> None:
    reading = flake8.read(fixture("flake8/untidy-benchmark.txt"))
    assert reading.counts == {"findings": 10, "files": 1}
    with pytest.raises(NotEvaluatedError, match="no file was looked at"):
        flake8.read(fixture("flake8/nothing.txt"))
    with pytest.raises(EvidenceError, match="line 2 is a finding after"):
        read("1          total files processed\na.py:1:1: E1 x\n1\n")


def test_a_count_of_nothing_is_clean_only_where_flake8_is_named() -> None:
    clean = (FIXTURES / "flake8/tidy.txt").read_bytes()
    assert envelope(clean, source="x", producer="flake8").facts["counts"]["total"] == 0
    assert envelope(clean, source="x").status == "error"


def test_a_list_without_its_count_is_not_evaluated() -> None:
    found = envelope((FIXTURES / "flake8/untidy-no-count.txt").read_bytes(), source="x")
    assert (found.status, found.kind) == ("not_evaluated", "lint")
    assert "--count" in (found.reason or "")


@pytest.mark.parametrize("data", [b"", b"\n", b"  \n\n"])
def test_an_empty_file_is_never_clean(data: bytes) -> None:
    assert envelope(data, source="x", producer="flake8").status == "error"


@pytest.mark.parametrize(
    "text", [CRASH, "a.py:1:1: E1 x\n" + CRASH, "There was a critical error during execution\n0\n"]
)
def test_a_crash_is_an_error(text: str) -> None:
    with pytest.raises(EvidenceError, match="crashed"):
        read(text)


def test_a_file_that_could_not_be_read_is_an_error() -> None:
    with pytest.raises(EvidenceError, match="could not be read"):
        flake8.read(fixture("flake8/absent.txt"))


@pytest.mark.parametrize(
    "line",
    [
        r"C:\work\a.py:1:1: E302 expected 2 blank lines",
        "./a b/c.py:10:80: E302 x",
        "stdin:1:1: E302 x",
        "odd:name.py:1:1: E302 x",
        "a.py:1:1: E302 message: with 1:2: F401 inside",
        "a.py:1:1: E302",
        "a:1:1: E302 x",
    ],
)
def test_paths_of_every_system(line: str) -> None:
    assert flake8.claims(opened(line + "\n"))
    for end in ("\n", "\r\n"):
        assert read(f"{line}{end}1{end}").facts.rules == {"E302": 1}


@pytest.mark.parametrize(
    ("code", "level"),
    [
        *((code, "error") for code in ("E999", "E901", "F821", "F632", "F701")),
        *((code, "warning") for code in ("F401", "E302", "W605", "C901", "SIM118", "E741")),
    ],
)
def test_what_keeps_code_from_running_is_an_error(code: str, level: str) -> None:
    assert getattr(read(f"a.py:1:1: {code} x\n1\n").facts.counts, level) == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a.py:1:1: E1 x\n2\n", "say otherwise"),
        ("a.py:1:1: E1 x\n0\n", "say otherwise"),
        ("5\n", "say otherwise"),
        ("2     E1 x\n", "say otherwise"),
        ("a.py:1:1: E1 x\n1     E1 x\n2\n", "say otherwise"),
        ("0\na.py:1:1: E1 x\n", "line 2 stands after the count"),
        ("0\n0\n", "line 2 stands after the count"),
        ("1     E1 x\na.py:1:1: E1 x\n1\n", "line 2 is a finding after"),
        ("a.py\n1\n", "line 1 is not a finding"),
        ("a.py:1: E1 x\n1\n", "line 1 is not a finding"),
        ("::error file=a.py,line=1::a.py:1:1: E1 x\n1\n", "line 1 is not a finding"),
    ],
)
def test_what_contradicts_itself_or_is_not_flake8s_is_refused(text: str, reason: str) -> None:
    with pytest.raises(EvidenceError, match=reason):
        read(text)


def test_a_document_is_refused() -> None:
    with pytest.raises(EvidenceError, match="not Flake8's text"):
        flake8.read(opened([]))


@given(st.integers(0, 600))
def test_a_list_that_was_cut_off_is_never_read_as_shorter(cut: int) -> None:
    data = (FIXTURES / "flake8/untidy.txt").read_bytes()
    found = envelope(data[:cut], source="x", producer="flake8")
    assert found.status != "evaluated" or found.facts["counts"]["total"] == 11


@pytest.mark.corpus
@pytest.mark.parametrize("path", corpus_files("lint/**/flake8*"), ids=lambda path: path.name)
def test_real_output(path: Any) -> None:
    found = envelope(path.read_bytes(), source=path.name)
    assert (found.status, found.facts["counts"]["total"]) == ("evaluated", 22)
