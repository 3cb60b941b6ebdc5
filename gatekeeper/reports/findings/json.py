"""`--format json`: `gatekeeper.check/v1`, each finding with its place; those that comments allow with the reason."""

from __future__ import annotations

from typing import Any

from gatekeeper.model.finding import LEVELS, CheckReport, Finding
from gatekeeper.reports.jsontext import indented

SCHEMA = "gatekeeper.check/v1"


def render(report: CheckReport) -> str:
    """The report as JSON."""
    return indented(
        {
            "schema": SCHEMA,
            "outcome": "invalid" if report.problems else "findings" if report.fails else "clean",
            "checked": report.looked,
            "problems": report.problems,
            "findings": [_finding(finding) for finding in report.findings],
            "counts": _counts(report),
        }
    )


def _finding(finding: Finding) -> dict[str, Any]:
    """`docs` is where the finding is explained."""
    keys = ("id", "severity", "message", "remedy", "file", "line", "column", "policy", "rule", "allowed")
    return {key: getattr(finding, key) for key in keys} | {"docs": f"docs/policy-check.md#{finding.id}"}


def _counts(report: CheckReport) -> dict[str, int]:
    by_level: dict[str, int] = {level: sum(one.severity == level for one in report.standing) for level in LEVELS}
    return by_level | {"allowed": len(report.findings) - len(report.standing), "problems": len(report.problems)}
