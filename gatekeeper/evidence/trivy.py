"""Trivy's JSON reports: schema 2 (an object), and the lists of results that versions before 0.20 wrote.

Source: `pkg/types/report.go` of github.com/aquasecurity/trivy.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import UNSET, Struct

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence import trivy_version
from gatekeeper.evidence.fields import instant, mapping, plain, sequence, text, version
from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.facts import Finding, Scan, SeverityCounts

NAME = "trivy"
KIND = "scan"

MAX_FINDINGS = 5000

_SEVERITIES = ("unknown", "low", "medium", "high", "critical")
_RANKS = {name: rank for rank, name in enumerate(_SEVERITIES)}
# What no source rated is unknown; any other word could stand for the worst, and limits on what is known would miss it.
_WORDS = _RANKS | {"": 0, "negligible": 0}
_PACKAGES = ("os-pkgs", "lang-pkgs")
_OTHER_SCANS = ("Misconfigurations", "MisconfSummary", "Secrets", "Licenses", "CustomResources")
_REPO_DIGEST = re.compile(r"[^@]+@(sha256:[0-9a-f]{64})")

_Key = tuple[str, str, str, str]


class _Tally(Struct):
    """What the results hold: by finding its severity's rank and fixed version, and how much was looked at."""

    found: dict[_Key, tuple[int, str]] = {}
    os_targets: int = 0
    other_targets: int = 0
    suppressed: int = 0


def claims(report: Opened) -> bool:
    """Objects of Trivy's schema, lists of targets, `trivy version`, and `trivy k8s` (to refuse it by name)."""
    document = report.json
    if isinstance(document, dict):
        return _is_report(document) or _is_cluster(document) or trivy_version.claims(report)
    return isinstance(document, list) and bool(document) and all(_is_target(entry) for entry in document)


def _is_report(document: dict[str, Any]) -> bool:
    return "SchemaVersion" in document and not document.keys().isdisjoint(("ArtifactName", "ArtifactType", "Results"))


def _is_cluster(document: dict[str, Any]) -> bool:
    return "ClusterName" in document and not document.keys().isdisjoint(("Resources", "Findings"))


def _is_target(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("Target"), str) and "apiVersion" not in entry


def read(report: Opened) -> Reading:
    """Findings by severity; of `trivy version`, the age of the database.

    Raises NotEvaluatedError where no packages were looked at (no results, or only those of other scanners), and
    EvidenceError for other schema versions, cluster reports, and entries that are not as Trivy writes them.
    """
    if trivy_version.claims(report):
        return trivy_version.read(report)
    document = _document(report.json)
    tally = _Tally()
    for index, result in enumerate(_results(document)):
        _add_result(tally, mapping(result, f"Results[{index}]"), f"Results[{index}]")
    if not tally.os_targets + tally.other_targets:
        raise NotEvaluatedError("there is no vulnerability scan in it: no result of class os-pkgs or lang-pkgs")
    return _reading(document, tally)


def _document(document: Any) -> dict[str, Any]:
    if isinstance(document, list):
        return {"Results": document}
    report = mapping(document, "the report")
    if _is_cluster(report):
        raise EvidenceError("this is a report of `trivy k8s`, about a cluster", "Scan the image with `trivy image`.")
    found = report.get("SchemaVersion")
    if type(found) is not int or found != 2:
        raise EvidenceError("SchemaVersion is not 2; of Trivy's object reports, only schema 2 is read")
    return report


def _results(document: dict[str, Any]) -> list[Any]:
    results = sequence(document.get("Results"), "Results")
    if not results:
        raise NotEvaluatedError("Results is absent or empty: Trivy found nothing that it could scan")
    return results


def _add_result(tally: _Tally, result: dict[str, Any], place: str) -> None:
    vulnerabilities = sequence(result.get("Vulnerabilities"), f"{place}.Vulnerabilities")
    if not vulnerabilities and not _scans_packages(result):
        return
    if result.get("Class") == "os-pkgs":
        tally.os_targets += 1
    else:
        tally.other_targets += 1
    target = text(result.get("Target"), f"{place}.Target")
    for index, vulnerability in enumerate(vulnerabilities):
        _add_finding(tally.found, target, vulnerability, place, index)
    for modified in sequence(result.get("ExperimentalModifiedFindings"), f"{place}.ExperimentalModifiedFindings"):
        tally.suppressed += isinstance(modified, dict) and modified.get("Type", "vulnerability") == "vulnerability"


