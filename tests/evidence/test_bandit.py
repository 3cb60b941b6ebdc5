"""bandit's reports: levels, what is only in the totals, and files that could not be looked at."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence import bandit
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.facts import LintCounts
from tests.corpus import corpus_files
from tests.evidence.reports import FIXTURES, fixture, opened

NONE = {f"SEVERITY.{name}": 0 for name in ("HIGH", "MEDIUM", "LOW", "UNDEFINED")}


def report(*severities: Any, totals: Any = None, **changes: Any) -> dict[str, Any]:
    counted = {**NONE, **{f"SEVERITY.{name}": severities.count(name) for name in severities}, "loc": 9, "nosec": 0}
    results = [{"test_id": "B101", "issue_severity": severity} for severity in severities]
    metrics = {"a.py": {"loc": 9}, "_totals": {**counted, **(totals or {})}}
    return {"errors": [], "generated_at": "2026-11-20T08:00:00Z", "metrics": metrics, "results": results, **changes}


def read(document: Any) -> Any:
    return bandit.read(opened(document))


def test_a_report_of_the_tool_is_read_whole() -> None:
    reading = bandit.read(fixture("bandit/unsafe.json"))
    assert reading.facts.counts == LintCounts(error=1, warning=1, note=3, total=5)
    assert reading.facts.rules == {"B105": 1, "B301": 1, "B403": 1, "B404": 1, "B602": 1}
    assert reading.facts.suppressed == 2
    assert reading.counts == {"files": 2, "lines": 10, "results": 5, "left_out": 0}
    assert (reading.produced_at or "").endswith("Z")


def test_a_run_that_looked_is_clean() -> None:
    found = envelope((FIXTURES / "bandit/tidy.json").read_bytes(), source="x")
    assert (found.status, found.kind, found.facts["counts"]["total"]) == ("evaluated", "lint", 0)


def test_what_a_level_left_out_of_the_results_counts_by_the_totals() -> None:
    reading = bandit.read(fixture("bandit/unsafe-medium.json"))
    assert reading.facts.counts == bandit.read(fixture("bandit/unsafe.json")).facts.counts
    assert (reading.counts["results"], reading.counts["left_out"]) == (2, 3)


def test_a_file_that_could_not_be_parsed_is_an_error() -> None:
    with pytest.raises(EvidenceError, match="could not look at 1 of the files"):
        bandit.read(fixture("bandit/broken.json"))


def test_no_line_of_code_is_not_clean() -> None:
    with pytest.raises(NotEvaluatedError, match="no line of code"):
        bandit.read(fixture("bandit/nothing.json"))
    with pytest.raises(NotEvaluatedError, match="no line of code"):
        read(report(totals={"loc": 0}))


def test_what_nobody_rated_may_be_the_worst() -> None:
    assert read(report("UNDEFINED")).facts.counts == LintCounts(error=1, total=1)


def test_old_versions_wrote_their_totals_with_a_point() -> None:
    assert read(report("HIGH", totals={"SEVERITY.HIGH": 1.0})).facts.counts.error == 1


@pytest.mark.parametrize("severity", ["HIGH", "MEDIUM", "LOW"])
def test_more_results_than_the_totals_know_of_is_a_contradiction(severity: str) -> None:
    with pytest.raises(EvidenceError, match=f"more results of severity {severity}"):
        read(report(severity, totals=NONE))


@pytest.mark.parametrize(
    "document",
    [
        {},
        report(results=None),
        report(errors=None),
        report(errors={}),
        report(metrics=[]),
        report(metrics={}),
        report(metrics={"a.py": {}}),
        report(metrics={"a.py": {}, "_totals": {"loc": 9}}),
        report(totals={"SEVERITY.LOW": -1}),
        report(totals={"SEVERITY.LOW": True}),
        report(totals={"nosec": "many"}),
        report(results=[None]),
        report(results=[{"test_id": "B1"}]),
        report(results=[{"issue_severity": "LOW"}]),
        report(results=[{"test_id": "B1", "issue_severity": "low"}]),
    ],
)
def test_other_forms_are_refused(document: Any) -> None:
    with pytest.raises(EvidenceError):
        read(document)


@pytest.mark.corpus
@pytest.mark.parametrize("path", corpus_files("lint/**/bandit/*.json"), ids=lambda path: path.name)
def test_real_reports(path: Any) -> None:
    found = envelope(path.read_bytes(), source=path.name)
    assert (found.status, found.facts["counts"]) == ("evaluated", {"error": 0, "warning": 36, "note": 11, "total": 47})
