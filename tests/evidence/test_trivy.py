"""Trivy's reports: what counts as looked at, how often a finding counts, and what is refused."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence import trivy
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.facts import SeverityCounts
from tests.evidence.reports import FIXTURES, fixture, opened


def vulnerability(**changes: Any) -> dict[str, Any]:
    entry = {"VulnerabilityID": "CVE-1", "PkgName": "p", "InstalledVersion": "1", "Severity": "HIGH"}
    return {key: value for key, value in {**entry, **changes}.items() if value is not None}


def report(*vulnerabilities: Any, **changes: Any) -> dict[str, Any]:
    result = {"Target": "t", "Class": "os-pkgs", "Type": "debian", "Vulnerabilities": list(vulnerabilities)}
    return {"SchemaVersion": 2, "ArtifactName": "x", "Results": [result], **changes}


def read(document: Any) -> Any:
    return trivy.read(opened(document))


def test_a_report_of_the_documented_schema_is_read_whole() -> None:
    reading = trivy.read(fixture("trivy/image.json"))
    assert reading.facts.counts == SeverityCounts(critical=1, high=3, medium=1, low=1, total=6)
    assert reading.facts.fixable == SeverityCounts(high=3, medium=1, total=4)
    assert reading.facts.targets == 3
    assert reading.facts.os_end_of_life is False
    assert reading.version == "0.69.1"
    assert reading.produced_at == "2026-11-20T08:30:00.123456Z"
    assert reading.subjects == ("sha256:" + "2" * 64,)
    assert reading.counts["suppressed"] == 1
    assert len(reading.facts.findings) == 6


@pytest.mark.parametrize("name", ["image.json", "version.json"])
def test_the_producer_is_found_by_content(name: str) -> None:
    found = envelope((FIXTURES / "trivy" / name).read_bytes(), source=name)
    assert (found.status, found.kind) == ("evaluated", "scan")


@pytest.mark.parametrize("results", [None, [], "absent"])
def test_no_results_is_not_clean(results: Any) -> None:
    document = report(Results=results)
    if results == "absent":
        del document["Results"]
    assert trivy.claims(opened(document))
    with pytest.raises(NotEvaluatedError, match="found nothing that it could scan"):
        read(document)


def test_a_target_without_vulnerabilities_is_clean() -> None:
    document = report()
    del document["Results"][0]["Vulnerabilities"]
    facts = read(document).facts
    assert (facts.counts.total, facts.targets, facts.findings) == (0, 1, ())


@pytest.mark.parametrize("other", ["config", "secret", "license", "license-file", "custom", "crypto", "", None, 7])
def test_other_scanners_results_are_no_scan_for_vulnerabilities(other: Any) -> None:
    document = report(Results=[{"Target": "t", "Class": other}])
    with pytest.raises(NotEvaluatedError, match="no vulnerability scan"):
        read(document)


@pytest.mark.parametrize("results", [[{}], [{"Target": "t"}], [{"Target": "t", "Type": "debian", "Secrets": []}]])
def test_an_entry_that_names_no_class_is_not_clean_by_being_empty(results: Any) -> None:
    for document in (report(Results=results), results):
        with pytest.raises(NotEvaluatedError, match="no vulnerability scan"):
            read(document)


def test_vulnerabilities_count_wherever_they_stand() -> None:
    document = report(Results=[{"Target": "t", "Class": "custom", "Vulnerabilities": [vulnerability()]}])
    assert read(document).facts.counts.high == 1


@pytest.mark.parametrize("version", [1, 3, "2", 2.0, True, None])
def test_other_schema_versions_are_refused(version: Any) -> None:
    with pytest.raises(EvidenceError, match="SchemaVersion is not 2"):
        read(report(SchemaVersion=version))


def test_a_cluster_report_is_refused_by_name() -> None:
    document = {"ClusterName": "", "Resources": [{"Kind": "Service", "Results": []}]}
    assert trivy.claims(opened(document))
    with pytest.raises(EvidenceError, match="trivy k8s"):
        read(document)


def test_the_list_of_old_versions_is_read() -> None:
    old = [
        {"Target": "debian", "Vulnerabilities": [vulnerability()]},
        {"Target": "Gemfile.lock", "Vulnerabilities": None},
    ]
    assert trivy.claims(opened(old))
    facts = read(old).facts
    assert (facts.counts.high, facts.targets) == (1, 2)
    configuration = [{"Target": "Dockerfile", "Misconfigurations": []}]
    with pytest.raises(NotEvaluatedError):
        read(configuration)


@pytest.mark.parametrize(
    "document",
    [[], [1], {}, {"SchemaVersion": 2}, {"schemaVersion": 2, "Results": []}, [{"Target": 1}], {"Results": []}],
)
def test_what_is_not_trivys_is_not_claimed(document: Any) -> None:
    assert not trivy.claims(opened(document))


@pytest.mark.parametrize(
    ("severity", "name"),
    [
        ("CRITICAL", "critical"),
        ("Critical", "critical"),
        ("critical", "critical"),
        ("UNKNOWN", "unknown"),
        ("NEGLIGIBLE", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_severities_of_any_case_and_unknown_ones(severity: str | None, name: str) -> None:
    assert getattr(read(report(vulnerability(Severity=severity))).facts.counts, name) == 1


def test_one_finding_at_several_paths_counts_once_at_its_worst() -> None:
    low, high = vulnerability(Severity="LOW", FixedVersion="2"), vulnerability(Severity="HIGH")
    for order in ([low, high], [high, low]):
        facts = read(report(*order)).facts
        assert facts.counts == SeverityCounts(high=1, total=1)
        assert facts.fixable == SeverityCounts(high=1, total=1)


@pytest.mark.parametrize("key", ["VulnerabilityID", "PkgName", "InstalledVersion"])
def test_findings_that_differ_count_apart(key: str) -> None:
    assert read(report(vulnerability(), vulnerability(**{key: "other"}))).facts.counts.total == 2


@pytest.mark.parametrize(("fixed", "count"), [("1.2", 1), ("", 0), ("  ", 0), (None, 0)])
def test_fixable_means_that_a_fixed_version_is_known(fixed: str | None, count: int) -> None:
    assert read(report(vulnerability(FixedVersion=fixed))).facts.fixable.total == count


def test_a_known_fixed_version_counts_whatever_the_status_says() -> None:
    assert read(report(vulnerability(FixedVersion="1.2", Status="affected"))).facts.fixable.high == 1


@pytest.mark.parametrize(
    "entry",
    [
        None,
        "CVE-1",
        [],
        {},
        vulnerability(VulnerabilityID=""),
        vulnerability(VulnerabilityID=7),
        vulnerability(Severity=9),
        vulnerability(Severity="SEVERE"),
        vulnerability(Severity="CRITICAL "),
        vulnerability(Severity=["HIGH"]),
        vulnerability(FixedVersion=1.2),
        {**vulnerability(), "PkgName": None},
    ],
)
def test_a_malformed_finding_is_refused_with_its_place(entry: Any) -> None:
    with pytest.raises(EvidenceError, match=r"Results\[0\]\.Vulnerabilities\[1\]"):
        read(report(vulnerability(), entry))


@pytest.mark.parametrize("results", [{}, "none", 5, [None], [[]], [{"Target": "t", "Vulnerabilities": {}}]])
def test_malformed_results_are_refused(results: Any) -> None:
    with pytest.raises(EvidenceError):
        read(report(Results=results))


@pytest.mark.parametrize(
    ("system", "expected"),
    [({"Family": "debian"}, False), ({"EOSL": True}, True), ({"EOSL": False}, False), (None, "unset"), ("x", "unset")],
)
def test_the_end_of_life_of_the_operating_system(system: Any, expected: bool | str) -> None:
    found = read(report(Metadata={"OS": system})).facts.os_end_of_life
    assert found is expected or (expected == "unset" and not isinstance(found, bool))


def test_end_of_life_is_unknown_where_no_operating_system_was_scanned() -> None:
    document = report(Metadata={"OS": {"Family": "debian"}})
    document["Results"][0]["Class"] = "lang-pkgs"
    assert not isinstance(read(document).facts.os_end_of_life, bool)


def test_subjects_are_repository_digests_and_never_the_image_id() -> None:
    digest, other = "sha256:" + "a" * 64, "sha256:" + "b" * 64
    names = [f"r/x@{digest}", f"r/y@{digest}", "r/x:tag", "r/x@sha256:short", f"@{other}", 5, f"r/x@{other}\n"]
    reading = read(report(Metadata={"ImageID": other, "DiffIDs": [other], "RepoDigests": names}))
    assert reading.subjects == (digest,)
    assert read(report(Metadata={"ImageID": other})).subjects == ()


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2025-01-21T13:11:48.480653755-06:00", "2025-01-21T19:11:48.480653Z"),
        (1629894030, "2021-08-25T12:20:30Z"),
        ("0001-01-01T00:00:00Z", None),
        ("2025-01-21T13:11:48", None),
        ("yesterday", None),
        (10**18, None),
        (True, None),
        (None, None),
    ],
)
def test_the_time_is_the_reports_own_in_utc(written: Any, expected: str | None) -> None:
    assert read(report(CreatedAt=written)).produced_at == expected


def test_more_findings_than_a_record_should_hold_are_counted_but_not_listed() -> None:
    entries = [vulnerability(VulnerabilityID=f"CVE-{number}") for number in range(trivy.MAX_FINDINGS + 1)]
    assert read(report(*entries)).facts.counts.high == trivy.MAX_FINDINGS + 1
    assert not isinstance(read(report(*entries)).facts.findings, tuple)
    assert len(read(report(*entries[1:])).facts.findings) == trivy.MAX_FINDINGS


def test_text_of_a_report_is_shown_on_one_line_and_bounded() -> None:
    entry = vulnerability(PkgName="a\x1b[31m\u202eb\n::error::" + "x" * 1000)
    package = read(report(entry)).facts.findings[0].package
    assert package.startswith("a\\x1b[31m\\u202eb\\n::error::xxx")
    assert len(package) == 200


SEVERITY = st.sampled_from(["CRITICAL", "high", "Medium", "LOW", "UNKNOWN", "negligible", ""])
FEW = st.sampled_from(["a", "b", "c"])
ENTRY = st.tuples(FEW, FEW, FEW, FEW, SEVERITY, st.sampled_from(["", "2", "3"]))


@given(st.lists(ENTRY, max_size=40), st.randoms(use_true_random=False))
def test_counts_are_those_of_the_distinct_findings_in_any_order(entries: list[Any], shuffle: random.Random) -> None:
    def facts(listed: list[Any]) -> Any:
        targets: dict[str, list[Any]] = {"a": []}
        for target, known, package, installed, severity, fixed in listed:
            entry = vulnerability(
                VulnerabilityID=known,
                PkgName=package,
                InstalledVersion=installed,
                Severity=severity,
                FixedVersion=fixed,
            )
            targets.setdefault(target, []).append(entry)
        results = [
            {"Target": target, "Class": "lang-pkgs", "Vulnerabilities": found} for target, found in targets.items()
        ]
        shuffle.shuffle(results)
        return read(report(Results=results)).facts

    first = facts(entries)
    again = list(entries)
    shuffle.shuffle(again)
    second = facts(again)
    assert (first.counts, first.fixable, first.targets) == (second.counts, second.fixable, second.targets)
    assert first.findings == second.findings
    assert first.counts.total == len({entry[:4] for entry in entries})
    assert first.fixable.total == len({entry[:4] for entry in entries if entry[5]})
    by_severity = first.counts
    assert by_severity.total == sum(
        getattr(by_severity, name) for name in ("critical", "high", "medium", "low", "unknown")
    )
