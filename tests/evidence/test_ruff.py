"""Ruff's JSON: levels and rules, what an empty list says, and files that could not be read."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence import ruff
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.facts import LintCounts
from tests.corpus import corpus_files
from tests.evidence.reports import FIXTURES, fixture, opened


def diagnostic(**changes: Any) -> dict[str, Any]:
    place = {"column": 1, "row": 1}
    return {"code": "F401", "filename": "/a.py", "location": place, "message": "x", "noqa_row": 1, **changes}


def read(document: Any) -> Any:
    return ruff.read(opened(document))


def test_a_report_of_the_tool_is_read_whole() -> None:
    reading = ruff.read(fixture("ruff/untidy.json"))
    assert reading.facts.counts == LintCounts(error=9, total=9)
    assert reading.facts.rules == {
        "E722": 1,
        "F401": 2,
        "F821": 1,
        "I001": 1,
        "RUF100": 1,
        "UP045": 1,
        "invalid-syntax": 2,
    }
    assert reading.counts == {"findings": 9, "syntax_errors": 2}


def test_no_path_of_the_machine_gets_into_the_facts() -> None:
    found = envelope((FIXTURES / "ruff/untidy.json").read_bytes(), source="x")
    assert (found.status, found.kind) == ("evaluated", "lint")
    assert "/project" not in repr(found)


def test_an_empty_list_is_clean_only_where_ruff_is_named() -> None:
    clean = (FIXTURES / "ruff/tidy.json").read_bytes()
    assert envelope(clean, source="x", producer="ruff").facts["counts"]["total"] == 0
    unnamed = envelope(clean, source="x")
    assert (unnamed.status, unnamed.producer) == ("error", None)
    assert "`ruff:path`" in (unnamed.reason or "")


def test_a_file_that_could_not_be_read_is_an_error() -> None:
    with pytest.raises(EvidenceError, match="could not be read"):
        ruff.read(fixture("ruff/absent.json"))


@pytest.mark.parametrize(
    ("changes", "level"),
    [
        ({}, "error"),
        ({"severity": "error"}, "error"),
        ({"severity": "warning"}, "warning"),
        ({"severity": "info"}, "note"),
        ({"severity": None}, "error"),
    ],
)
def test_levels(changes: Any, level: str) -> None:
    assert getattr(read([diagnostic(**changes)]).facts.counts, level) == 1


def test_a_syntax_error_of_old_versions_has_no_code() -> None:
    assert read([diagnostic(code=None)]).facts.rules == {"invalid-syntax": 1}


@pytest.mark.parametrize(
    "broken",
    [None, [], {}, 7, diagnostic(code=7), diagnostic(severity="worst"), diagnostic(severity=1), {"code": "F401"}],
)
def test_a_malformed_diagnostic_is_refused_with_its_place(broken: Any) -> None:
    with pytest.raises(EvidenceError, match=r"\[1\]"):
        read([diagnostic(), broken])


@pytest.mark.parametrize("document", [{}, {"results": []}, diagnostic()])
def test_other_forms_are_refused(document: Any) -> None:
    with pytest.raises(EvidenceError, match="not a list"):
        read(document)


@pytest.mark.corpus
@pytest.mark.parametrize("path", corpus_files("lint/**/*ruff.json"), ids=lambda path: path.name)
def test_real_reports(path: Any) -> None:
    found = envelope(path.read_bytes(), source=path.name)
    assert (found.status, found.facts["rules"]) == ("evaluated", {"SIM118": 1})