def _scans_packages(result: dict[str, Any]) -> bool:
    if "Class" in result:
        return result["Class"] in _PACKAGES
    # Before 0.20 no class was named: there, an entry of packages has their type or a list, if only a null one.
    return not result.keys().isdisjoint(("Type", "Vulnerabilities")) and result.keys().isdisjoint(_OTHER_SCANS)


def _add_finding(found: dict[_Key, tuple[int, str]], target: str, entry: Any, place: str, index: int) -> None:
    try:
        known = entry["VulnerabilityID"]
        package, installed = entry.get("PkgName", ""), entry.get("InstalledVersion", "")
        severity, fixed = entry.get("Severity", ""), entry.get("FixedVersion", "").strip()
        joined = known + package + installed + severity + fixed
    except (TypeError, KeyError, AttributeError):
        joined = None
    if not isinstance(joined, str) or not known:
        raise EvidenceError(f"{place}.Vulnerabilities[{index}] is not a vulnerability as Trivy writes one")
    rank = _WORDS.get(severity.lower())
    if rank is None:
        raise EvidenceError(f"{place}.Vulnerabilities[{index}] has a severity that Trivy does not know")
    key = (known, package, installed, target)
    if key in found:
        # One package at several paths is one finding: the worst severity, and fixable if it is at any path.
        rank, fixed = max(rank, found[key][0]), max(fixed, found[key][1])
    found[key] = (rank, fixed)


def _reading(document: dict[str, Any], tally: _Tally) -> Reading:
    metadata = mapping(document.get("Metadata") or {}, "Metadata")
    tool = document.get("Trivy")
    return Reading(
        facts=_facts(metadata, tally),
        version=version(tool.get("Version")) if isinstance(tool, dict) else None,
        subjects=_subjects(metadata),
        produced_at=instant(document.get("CreatedAt")),
        counts={
            "findings": len(tally.found),
            "os_targets": tally.os_targets,
            "other_targets": tally.other_targets,
            "suppressed": tally.suppressed,
        },
    )


def _facts(metadata: dict[str, Any], tally: _Tally) -> Scan:
    found = tally.found
    return Scan(
        counts=_counts([rank for rank, _ in found.values()]),
        # A known fixed version decides, whatever Status says: Trivy itself derives the one from the other.
        fixable=_counts([rank for rank, fixed in found.values() if fixed]),
        targets=tally.os_targets + tally.other_targets,
        os_end_of_life=_end_of_life(metadata, tally),
        findings=_findings(found) if len(found) <= MAX_FINDINGS else UNSET,
    )


def _counts(ranks: list[int]) -> SeverityCounts:
    return SeverityCounts(total=len(ranks), **{name: ranks.count(rank) for name, rank in _RANKS.items()})


def _end_of_life(metadata: dict[str, Any], tally: _Tally) -> Any:
    system = metadata.get("OS")
    if not isinstance(system, dict):
        return UNSET
    if system.get("EOSL") is True:
        return True
    # Go leaves `false` out, and only a scan of OS packages finds it out.
    return False if tally.os_targets and not system.get("EOSL") else UNSET


def _findings(found: dict[_Key, tuple[int, str]]) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            id=plain(key[0]),
            severity=_SEVERITIES[rank],
            package=plain(key[1]),
            installed=plain(key[2]),
            fixed=plain(fixed) if fixed else UNSET,
        )
        for key, (rank, fixed) in sorted(found.items())
    )


def _subjects(metadata: dict[str, Any]) -> tuple[str, ...]:
    # ImageID is the digest of the image's configuration, and names no image that a registry knows.
    names = sequence(metadata.get("RepoDigests"), "Metadata.RepoDigests")
    matches = [_REPO_DIGEST.fullmatch(name) for name in names if isinstance(name, str)]
    return tuple(sorted({match[1] for match in matches if match}))
