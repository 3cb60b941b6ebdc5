"""Grype's JSON report (`grype … -o json`), of database schemas 3 to 6.

Source: `grype/presenter/models` of github.com/anchore/grype.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import UNSET, Struct

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import instant, mapping, sequence, text, version
from gatekeeper.evidence.findings import RANKS, Found
from gatekeeper.model.evidence import Opened, Reading

NAME = "grype"
KIND = "scan"

# What Grype calls negligible is the mildest that somebody rated; what nobody rated is unknown.
_WORDS = RANKS | {"": 0, "negligible": 1}
# These leave findings out of `matches` when they are on: limits on what is left would say less than they seem to.
_FILTERS: dict[str, Any] = {"only-fixed": False, "only-notfixed": False, "ignore-wontfix": ""}
_DIGEST = re.compile(r"(?:[^@]+@)?(sha256:[0-9a-f]{64})")


class _Tally(Struct):
    found: Found
    negligible: int = 0


def claims(report: Opened) -> bool:
    """Objects with `matches`, a list or null, and a `descriptor` or a `source`."""
    document = report.json
    if not isinstance(document, dict) or not isinstance(document.get("matches", 0), list | None):
        return False
    return isinstance(document.get("descriptor"), dict) or isinstance(document.get("source"), dict)


def read(report: Opened) -> Reading:
    """Matches by severity, each vulnerability of a package once.

    Raises NotEvaluatedError where the report does not say what was looked at; EvidenceError for a report of another
    tool, a broken database, a run that left findings out, and matches that are not as Grype writes them.
    """
    document = mapping(report.json, "the report")
    descriptor = mapping(document.get("descriptor"), "descriptor")
    if descriptor.get("name") != "grype":
        raise EvidenceError("descriptor.name is not grype")
    built = _database(descriptor)
    _refuse_filters(descriptor)
    tally = _Tally(Found())
    if not isinstance(document.get("matches"), list):
        raise EvidenceError("matches is not a list")
    for index, match in enumerate(document["matches"]):
        _add(tally, match, f"matches[{index}]")
    _check_source(document)
    return _reading(document, descriptor, tally, built)


def _database(descriptor: dict[str, Any]) -> str | None:
    """When the database was built. Raises EvidenceError where Grype says that it is not valid."""
    database = descriptor.get("db")
    if database is None:
        return None
    database = mapping(database, "descriptor.db")
    status = mapping(database.get("status", database), "descriptor.db.status")
    if status.get("valid", True) is not True or status.get("error"):
        raise EvidenceError("descriptor.db says that the vulnerability database is not valid")
    return instant(status.get("built"))


def _refuse_filters(descriptor: dict[str, Any]) -> None:
    configuration = mapping(descriptor.get("configuration") or {}, "descriptor.configuration")
    for name, off in _FILTERS.items():
        found = configuration.get(name, off)
        if type(found) is not type(off) or found != off:
            raise EvidenceError(
                f"Grype ran with {name}, which leaves findings out",
                "Scan without it; a rule counts what can be fixed by `fixable_only`.",
            )


def _check_source(document: dict[str, Any]) -> None:
    source = document.get("source")
    if not isinstance(source, dict) or not isinstance(source.get("type"), str) or not source.get("target"):
        raise NotEvaluatedError("the report does not say what Grype looked at: source has no type or no target")


def _add(tally: _Tally, match: Any, place: str) -> None:
    match = mapping(match, place)
    vulnerability = mapping(match.get("vulnerability"), f"{place}.vulnerability")
    artifact = mapping(match.get("artifact"), f"{place}.artifact")
    known = text(vulnerability.get("id"), f"{place}.vulnerability.id")
    package, kind = (text(artifact.get(key), f"{place}.artifact.{key}") for key in ("name", "type"))
    if not known or not package:
        raise EvidenceError(f"{place} has no id or no package")
    severity = text(vulnerability.get("severity"), f"{place}.vulnerability.severity").lower()
    if severity not in _WORDS:
        raise EvidenceError(f"{place}.vulnerability.severity is none that Grype knows")
    fixable, fixed = _fix(vulnerability, place)
    key = (known, package, text(artifact.get("version"), f"{place}.artifact.version"), kind)
    tally.negligible += severity == "negligible" and key not in tally.found.by_key
    tally.found.add(key, _WORDS[severity], fixable, fixed)


def _fix(vulnerability: dict[str, Any], place: str) -> tuple[bool, str]:
    fix = mapping(vulnerability.get("fix") or {}, f"{place}.vulnerability.fix")
    written = sequence(fix.get("versions"), f"{place}.vulnerability.fix.versions")
    versions = [found for entry in written if (found := text(entry, f"{place}.vulnerability.fix.versions").strip())]
    state = text(fix.get("state"), f"{place}.vulnerability.fix.state")
    return bool(versions) or state == "fixed", min(versions, default="")


def _reading(document: dict[str, Any], descriptor: dict[str, Any], tally: _Tally, built: str | None) -> Reading:
    ignored = sequence(document.get("ignoredMatches"), "ignoredMatches")
    return Reading(
        facts=tally.found.scan(1, os_end_of_life=_end_of_life(document), db_updated_at=built or UNSET),
        version=version(descriptor.get("version")),
        subjects=_subjects(document["source"]),
        produced_at=instant(descriptor.get("timestamp")),
        counts={
            "findings": len(tally.found.by_key),
            "matches": len(document["matches"]),
            "negligible": tally.negligible,
            "suppressed": len(ignored),
        },
    )


def _end_of_life(document: dict[str, Any]) -> Any:
    # Only an alert is written; no alert may also mean that none were asked for, or a version before there were any.
    for entry in sequence(document.get("alertsByPackage") or None, "alertsByPackage"):
        for alert in sequence(mapping(entry, "alertsByPackage").get("alerts"), "alertsByPackage.alerts"):
            if mapping(alert, "alertsByPackage.alerts").get("type") == "distro-eol":
                return True
    return UNSET


def _subjects(source: dict[str, Any]) -> tuple[str, ...]:
    # imageID is the digest of the image's configuration, and names no image that a registry knows.
    target = source["target"]
    if source["type"] != "image" or not isinstance(target, dict):
        return ()
    names = [target.get("manifestDigest"), *sequence(target.get("repoDigests"), "source.target.repoDigests")]
    matches = [_DIGEST.fullmatch(name) for name in names if isinstance(name, str)]
    return tuple(sorted({match[1] for match in matches if match}))
