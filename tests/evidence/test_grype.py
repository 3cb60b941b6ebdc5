"""Grype's reports: what was looked at, how often a finding counts, how old the database is, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence import grype
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.facts import Finding, SeverityCounts
from tests.corpus import corpus_files
from tests.evidence.reports import FIXTURES, fixture, opened


def match(severity: Any = "High", fix: Any = None, **artifact: Any) -> dict[str, Any]:
    return {
        "vulnerability": {"id": "CVE-1", "severity": severity, "fix": fix or {"versions": [], "state": "unknown"}},
        "artifact": {"name": "p", "version": "1", "type": "deb", **artifact},
    }


def report(*matches: Any, **changes: Any) -> dict[str, Any]:
    source = {"type": "directory", "target": "."}
    return {"matches": list(matches), "source": source, "descriptor": {"name": "grype"}, **changes}


def read(document: Any) -> Any:
    return grype.read(opened(document))


def test_a_report_of_the_documented_form_is_read_whole() -> None:
    reading = grype.read(fixture("grype/image.json"))
    facts = reading.facts
    assert facts.counts == SeverityCounts(critical=1, high=2, medium=1, low=1, unknown=1, total=6)
    assert facts.fixable == SeverityCounts(critical=1, high=1, medium=1, total=3)
    assert (facts.targets, facts.os_end_of_life, facts.db_updated_at) == (1, True, "2026-11-20T04:12:38Z")
    assert facts.findings[2] == Finding(
        id="CVE-2024-0003", severity="medium", package="curl", installed="7.88.1-10", fixed="7.88.1-10+deb12u5"
    )
    assert (reading.version, reading.produced_at) == ("0.104.0", "2026-11-20T07:30:00.123456Z")
    assert reading.subjects == ("sha256:" + "2" * 64, "sha256:" + "3" * 64)
    assert reading.counts == {"findings": 6, "matches": 7, "negligible": 1, "suppressed": 1}


def test_no_match_in_what_was_looked_at_is_clean() -> None:
    found = envelope((FIXTURES / "grype/directory-clean.json").read_bytes(), source="x")
    assert (found.status, found.kind, found.subjects) == ("evaluated", "scan", ())
    assert (found.facts["counts"]["total"], found.facts["findings"]) == (0, [])
    assert found.facts["db_updated_at"] == "2026-11-19T01:25:07Z"
    assert "os_end_of_life" not in found.facts


@pytest.mark.parametrize("source", [None, {}, {"type": "image"}, {"type": "image", "target": ""}, {"target": "."}, []])
def test_no_match_in_nothing_is_not_clean(source: Any) -> None:
    with pytest.raises(NotEvaluatedError, match="what Grype looked at"):
        read(report(source=source))


@pytest.mark.parametrize("name", ["only-fixed", "only-notfixed", "ignore-wontfix"])
def test_a_run_that_left_findings_out_is_refused(name: str) -> None:
    for value in (True, "true", None, 1):
        document = report(descriptor={"name": "grype", "configuration": {name: value}})
        with pytest.raises(EvidenceError, match=f"with {name}"):
            read(document)


@pytest.mark.parametrize(
    "database",
    [{"status": {"valid": False}}, {"status": {"error": "corrupt"}}, {"error": "no database"}, {"status": []}, [], "x"],
)
def test_a_broken_database_finds_nothing_and_is_refused(database: Any) -> None:
    with pytest.raises(EvidenceError, match=r"descriptor\.db"):
        read(report(descriptor={"name": "grype", "db": database}))


def test_an_undated_database_has_no_age() -> None:
    for database in (None, {"built": "0001-01-01T00:00:00Z"}, {"status": {"valid": True}}):
        facts = read(report(descriptor={"name": "grype", "db": database})).facts
        assert not isinstance(facts.db_updated_at, str)


@pytest.mark.parametrize(
    ("severity", "name"),
    [("Critical", "critical"), ("HIGH", "high"), ("Negligible", "low"), ("Unknown", "unknown"), ("", "unknown")],
)
def test_severities(severity: str, name: str) -> None:
    assert getattr(read(report(match(severity))).facts.counts, name) == 1


def test_a_package_at_several_places_counts_once_at_its_worst() -> None:
    low, high = match("Low", {"versions": ["2"], "state": "fixed"}), match("High")
    for order in ([low, high], [high, low]):
        facts = read(report(*order)).facts
        assert facts.counts == facts.fixable == SeverityCounts(high=1, total=1)


@pytest.mark.parametrize("key", ["name", "version", "type"])
def test_packages_that_differ_count_apart(key: str) -> None:
    assert read(report(match(), match(**{key: "other"}))).facts.counts.total == 2


@pytest.mark.parametrize(
    ("fix", "count"),
    [
        ({"versions": ["2"], "state": "fixed"}, 1),
        ({"versions": ["2"], "state": "wont-fix"}, 1),
        ({"versions": [], "state": "fixed"}, 1),
        ({"versions": ["  "], "state": ""}, 0),
        ({"versions": None, "state": "not-fixed"}, 0),
        ({}, 0),
    ],
)
def test_fixable_means_that_a_fix_is_known(fix: Any, count: int) -> None:
    assert read(report(match(fix=fix))).facts.fixable.total == count


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        {},
        {"vulnerability": {}, "artifact": {}},
        {**match(), "artifact": None},
        match("Severe"),
        match(7),
        match(name=""),
        match(version=1),
        match(fix={"versions": "2"}),
        match(fix={"versions": [2]}),
        match(fix=["2"]),
    ],
)
def test_a_malformed_match_is_refused_with_its_place(broken: Any) -> None:
    with pytest.raises(EvidenceError, match=r"matches\[1\]"):
        read(report(match(), broken))


@pytest.mark.parametrize("name", ["trivy", "", None, 7])
def test_a_report_of_another_tool_is_refused(name: Any) -> None:
    with pytest.raises(EvidenceError, match="not grype"):
        read(report(descriptor={"name": name}))


def test_a_report_without_a_list_of_matches_is_still_grypes() -> None:
    assert grype.claims(opened(report(matches=None)))
    assert not grype.claims(opened({"matches": 5, "source": {"n": 3}}))


@pytest.mark.parametrize("matches", [None, {}, "none", 0])
def test_matches_are_a_list(matches: Any) -> None:
    with pytest.raises(EvidenceError, match="matches is not a list"):
        read(report(matches=matches))


def test_what_is_no_image_names_no_digest() -> None:
    target = {"manifestDigest": "sha256:" + "a" * 64, "repoDigests": ["r@sha256:short", 5]}
    assert read(report(source={"type": "image", "target": target})).subjects == ("sha256:" + "a" * 64,)
    assert read(report(source={"type": "file", "target": target})).subjects == ()
    assert read(report(source={"type": "image", "target": "r@sha256:" + "a" * 64})).subjects == ()


ROWS = st.tuples(
    st.sampled_from("ab"), st.sampled_from("ab"), st.sampled_from(["Low", "Negligible", "Critical"]), st.booleans()
)


@given(st.lists(ROWS, max_size=20))
def test_counts_are_those_of_the_distinct_findings_in_any_order(rows: list[Any]) -> None:
    matches = [match(severity, {"state": "fixed"} if fix else {}, name=n, type=t) for n, t, severity, fix in rows]
    facts = read(report(*matches)).facts
    assert facts == read(report(*reversed(matches))).facts
    assert facts.counts.total == len({row[:2] for row in rows})
    assert facts.fixable.total == len({row[:2] for row in rows if row[3]})


@pytest.mark.corpus
@pytest.mark.parametrize("path", corpus_files("grype/**/*.json"), ids=lambda path: path.name)
def test_real_reports(path: Any) -> None:
    found = envelope(path.read_bytes(), source=path.name)
    if path.name == "fix_not_available.json":
        assert (found.status, found.reason) == ("error", "the report holds U+0000")
    else:
        assert (found.status, found.kind) == ("evaluated", "scan")
