"""`policy test --format json`: everything that was found, as `gatekeeper.policy-test/v1`."""

from __future__ import annotations

from typing import Any

from msgspec import to_builtins

from gatekeeper.model.tested import TestedPolicy, TestReport
from gatekeeper.reports.jsontext import indented

SCHEMA = "gatekeeper.policy-test/v1"


def render(report: TestReport) -> str:
    """The report as indented JSON."""
    return indented(
        {
            "schema": SCHEMA,
            "result": "pass" if report.clean else "fail",
            "engine": report.engine,
            "counts": {"cases": report.total, "passed": report.total - report.failed, "failed": report.failed},
            "min_coverage": report.min_coverage,
            "findings": list(report.findings),
            "policies": [_policy(policy) for policy in report.policies],
        }
    )


def _policy(policy: TestedPolicy) -> dict[str, Any]:
    plain: dict[str, Any] = to_builtins(policy)
    for case, tested in zip(plain["cases"], policy.cases, strict=True):
        case["result"] = "pass" if tested.passed else "fail"
    return plain
