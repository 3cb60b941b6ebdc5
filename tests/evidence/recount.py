"""A second count of what reports hold, in the plainest way: json, csv and ElementTree, and nothing of gatekeeper.

Each function gives the facts that matter of one file, or None where there is nothing that could be counted. It is not
strict, and believes what it reads: it stands beside the real readers to show that both count the same.

    python tests/evidence/recount.py KIND FILE...
"""

from __future__ import annotations

import csv
import io
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

SEVERITIES = ("critical", "high", "medium", "low", "unknown")
Facts = dict[str, Any]


def document(data: bytes) -> Any:
    """The JSON in the file, or None."""
    try:
        return json.loads(data.decode("utf-8-sig"))
    except ValueError:
        return None


def scan(data: bytes) -> Facts | None:
    """Trivy: distinct (id, package, version, target), the worst severity of each, fixable if any has a fix."""
    report = document(data)
    results = report if isinstance(report, list) else (report or {}).get("Results")
    packages = [result for result in results or [] if "Target" in result and of_packages(result)]
    if not packages:
        return None
    severities: dict[Any, set[str]] = {}
    fixable = set()
    for result in packages:
        for found in result.get("Vulnerabilities") or []:
            key = (found["VulnerabilityID"], found["PkgName"], found["InstalledVersion"], result["Target"])
            severities.setdefault(key, set()).add(found.get("Severity", "UNKNOWN").lower())
            if found.get("FixedVersion"):
                fixable.add(key)
    worst = {key: next(name for name in SEVERITIES if name in names) for key, names in severities.items()}
    return {
        "counts": by_severity(list(worst.values())),
        "fixable": by_severity([worst[key] for key in fixable]),
        "targets": len(packages),
    }


def of_packages(result: Facts) -> bool:
    """Whether a result of Trivy's is one of packages."""
    if "Class" in result:
        return result["Class"] in ("os-pkgs", "lang-pkgs")
    return not any(key in result for key in ("Misconfigurations", "Secrets", "Licenses"))


def by_severity(found: list[str]) -> dict[str, int]:
    """Counts of each severity, and their total."""
    return {**{name: found.count(name) for name in SEVERITIES}, "total": len(found)}


def lint(data: bytes) -> Facts | None:
    """SARIF: results of kind fail that are neither suppressed nor gone, by level and by rule."""
    report = document(data)
    runs = report.get("runs") if isinstance(report, dict) else None
    if not runs or any("results" not in run for run in runs):
        return None
    if not all(entry["executionSuccessful"] for run in runs for entry in run.get("invocations", [])):
        return None
    levels: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    suppressed = 0
    for run in runs:
        described = [rule for part in parts_of_tool(run) for rule in part.get("rules", [])]
        defaults = {
            rule["id"]: rule.get("defaultConfiguration", {}).get("level", "warning") for rule in described[::-1]
        }
        for result in run["results"]:
            if result.get("kind", "fail") != "fail" or result.get("baselineState") == "absent":
                continue
            if states := [entry.get("status", "accepted") for entry in result.get("suppressions", [])]:
                suppressed += set(states) == {"accepted"}
                if set(states) == {"accepted"}:
                    continue
            levels[result.get("level") or defaults.get(result["ruleId"], "warning")] += 1
            rules[result["ruleId"]] += 1
    counts = {name: levels[name] for name in ("error", "warning", "note")}
    return {"counts": {**counts, "total": sum(counts.values())}, "suppressed": suppressed, "rules": dict(rules)}


def parts_of_tool(run: Facts) -> list[Facts]:
    """A run's driver and extensions."""
    return [run["tool"]["driver"], *run["tool"].get("extensions", [])]


