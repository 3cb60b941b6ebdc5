"""Snyk's reports: projects, images and their applications, paths counted once, and what could not be tested."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence import snyk
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.facts import SeverityCounts
from tests.corpus import corpus_files
from tests.evidence.reports import FIXTURES, fixture, opened


def row(**changes: Any) -> dict[str, Any]:
    return {"id": "SNYK-1", "severity": "high", "packageName": "p", "version": "1", **changes}


def project(*rows: Any, **changes: Any) -> dict[str, Any]:
    return {"ok": not rows, "vulnerabilities": list(rows), "dependencyCount": 3, **changes}


def read(document: Any) -> Any:
    return snyk.read(opened(document))


def test_a_project_is_read_whole() -> None:
    reading = snyk.read(fixture("snyk/project.json"))
    assert reading.facts.counts == SeverityCounts(critical=1, medium=1, low=1, total=3)
    assert reading.facts.fixable == SeverityCounts(medium=1, low=1, total=2)
    assert reading.facts.findings[0].fixed == "2.7.2"
    assert (reading.version, reading.produced_at, reading.subjects) == (None, None, ())
    assert reading.counts == {
        "findings": 3,
        "projects": 1,
        "dependencies": 41,
        "licence_issues": 1,
        "suppressed": 1,
        "patched": 0,
    }


def test_several_projects_add() -> None:
    reading = snyk.read(fixture("snyk/monorepo.json"))
    assert (reading.facts.counts, reading.facts.targets) == (SeverityCounts(medium=1, total=1), 2)
    both = read([project(row()), project(row())])
    assert both.facts.counts.high == 2


def test_an_images_applications_count_with_it() -> None:
    reading = snyk.read(fixture("snyk/container.json"))
    assert reading.facts.counts == SeverityCounts(high=1, low=1, total=2)
    assert reading.facts.fixable == SeverityCounts(high=1, low=1, total=2)
    assert (reading.facts.targets, reading.counts["dependencies"]) == (2, 95)
    assert reading.subjects == ("sha256:" + "3" * 64,)


def test_a_clean_project_is_clean() -> None:
    found = envelope((FIXTURES / "snyk/clean.json").read_bytes(), source="x")
    assert (found.status, found.facts["counts"]["total"], found.facts["targets"]) == ("evaluated", 0, 1)


@pytest.mark.parametrize(
    "document",
    [
        {"ok": False, "error": "x", "path": "/"},
        {"ok": False, "error": {"code": 2}},
        {"ok": True, "vulnerabilities": [], "dependencyCount": 1, "error": ""},
        [project(), {"ok": False, "error": "x", "path": "/"}],
        project(applications=[{"ok": False, "error": "x"}]),
    ],
)
def test_a_project_that_could_not_be_tested_is_an_error(document: Any) -> None:
    assert envelope((FIXTURES / "snyk/error.json").read_bytes(), source="x").status == "error"
    assert snyk.claims(opened(document))
    with pytest.raises(EvidenceError, match="could not be tested"):
        read(document)


@pytest.mark.parametrize(
    "document",
    [[], project(dependencyCount=0), {"ok": True, "vulnerabilities": []}, [project(dependencyCount=0)] * 2],
)
def test_without_a_dependency_nothing_was_looked_at(document: Any) -> None:
    with pytest.raises(NotEvaluatedError):
        read(document)


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (project(ok=False), "not ok"),
        (project(row(), uniqueCount=2), "by its uniqueCount: it has 1"),
        ([project(), project(ok=False)], r"\[1\] is not ok"),
        (project(applications=[project(uniqueCount=1)]), r"applications\[0\]"),
    ],
)
def test_findings_that_were_taken_out_are_missed(document: Any, reason: str) -> None:
    with pytest.raises(EvidenceError, match=reason):
        read(document)


SUMMARIES = {
    "No known vulnerabilities": True,
    "1 vulnerable dependency path": True,
    "24 vulnerable dependency paths": True,
    "No low or medium or high or critical severity vulnerabilities": True,
    "No medium or high or critical severity vulnerabilities": False,
    "No critical severity vulnerabilities": False,
    "1 high or critical severity vulnerable dependency path": False,
    "12 medium or high severity vulnerable dependency paths": False,
}


@pytest.mark.parametrize("summary", SUMMARIES)
@pytest.mark.parametrize("place", ["project", "list", "application"])
def test_findings_below_a_threshold_are_not_taken_for_none(summary: str, place: str) -> None:
    said = project(summary=summary)
    document: Any = {"project": said, "list": [project(), said], "application": project(applications=[said])}[place]
    if SUMMARIES[summary]:
        assert read(document).facts.counts.total == 0
        return
    with pytest.raises(EvidenceError, match="--severity-threshold"):
        read(document)


@pytest.mark.parametrize("value", ["medium", "high", "critical", 3])
def test_a_threshold_that_is_named_is_refused(value: Any) -> None:
    assert read(project(severityThreshold="low")).facts.counts.total == 0
    with pytest.raises(EvidenceError, match="--severity-threshold"):
        read(project(severityThreshold=value))


def test_an_image_may_be_not_ok_by_its_applications_alone() -> None:
    assert read(project(ok=False, applications=[project(row())])).facts.counts.high == 1


@pytest.mark.parametrize("key", ["id", "packageName", "version"])
def test_findings_that_differ_count_apart(key: str) -> None:
    assert read(project(row(), row(**{"from": ["a", "b"]}), row(**{key: "other"}))).facts.counts.total == 2


def test_the_worse_of_both_severities_counts() -> None:
    assert read(project(row(severity="high", severityWithCritical="critical"))).facts.counts.critical == 1
    assert read(project(row(severity="high", severityWithCritical="low"))).facts.counts.high == 1


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"isUpgradable": True}, 1),
        ({"isPatchable": True}, 1),
        ({"fixedIn": ["2"]}, 1),
        ({"nearestFixedInVersion": "2"}, 1),
        ({"fixedIn": [""], "nearestFixedInVersion": " "}, 0),
        ({"isUpgradable": False, "fixedIn": None}, 0),
    ],
)
def test_fixable_means_that_anything_fixes_it(changes: Any, count: int) -> None:
    assert read(project(row(**changes))).facts.fixable.total == count


def test_licence_issues_stand_apart() -> None:
    reading = read(project(row(type="license"), row(type="vuln", id="SNYK-2")))
    assert (reading.facts.counts.total, reading.counts["licence_issues"]) == (1, 1)


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        {},
        row(id=""),
        row(id=7),
        row(packageName=None),
        row(severity=None),
        row(severity="HIGH"),
        row(severity="unknown"),
        row(severity=["high"]),
        row(severityWithCritical="worst"),
        row(version=1),
        row(isUpgradable="yes"),
        row(isPatchable=1),
        row(fixedIn="2"),
        row(fixedIn=[2]),
        row(type="license", severity="?"),
    ],
)
def test_a_malformed_row_is_refused_with_its_place(broken: Any) -> None:
    with pytest.raises(EvidenceError, match=r"vulnerabilities\[1\]"):
        read(project(row(), broken))


@pytest.mark.parametrize("value", [None, {}, "x", 1, [None], [[]]])
def test_malformed_projects_are_refused(value: Any) -> None:
    for document in (value, project(vulnerabilities=value), project(applications=value or "x"), project(filtered=[1])):
        with pytest.raises(EvidenceError):
            read(document)


def test_only_an_image_that_was_asked_for_by_digest_is_a_subject() -> None:
    digest, image = "sha256:" + "a" * 64, {"docker": {}}
    assert read(project(path=f"r/x@{digest}", **image)).subjects == (digest,)
    assert read(project(path=f"r/x@{digest}/app", **image)).subjects == (digest,)
    for other in (project(path=f"r/x@{digest}"), project(path="r/x:1", **image), project(path=7, **image)):
        assert read(other).subjects == ()
        assert read([project(path=f"r/x@{digest}", **image), other]).subjects == ()


@pytest.mark.corpus
@pytest.mark.parametrize("path", corpus_files("snyk/**/snyk/*.json"), ids=lambda path: path.name)
def test_real_reports(path: Any) -> None:
    found = envelope(path.read_bytes(), source=path.name)
    expected = {"single_project_no_vulns.json": "not_evaluated", "single_project_None_cvss.json": "error"}
    assert found.status == expected.get(path.name, "evaluated"), found.reason
