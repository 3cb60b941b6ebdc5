"""A release candidate's reports, healthy unless told otherwise, in the forms of the tools that write them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from msgspec import to_builtins

from gatekeeper.evidence.prometheus_asked import ask
from gatekeeper.model.instants import parse_instant
from gatekeeper.model.servicelevel import ServiceLevelSpec

MADE = "2026-11-23T06:00:00Z"
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
    unrated: int = 0,
    digest: str = DIGEST,
    made: str = MADE,
    end_of_life: bool = False,
) -> bytes:
    """A report after Trivy's documented schema; `unfixable` are critical findings without a fixed version."""
    found = ["CRITICAL"] * critical + ["HIGH"] * high + ["UNKNOWN"] * unrated
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


WINDOWS = {"5m": 300, "30m": 1800, "1h": 3600, "6h": 21600, "3d": 259200, "30d": 2592000}


def service_level(
    made: str = MADE, errors: float = 0.0, events: float = 10_000.0, objective: float = 0.999, budget: str = "30d"
) -> bytes:
    """What a Prometheus server answered for a service level, in the record of `prometheus`."""
    spec = ServiceLevelSpec(
        objective=objective,
        windows=tuple(window for window in WINDOWS if window != "30d"),
        budget_window=budget,
        errors="sum(increase(http_requests_total{code=~'5..'}[$window]))",
        total="sum(increase(http_requests_total[$window]))",
    )
    time = int(parse_instant(made).timestamp())
    asked = ask(spec, time)
    answers = {name: _vector(errors if name.startswith("errors/") else events, time) for name in asked.questions}
    return json.dumps({"schema": "gatekeeper.prometheus/v1", "asked": to_builtins(asked), "answers": answers}).encode()


def _vector(value: float, time: int) -> dict[str, Any]:
    sample = {"metric": {}, "value": [time, str(value)]}
    return {"status": "success", "data": {"resultType": "vector", "result": [sample]}}


def rollout(made: str = MADE, digest: str = DIGEST, replicas: int = 2, restarts: int = 0, updated: int = 2) -> bytes:
    """What a cluster answered about the service's Deployment and its pods, in the record of `kubernetes`."""
    container = {"name": "churn", "image": f"{IMAGE}@{digest}"}
    counts = dict.fromkeys(("replicas", "readyReplicas", "availableReplicas"), replicas)
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "churn", "namespace": "staging", "uid": "d-1", "generation": 3},
        "spec": {"replicas": replicas, "template": {"spec": {"containers": [container]}}},
        "status": {"observedGeneration": 3, "updatedReplicas": updated, **counts},
    }
    pods = [_pod(number, container, digest, restarts) for number in range(replicas)]
    asked = {"kind": "Deployment", "namespace": "staging", "name": "churn", "at": made}
    objects = [deployment, _replica_set(), *pods]
    return json.dumps({"schema": "gatekeeper.kubernetes/v1", "asked": asked, "objects": objects}).encode()


def _replica_set() -> dict[str, Any]:
    owner = {"kind": "Deployment", "name": "churn", "uid": "d-1", "controller": True}
    metadata = {"name": "churn-7d9f", "namespace": "staging", "uid": "r-1", "ownerReferences": [owner]}
    return {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata}


def _pod(number: int, container: dict[str, str], digest: str, restarts: int) -> dict[str, Any]:
    owner = {"kind": "ReplicaSet", "name": "churn-7d9f", "uid": "r-1", "controller": True}
    status = {"name": "churn", "imageID": f"{IMAGE}@{digest}", "restartCount": restarts, "state": {"running": {}}}
    metadata = {
        "name": f"churn-7d9f-{number}",
        "namespace": "staging",
        "uid": f"p-{number}",
        "ownerReferences": [owner],
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {"containers": [container]},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True"}],
            "containerStatuses": [status],
        },
    }


def healthy(made: str = MADE) -> dict[str, bytes]:
    """All of them, by file name; `made` is when those that say it were made."""
    return {
        "data.json": data(),
        "metrics.json": metrics(),
        "fairness.json": fairness(),
        "junit.xml": junit(),
        "ruff.sarif": sarif(),
        "trivy.json": trivy(made=made),
        "slo.json": service_level(made),
        "rollout.json": rollout(made),
        "locust.json": locust(),
    }
