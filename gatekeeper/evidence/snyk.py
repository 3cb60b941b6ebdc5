"""What `snyk test --json` and `snyk container test --json` print: one project, or a list of several.

Source: the fields that `src/lib/snyk-test/legacy.ts` and `src/lib/formatters` of github.com/snyk/cli write.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import mapping, sequence, text, whole
from gatekeeper.evidence.findings import RANKS, Found, lowest
from gatekeeper.model.evidence import Opened, Reading

NAME = "snyk"
KIND = "scan"

_DIGEST = re.compile(r"[^@\s]+@(sha256:[0-9a-f]{64})(?:/.*)?")
_THRESHOLD = re.compile(
    r"(?:No|[0-9]+) ([a-z]+(?: or [a-z]+)*) severity (?:vulnerabilities|vulnerable dependency paths?)"
)
_SEVERITIES = ("low", "medium", "high", "critical")


class _Tally(Struct):
    found: Found
    dependencies: int = 0
    targets: int = 0
    licence_issues: int = 0
    ignored: int = 0
    patched: int = 0


def claims(report: Opened) -> bool:
    """Objects with `ok` and either `vulnerabilities` or an `error`, and lists that begin with one."""
    document = report.json
    first = document[0] if isinstance(document, list) and document else document
    if not isinstance(first, dict) or not isinstance(first.get("ok"), bool):
        return False
    return isinstance(first.get("vulnerabilities"), list) or "error" in first


def read(report: Opened) -> Reading:
    """Vulnerabilities by severity, each of a package once per project, whatever the number of paths to it.

    Raises NotEvaluatedError where no dependency was looked at; EvidenceError where Snyk says that a project could not
    be tested or that a threshold left findings out, and for projects whose parts contradict each other.
    """
    document = report.json
    projects = document if isinstance(document, list) else [document]
    if not projects:
        raise NotEvaluatedError("there is no project in it")
    _refuse_failed(projects)
    tally = _Tally(Found())
    for index, project in enumerate(projects):
        place = f"[{index}]" if isinstance(document, list) else "the report"
        for part, where in _parts(project, place):
            _add_part(tally, part, where, f"{index} {where}")
    if not tally.targets:
        raise NotEvaluatedError("no dependency was looked at: dependencyCount is 0 or absent")
    return _reading(projects, tally)


def _refuse_failed(projects: list[Any]) -> None:
    failed = sum(isinstance(project, dict) and "error" in project for project in projects)
    if failed:
        raise EvidenceError(f"{failed} of {len(projects)} projects could not be tested: Snyk wrote an error")


def _parts(project: Any, place: str) -> Iterator[tuple[dict[str, Any], str]]:
    """A project and the applications that Snyk found inside an image, whose vulnerabilities stand in them alone."""
    project = mapping(project, place)
    yield project, place
    for index, entry in enumerate(sequence(project.get("applications"), f"{place}.applications")):
        where = f"{place}.applications[{index}]"
        application = mapping(entry, where)
        _refuse_failed([application])
        yield application, where


def _add_part(tally: _Tally, part: dict[str, Any], place: str, target: str) -> None:
    if not isinstance(part.get("ok"), bool) or not isinstance(part.get("vulnerabilities"), list):
        raise EvidenceError(f"{place} has no ok or no list of vulnerabilities")
    rows = part["vulnerabilities"]
    for index, row in enumerate(rows):
        _add_row(tally, row, f"{place}.vulnerabilities[{index}]", target)
    _check_whole(part, rows, place)
    _refuse_threshold(part)
    filtered = mapping(part.get("filtered") or {}, f"{place}.filtered")
    tally.ignored += len(sequence(filtered.get("ignore"), f"{place}.filtered.ignore"))
    tally.patched += len(sequence(filtered.get("patch"), f"{place}.filtered.patch"))
    dependencies = whole(part.get("dependencyCount", 0), f"{place}.dependencyCount")
    tally.dependencies += dependencies
    tally.targets += bool(dependencies or rows)


def _check_whole(part: dict[str, Any], rows: list[dict[str, Any]], place: str) -> None:
    """Refuse a project whose findings were taken out: what says that it is not ok, or that there are more."""
    if not part["ok"] and not rows and not part.get("applications"):
        raise EvidenceError(f"{place} is not ok, and yet without vulnerabilities")
    promised = whole(part.get("uniqueCount", 0), f"{place}.uniqueCount")
    held = len({row["id"] for row in rows})
    if promised > held:
        raise EvidenceError(
            f"{place} should hold {promised} distinct vulnerabilities by its uniqueCount: it has {held}"
        )


def _refuse_threshold(part: dict[str, Any]) -> None:
    """Only the summary tells of a threshold, by listing the severities that it let through."""
    told = _THRESHOLD.fullmatch(summary) if isinstance(summary := part.get("summary"), str) else None
    if (told and "low" not in told[1].split()) or part.get("severityThreshold", "low") not in ("low", None):
        raise EvidenceError(
            "Snyk ran with --severity-threshold, which leaves findings out",
            "Test without it; a rule has a limit for each severity.",
        )


def _add_row(tally: _Tally, row: Any, place: str, target: str) -> None:
    row = mapping(row, place)
    known = text(row.get("id"), f"{place}.id")
    package = text(row.get("packageName"), f"{place}.packageName") or text(row.get("name"), f"{place}.name")
    if not known or not package:
        raise EvidenceError(f"{place} has no id or no package")
    rank = max(_rank(row, "severity", place), _rank(row, "severityWithCritical", place))
    if row.get("type") == "license":
        tally.licence_issues += 1
        return
    fixable, fixed = _fix(row, place)
    tally.found.add((known, package, text(row.get("version"), f"{place}.version"), target), rank, fixable, fixed)


def _rank(row: dict[str, Any], key: str, place: str) -> int:
    # Before there was a `critical`, the other key had it.
    word = row.get(key)
    if word is None and key != "severity":
        return 0
    if word not in _SEVERITIES:
        raise EvidenceError(f"{place}.{key} is none that Snyk knows")
    return RANKS[word]


def _fix(row: dict[str, Any], place: str) -> tuple[bool, str]:
    flags = [row.get(key, False) for key in ("isUpgradable", "isPatchable")]
    if not all(isinstance(flag, bool) for flag in flags):
        raise EvidenceError(f"{place} does not say by true or false whether it can be upgraded or patched")
    nearest = text(row.get("nearestFixedInVersion"), f"{place}.nearestFixedInVersion").strip()
    versions = [text(entry, f"{place}.fixedIn") for entry in sequence(row.get("fixedIn"), f"{place}.fixedIn")]
    fixed = nearest or lowest(versions)
    return any(flags) or bool(fixed), fixed


def _reading(projects: list[dict[str, Any]], tally: _Tally) -> Reading:
    return Reading(
        facts=tally.found.scan(tally.targets),
        subjects=_subjects(projects),
        counts={
            "findings": len(tally.found.by_key),
            "projects": len(projects),
            "dependencies": tally.dependencies,
            "licence_issues": tally.licence_issues,
            "suppressed": tally.ignored,
            "patched": tally.patched,
        },
    )


def _subjects(projects: list[dict[str, Any]]) -> tuple[str, ...]:
    # Only a container report whose image was asked for by digest names one.
    return _one_digest({_digest_of(project) for project in projects})


def _digest_of(project: dict[str, Any]) -> str | None:
    path = project.get("path") if "docker" in project else None
    match = _DIGEST.fullmatch(path) if isinstance(path, str) else None
    return match[1] if match else None


def _one_digest(found: set[str | None]) -> tuple[str, ...]:
    return tuple(digest for digest in found if digest) if len(found) == 1 else ()
