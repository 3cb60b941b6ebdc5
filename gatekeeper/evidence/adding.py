"""How the facts of several files add up, kind by kind. Facts are plain JSON; an absent field stays absent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_Facts = dict[str, Any]

MAX_FINDINGS = 5000
_WORST_FIRST = ("error", "failed", "skipped", "passed")


def by_key(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The sums, by key, sorted."""
    sums: dict[str, int] = {}
    for part in parts:
        for key, count in part.items():
            sums[key] = sums.get(key, 0) + count
    return dict(sorted(sums.items()))


def added_tests(parts: list[_Facts]) -> _Facts:
    """Test suites: counts add, and a case that is in several has its worst outcome."""
    cases: dict[str, str] = {}
    for part in parts:
        for name, outcome in part["cases"].items():
            cases[name] = min(cases.get(name, "passed"), outcome, key=_badness)
    counts = by_key({key: count for key, count in part.items() if key != "cases"} for part in parts)
    return {**counts, "cases": dict(sorted(cases.items()))}


def _badness(outcome: str) -> tuple[int, str]:
    """What no producer of ours says, a case or a stranger's may have: nothing is known of it, so it is the worst."""
    return _WORST_FIRST.index(outcome) if outcome in _WORST_FIRST else -1, outcome


def added_scans(parts: list[_Facts]) -> _Facts | None:
    """Scans: findings add. A part that only dates the database completes the others; None where there is no scan."""
    scans = [part for part in parts if "counts" in part]
    if not scans:
        return None
    whole: _Facts = {
        "counts": by_key(scan["counts"] for scan in scans),
        "targets": sum(scan["targets"] for scan in scans),
    }
    if all("fixable" in scan for scan in scans):
        whole["fixable"] = by_key(scan["fixable"] for scan in scans)
    ended = [scan.get("os_end_of_life") for scan in scans]
    if any(ended) or None not in ended:
        whole["os_end_of_life"] = any(ended)
    if date := _database_date(scans, [part for part in parts if "counts" not in part]):
        whole["db_updated_at"] = date
    findings = [finding for scan in scans for finding in scan.get("findings", ())]
    if all("findings" in scan for scan in scans) and len(findings) <= MAX_FINDINGS:
        whole["findings"] = sorted(findings, key=lambda finding: sorted(finding.items()))
    return whole


def _database_date(scans: list[_Facts], databases: list[_Facts]) -> str | None:
    """The oldest date; None where a scan has none of its own and no file dates its database."""
    given = [scan.get("db_updated_at") for scan in scans]
    dates = [date for date in given if date] + [database["db_updated_at"] for database in databases]
    return min(dates, key=lambda date: date.rstrip("Z")) if databases or None not in given else None


def added_load(parts: list[_Facts]) -> _Facts:
    """Load tests: requests and failures add; no latency, since percentiles of parts say nothing of the whole."""
    requests, failures = (sum(part[key] for part in parts) for key in ("requests", "failures"))
    whole: _Facts = {
        "requests": requests,
        "failures": failures,
        "error_rate": failures / requests if requests else 1.0,
        "latency_ms": {},
        "endpoints": _endpoints(parts),
    }
    durations = [part["duration_seconds"] for part in parts if "duration_seconds" in part]
    if len(durations) == len(parts):
        whole["duration_seconds"] = max(durations)
    for key in ("thresholds", "checks"):
        if given := [part[key] for part in parts if key in part]:
            whole[key] = by_key(given)
    return whole


def _endpoints(parts: list[_Facts]) -> _Facts:
    names = sorted({name for part in parts for name in part["endpoints"]})
    return {name: _endpoint([part["endpoints"][name] for part in parts if name in part["endpoints"]]) for name in names}


def _endpoint(rows: list[_Facts]) -> _Facts:
    requests, failures = (sum(row[key] for row in rows) for key in ("requests", "failures"))
    whole: _Facts = {"requests": requests, "failures": failures, "latency_ms": {}}
    if requests:
        whole["error_rate"] = failures / requests
    return whole
