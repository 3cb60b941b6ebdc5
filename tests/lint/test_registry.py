"""Every finding is found, is not found next to it, is documented, and is known by one id everywhere."""

from __future__ import annotations

import re

import pytest

from gatekeeper.lint.registry import FINDINGS, module, summaries
from gatekeeper.lint.suppressions import SUMMARIES
from gatekeeper.model.finding import LEVELS
from tests.corpus import ROOT
from tests.lint.cases import CASES
from tests.lint.samples import usable

ALL = (*FINDINGS, *SUMMARIES)
DOCS = (ROOT / "docs" / "policy-check.md").read_text(encoding="utf-8")
SECTIONS = {
    match[1]: match[2] for match in re.finditer(r"^### ([a-z-]+)\n(.*?)(?=^##|\Z)", DOCS, re.MULTILINE | re.DOTALL)
}


def test_there_are_cases_and_documentation_for_exactly_the_findings_that_there_are() -> None:
    assert set(CASES) == set(ALL)
    assert set(SECTIONS) == set(ALL)
    modules = {path.stem for path in (ROOT / "gatekeeper" / "lint").glob("*.py")}
    assert {id_.replace("-", "_") for id_ in FINDINGS} <= modules
    assert list(FINDINGS) == sorted(FINDINGS)


@pytest.mark.parametrize("id_", ALL)
def test_it_is_found(id_: str) -> None:
    found = [finding for finding in usable(CASES[id_][0]()) if finding.id == id_]
    assert found
    for finding in found:
        assert finding.severity in LEVELS
        assert finding.line >= 1
        assert finding.column >= 1
        assert finding.message
        assert finding.remedy.endswith((".", "?"))
        assert finding.file.endswith(".yaml")


@pytest.mark.parametrize("id_", ALL)
def test_it_is_not_found_next_to_it(id_: str) -> None:
    assert id_ not in {finding.id for finding in usable(CASES[id_][1]()) if finding.allowed is None}


@pytest.mark.parametrize("id_", FINDINGS)
def test_a_module_says_what_it_finds(id_: str) -> None:
    found = module(id_)
    assert id_ == found.ID
    assert found.SEVERITY in LEVELS
    assert found.SUMMARY.endswith(".")
    assert summaries()[id_] == found.SUMMARY


@pytest.mark.parametrize("id_", ALL)
def test_the_documentation_says_how_grave_it_is(id_: str) -> None:
    first = SECTIONS[id_].strip().splitlines()[0]
    severity = module(id_).SEVERITY if id_ in FINDINGS else "warning"
    assert first.startswith(f"*{severity}"), first


def test_findings_come_in_the_order_of_their_places() -> None:
    found = usable(CASES["absence-passes"][0]())
    places = [(one.file, one.line, one.column) for one in found]
    assert len(places) > 1
    assert places == sorted(places)
