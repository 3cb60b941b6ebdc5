"""pip-audit's reports: what was not audited is never clean, and aliases are one vulnerability."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence import pip_audit
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.facts import SeverityCounts
from tests.evidence.reports import FIXTURES, fixture, opened


def dependency(*vulns: Any, **changes: Any) -> dict[str, Any]:
    return {"name": "p", "version": "1", "vulns": list(vulns), **changes}


def vuln(known: Any = "PYSEC-1", *aliases: Any, fixes: Any = ()) -> dict[str, Any]:
    return {"id": known, "fix_versions": fixes, "aliases": list(aliases), "description": "x"}


def report(*dependencies: Any) -> dict[str, Any]:
    return {"dependencies": list(dependencies), "fixes": []}


def read(document: Any) -> Any:
    return pip_audit.read(opened(document))


def test_a_report_of_the_tool_is_read_whole() -> None:
    reading = pip_audit.read(fixture("pip-audit/vulnerable.json"))
    assert reading.facts.counts == SeverityCounts(unknown=3, total=3)
    assert reading.facts.fixable == SeverityCounts(unknown=2, total=2)
    assert [(found.id, found.package) for found in reading.facts.findings] == [
        ("PYSEC-2014-8", "jinja2"),
        ("PYSEC-2014-82", "jinja2"),
        ("PYSEC-2018-28", "requests"),
    ]
    assert reading.counts == {"findings": 3, "rows": 3, "dependencies": 3}


def test_dependencies_without_vulnerabilities_are_clean() -> None:
    found = envelope((FIXTURES / "pip-audit/clean.json").read_bytes(), source="x")
    assert (found.status, found.kind, found.facts["counts"]["total"]) == ("evaluated", "scan", 0)


def test_what_was_skipped_is_never_clean() -> None:
    found = envelope((FIXTURES / "pip-audit/skipped.json").read_bytes(), source="x")
    assert (found.status, found.kind) == ("not_evaluated", "scan")
    assert (found.reason or "").startswith("1 of 1 dependencies were not audited")
    skipped = {"name": "own", "skip_reason": "not found"}
    for document in (report(dependency(), skipped), [dependency(vuln()), skipped], report({**dependency(), **skipped})):
        with pytest.raises(NotEvaluatedError, match="not audited"):
            read(document)


@pytest.mark.parametrize("document", [report(), []])
def test_no_dependency_is_not_clean(document: Any) -> None:
    with pytest.raises(NotEvaluatedError, match="no dependency"):
        read(document)


def test_the_list_of_old_versions_is_read() -> None:
    old = [dependency(vuln()), dependency(name="q")]
    assert pip_audit.claims(opened(old))
    assert read(old).facts.counts.total == 1


@pytest.mark.parametrize(
    ("rows", "ids"),
    [
        ([vuln("B", "A"), vuln("A")], ["A"]),
        ([vuln("B", "CVE"), vuln("C", "CVE"), vuln("D")], ["B", "D"]),
        ([vuln("A", "1"), vuln("B", "2"), vuln("C", "1", "2")], ["A"]),
        ([vuln("A"), vuln("A")], ["A"]),
        ([vuln("A"), vuln("B")], ["A", "B"]),
    ],
)
def test_aliases_are_one_vulnerability_in_any_order(rows: list[Any], ids: list[str]) -> None:
    for order in (rows, rows[::-1]):
        assert [found.id for found in read(report(dependency(*order))).facts.findings] == ids


def test_aliases_do_not_join_packages() -> None:
    assert read(report(dependency(vuln()), dependency(vuln(), name="q"))).facts.counts.total == 2
    assert read(report(dependency(vuln()), dependency(vuln(), version="2"))).facts.counts.total == 2


def test_an_alias_with_a_fix_makes_all_fixable() -> None:
    facts = read(report(dependency(vuln("B", "A"), vuln("A", fixes=["2.0", "1.9"])))).facts
    assert (facts.fixable.total, facts.findings[0].fixed) == (1, "1.9")


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        {},
        dependency(name=""),
        dependency(name=7),
        dependency(version=1),
        dependency(vulns=None),
        dependency(None),
        dependency({}),
        dependency(vuln("")),
        dependency(vuln(7)),
        dependency(vuln("A", 7)),
        dependency({"id": "A", "aliases": "B"}),
        dependency(vuln("A", fixes="2")),
        dependency(vuln("A", fixes=[2])),
    ],
)
def test_a_malformed_dependency_is_refused_with_its_place(broken: Any) -> None:
    with pytest.raises(EvidenceError, match=r"dependencies\[1\]"):
        read(report(dependency(), broken))


@pytest.mark.parametrize("document", [{}, {"dependencies": {}}, {"dependencies": None, "fixes": []}])
def test_other_forms_are_refused(document: Any) -> None:
    with pytest.raises(EvidenceError):
        read(document)


@given(st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=3), max_size=8))
def test_there_are_as_many_findings_as_groups_of_names(names: list[list[str]]) -> None:
    groups: list[set[str]] = []
    for row in names:
        joined = set(row).union(*(group for group in groups if group & set(row)))
        groups = [group for group in groups if not group & set(row)] + [joined]
    facts = read(report(dependency(*(vuln(*row) for row in names)))).facts
    assert facts.counts.total == len(groups)
