"""A release candidate's reports, healthy unless told otherwise, in the forms of the tools that write them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

DIGEST = "sha256:" + "c" * 64
IMAGE = "registry.example/churn-model"
METRICS = {"accuracy": 0.96, "f1": 0.84, "roc_auc": 0.95, "positive_rate": 0.11, "inference_100_rows_ms": 3.2}
GROUPS = {"a": (500, 55, 70, 50), "b": (1000, 110, 140, 100)}


def metrics(**changed: float | None) -> bytes:
    """A metrics file; a metric that is None is left out."""
    values = {**METRICS, **changed}
    return json.dumps({name: value for name, value in values.items() if value is not None}).encode()


def fairness(groups: Mapping[str, tuple[int, int, int, int]] = GROUPS) -> bytes:
    """Counts by group: rows, selected, positives, true positives."""
    counts = {
        name: {
            "n": n,
            "selected": selected,
            "positives": positives,
            "true_positives": found,
            "false_positives": selected - found,
        }
        for name, (n, selected, positives, found) in groups.items()
    }
    return json.dumps({"attribute": "plan", "groups": counts}).encode()


def data(total: int = 8, failed: int = 0, skipped: int = 0, rows: int | None = 5000) -> bytes:
    """Data checks in our own form; `total` ran."""
    outcomes = [False] * failed + [True] * (total - failed) + [None] * skipped
    checks = [{"name": f"check {n}", "passed": passed} for n, passed in enumerate(outcomes)]
    return json.dumps({"checks": checks, **({} if rows is None else {"rows": rows})}).encode()


def junit(passed: int = 10, failed: int = 0, skipped: int = 0) -> bytes:
    """A JUnit report as pytest writes it."""
    inside = ["" for _ in range(passed)] + ['<failure message="no"/>'] * failed + ["<skipped/>"] * skipped
    cases = "".join(
        f'<testcase classname="t" name="t{n}" time="0.1">{what}</testcase>' for n, what in enumerate(inside)
    )
    return f'<testsuites><testsuite name="pytest" tests="{len(inside)}">{cases}</testsuite></testsuites>'.encode()


def sarif(errors: int = 0, warnings: int = 0) -> bytes:
    """A SARIF report with findings of two levels."""
    levels = ["error"] * errors + ["warning"] * warnings
    results = [{"ruleId": "E1", "level": level, "message": {"text": "x"}} for level in levels]
    run = {"tool": {"driver": {"name": "ruff", "rules": []}}, "results": results}
    return json.dumps({"version": "2.1.0", "runs": [run]}).encode()


def trivy(
    critical: int = 0,
    high: int = 0,
    unfixable: int = 0,
    digest: str = DIGEST,
    made: str = "2026-11-23T06:00:00Z",
    end_of_life: bool = False,
) -> bytes:
    """A report after Trivy's documented schema; `unfixable` are critical findings without a fixed version."""
    found = ["CRITICAL"] * critical + ["HIGH"] * high
    findings = [_finding(n, severity, {"FixedVersion": "2.0"}) for n, severity in enumerate(found)]
    findings += [_finding(1000 + n, "CRITICAL", {}) for n in range(unfixable)]
    system = {"Family": "debian", "Name": "12.11", **({"EOSL": True} if end_of_life else {})}
    target = {"Target": "debian", "Class": "os-pkgs", "Type": "debian", "Vulnerabilities": findings}
    document = {
        "SchemaVersion": 2,
        "CreatedAt": made,
        "ArtifactName": f"{IMAGE}:1.4.2",
        "ArtifactType": "container_image",
        "Metadata": {"OS": system, "RepoDigests": [f"{IMAGE}@{digest}"]},
        "Results": [target],
    }
    return json.dumps(document).encode()


def _finding(number: int, severity: str, fixed: Mapping[str, str]) -> dict[str, Any]:
    name = {"VulnerabilityID": f"CVE-2026-{number}", "PkgName": "p", "InstalledVersion": "1.0", "Severity": severity}
    return {**name, "Status": "fixed" if fixed else "affected", **fixed}


def locust(requests: int = 400, failures: int = 0, milliseconds: int = 40) -> bytes:
    """A Locust JSON report in which every request took equally long."""
    entry = {
        "name": "/predict",
        "method": "POST",
        "last_request_timestamp": 1795602987.2,
        "start_time": 1795602981.8,
        "num_requests": requests,
        "num_none_requests": 0,
        "num_failures": failures,
        "total_response_time": float(requests * milliseconds),
        "max_response_time": float(milliseconds),
        "min_response_time": float(milliseconds),
        "total_content_length": 0,
        "response_times": {str(milliseconds): requests},
        "num_reqs_per_sec": {},
        "num_fail_per_sec": {},
    }
    return json.dumps([entry]).encode()


def healthy() -> dict[str, bytes]:
    """All of them, by file name."""
    return {
        "data.json": data(),
        "metrics.json": metrics(),
        "fairness.json": fairness(),
        "junit.xml": junit(),
        "ruff.sarif": sarif(),
        "trivy.json": trivy(),
        "locust.json": locust(),
    }