def tests(data: bytes) -> Facts | None:
    """JUnit: every `testcase` by its child elements, and what went wrong with a suite as a whole."""
    try:
        root = ElementTree.fromstring(data)
    except ElementTree.ParseError:
        return None
    cases = [element for element in root.iter() if element.tag.rpartition("}")[2] == "testcase"]
    if root.tag.rpartition("}")[2] not in ("testsuites", "testsuite") or not cases:
        return None
    inside = [{child.tag.rpartition("}")[2] for child in case} for case in cases]
    for tags, case in zip(inside, cases, strict=True):
        if case.get("status") in ("notrun", "disabled"):
            tags.add("skipped")
    for suite in root.iter("testsuite"):
        inside += [{child.tag} for child in suite if child.tag in ("error", "failure")]
        if not list(suite):
            inside += [{"error"}] * int(suite.get("errors") or 0) + [{"failure"}] * int(suite.get("failures") or 0)
    errors = sum("error" in tags for tags in inside)
    failures = sum("failure" in tags and "error" not in tags for tags in inside)
    skipped = sum("skipped" in tags and not tags & {"error", "failure"} for tags in inside)
    total = len(inside)
    if skipped == total:
        return None
    return {
        "total": total,
        "ran": total - skipped,
        "passed": total - errors - failures - skipped,
        "failures": failures,
        "errors": errors,
        "skipped": skipped,
    }


def load(data: bytes) -> Facts | None:
    """k6 and Locust, by whichever of their shapes the file has."""
    report = document(data)
    if report is None:
        return locust_table(data.decode("utf-8-sig"))
    if isinstance(report, list):
        return locust_list(report)
    if "results" in report:
        return k6_listed(report)
    metrics = report.get("metrics", {})
    if not isinstance(metrics.get("http_reqs"), dict):
        return None
    values = {name: metric.get("values", metric) for name, metric in metrics.items()}
    return loaded(values["http_reqs"]["count"], values["http_req_failed"]["passes"], values["http_req_duration"])


def k6_listed(report: Facts) -> Facts:
    """k6's machine-readable summary."""
    values = {metric["name"]: metric["values"] for metric in report["results"]["metrics"]}
    times = {("p(95)" if key == "p95" else key): value for key, value in values["http_req_duration"].items()}
    return loaded(values["http_reqs"]["count"], values["http_req_failed"]["matches"], times)


def loaded(requests: int, failures: int, times: Facts) -> Facts | None:
    """The facts of a load test, from k6's names."""
    if not requests:
        return None
    latency = {"p50": times["med"], "p95": times["p(95)"]}
    return {"requests": requests, "failures": failures, "error_rate": failures / requests, "latency_ms": latency}


def locust_list(report: list[Facts]) -> Facts | None:
    """Locust's JSON: every response time written out, sorted, and looked up."""
    requests = sum(entry["num_requests"] for entry in report)
    times = sorted(
        float(time) for entry in report for time, count in entry["response_times"].items() for _ in range(count)
    )
    median, high = (times[-(-len(times) * percent // 100) - 1] for percent in (50, 95))
    return loaded(requests, sum(entry["num_failures"] for entry in report), {"med": median, "p(95)": high})


def locust_table(text: str) -> Facts | None:
    """Locust's `_stats.csv`: its last row."""
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    if not rows or rows[-1].get("Name") != "Aggregated" or "Request Count" not in rows[-1]:
        return None
    whole = rows[-1]
    times = {"med": float(whole["50%"]), "p(95)": float(whole["95%"])}
    return loaded(int(whole["Request Count"]), int(whole["Failure Count"]), times)


def metrics(data: bytes) -> Facts | None:
    """Every number of a JSON document, by its path."""
    report = document(data)
    values = numbers(report, "") if isinstance(report, dict) else {}
    return {"values": values} if values else None


def numbers(node: Facts, path: str) -> dict[str, float]:
    """The numbers below a node; lists hold no metrics."""
    found: dict[str, float] = {}
    for key, value in node.items():
        if isinstance(value, dict):
            found.update(numbers(value, f"{path}{key}."))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            found[f"{path}{key}"] = value
    return found


COUNTERS = {"scan": scan, "lint": lint, "tests": tests, "load": load, "metrics": metrics}

if __name__ == "__main__":
    for name in sys.argv[2:]:
        print(name, json.dumps(COUNTERS[sys.argv[1]](Path(name).read_bytes())))
