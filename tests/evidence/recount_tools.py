"""A second count of what scanners, linters and DVC report, one function a tool; see `recount.py`, whose rules it keeps.

python tests/evidence/recount_tools.py TOOL FILE...
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

SEVERITIES = ("critical", "high", "medium", "low", "unknown")
Facts = dict[str, Any]
Row = tuple[Any, str, bool]


def counted(rows: list[Row], targets: int) -> Facts:
    """Findings by key: the worst severity of each, fixable if any row of it is."""
    worst: dict[Any, str] = {}
    for key, severity, _ in rows:
        worst[key] = min(worst.get(key, severity), severity, key=SEVERITIES.index)
    fixable = {key for key, _, fix in rows if fix}
    return {
        "counts": by_severity(list(worst.values())),
        "fixable": by_severity([worst[key] for key in fixable]),
        "targets": targets,
    }


def by_severity(found: list[str]) -> dict[str, int]:
    """Counts of each severity, and their total."""
    return {**{name: found.count(name) for name in SEVERITIES}, "total": len(found)}


def grype(data: bytes) -> Facts:
    """Matches by (id, name, version, type)."""
    rows: list[Row] = []
    for match in json.loads(data)["matches"]:
        found, package = match["vulnerability"], match["artifact"]
        severity = found.get("severity", "Unknown").lower().replace("negligible", "low")
        key = (found["id"], package["name"], package["version"], package["type"])
        rows.append((key, severity, bool(found["fix"]["versions"])))
    return counted(rows, 1)


def snyk(data: bytes) -> Facts:
    """Vulnerabilities of every project and of every application in it, by (project, id, package, version)."""
    document = json.loads(data)
    projects = document if isinstance(document, list) else [document]
    parts = [part for project in projects for part in [project, *project.get("applications", [])]]
    rows: list[Row] = []
    for number, part in enumerate(parts):
        for found in part["vulnerabilities"]:
            if found.get("type") != "license":
                severity = min(found["severity"], found.get("severityWithCritical", "unknown"), key=SEVERITIES.index)
                fix = any(found.get(key) for key in ("isUpgradable", "isPatchable", "fixedIn", "nearestFixedInVersion"))
                rows.append(((number, found["id"], found["packageName"], found["version"]), severity, fix))
    return counted(rows, len(parts))


def pip_audit(data: bytes) -> Facts:
    """Vulnerabilities by (package, version, id); aliases are already joined in what pip-audit writes."""
    rows: list[Row] = []
    for package in json.loads(data)["dependencies"]:
        for found in package["vulns"]:
            key = (package["name"], package["version"], found["id"])
            rows.append((key, "unknown", bool(found["fix_versions"])))
    return counted(rows, 1)


def linted(levels: list[str], rules: list[str]) -> Facts:
    """The facts of a linter."""
    counts = {name: levels.count(name) for name in ("error", "warning", "note")}
    return {"counts": {**counts, "total": len(levels)}, "rules": dict(Counter(rules))}


def bandit(data: bytes) -> Facts:
    """Results by severity and test."""
    results = json.loads(data)["results"]
    levels = {"HIGH": "error", "MEDIUM": "warning", "LOW": "note"}
    return linted([levels[found["issue_severity"]] for found in results], [found["test_id"] for found in results])


def ruff(data: bytes) -> Facts:
    """Diagnostics by code."""
    found = json.loads(data)
    return linted(["error"] * len(found), [entry["code"] for entry in found])


def flake8(data: bytes) -> Facts:
    """Lines with a place and a code."""
    codes = re.findall(rb"^\S+:\d+:\d+: ([A-Z]+\d+)", data, re.MULTILINE)
    errors = [code for code in codes if code[:2] in (b"E9", b"F7") or code[:3] in (b"F63", b"F82")]
    levels = ["error"] * len(errors) + ["warning"] * (len(codes) - len(errors))
    return linted(levels, [code.decode() for code in codes])


def dvc(data: bytes) -> Facts:
    """Digests by path, from the lines of a lock: what a stage made is no input."""
    taken: dict[str, str] = {}
    made: dict[str, str] = {}
    into, path, algorithm = taken, "", "md5-dos2unix"
    for line in data.decode().splitlines():
        key, _, value = line.strip().removeprefix("- ").partition(": ")
        if key in ("deps:", "outs:", "params:"):
            into = {"deps:": taken, "outs:": made}.get(key, {})
        elif key == "path":
            path, algorithm = value, "md5-dos2unix"
        elif key == "hash":
            algorithm = value
        elif key == "md5":
            into[path] = f"{algorithm}:{value}"
    return {"data": {name: taken[name] for name in taken if name not in made}, "outputs": made}


COUNTERS = {
    "grype": grype,
    "snyk": snyk,
    "pip-audit": pip_audit,
    "bandit": bandit,
    "ruff": ruff,
    "flake8": flake8,
    "dvc": dvc,
}

if __name__ == "__main__":
    for name in sys.argv[2:]:
        print(name, json.dumps(COUNTERS[sys.argv[1]](Path(name).read_bytes())))
