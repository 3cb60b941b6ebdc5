"""`gatekeeper policy test` over a thousand cases, alone and with every mutant of the policy; and over policies without.

`python benchmarks/cases.py [--cases N] [--runs N]`, with the interpreter of the environment to be measured. The policy
is that of `cold/`. The cases are made from a seed and expect whatever the policy gives them; the cases that
`policy test` proposes for what survives are added, as in a project that took them. The policies without a case have
200 and 1,000 rules, so that everything in them is proposed for.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from typing import Any

import measure

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.join(os.path.expanduser("~"), ".cache", "gatekeeper", "benchmark-cases")
TESTS = os.path.join(PROJECT, "policies", "tests", "cold-start")
PER_FILE = 50
COMMAND = [os.path.join(os.path.dirname(sys.executable), "gatekeeper"), "policy", "test", "--quiet"]


def option(name: str, default: int) -> int:
    """A whole number from the command line."""
    return int(sys.argv[sys.argv.index(name) + 1]) if name in sys.argv else default


def evidence(draw: random.Random) -> dict[str, Any]:
    """Six pieces of evidence around the policy's limits."""
    gaps = {
        key: round(draw.uniform(0, 0.2), 3) for key in ("demographic_parity_difference", "equal_opportunity_difference")
    }
    gender = {
        "n": 400,
        "group_count": 2,
        "smallest_n": draw.choice([20, 150]),
        "gaps": gaps,
        "highest_selection_rate": 0.4,
    }
    shares = {key: round(draw.uniform(0.7, 1), 3) for key in ("accuracy", "f1", "roc_auc")}
    rate, speed = round(draw.uniform(0, 1), 3), draw.randrange(300, 700)
    counts = {key: draw.randrange(0, top) for key, top in (("critical", 3), ("high", 20))}
    return {
        "metrics": {"values": {**shares, "positive_rate": rate, "inference_100_rows_ms": speed}},
        "fairness": {"attributes": {"gender": gender}},
        "lint": {"counts": {"error": draw.randrange(0, 2), "warning": draw.randrange(0, 2)}},
        "tests": {
            "ran": draw.randrange(90, 120),
            "failures": draw.randrange(0, 2),
            "errors": draw.randrange(0, 2),
            "skipped": 0,
        },
        "load": {
            "requests": draw.randrange(900, 1200),
            "error_rate": 0.005,
            "latency_ms": {"p95": draw.randrange(200, 300)},
        },
        "image": {"counts": counts, "fixable": counts, "targets": 1},
    }


def write(cases: list[dict[str, Any]]) -> None:
    """The cases as test files; JSON is YAML, one document a line would be hard to read."""
    shutil.rmtree(TESTS, ignore_errors=True)
    os.makedirs(TESTS)
    for start in range(0, len(cases), PER_FILE):
        with open(os.path.join(TESTS, f"{start:05}.yaml"), "w", encoding="utf-8") as file:
            file.write("\n---\n".join(json.dumps(case, indent=1) for case in cases[start : start + PER_FILE]))


def reported(*options: str) -> Any:
    """The JSON report of one run."""
    run = subprocess.run([*COMMAND, "--format", "json", *options], cwd=PROJECT, capture_output=True, check=False)
    return json.loads(run.stdout)


def made(count: int) -> list[dict[str, Any]]:
    """Cases that expect what the policy gives: first asked with a guess, and then told by the report."""
    draw = random.Random(7)
    with open(os.path.join(HERE, "cold", "policy.yaml"), encoding="utf-8") as file:
        rules = [line.split()[-1] for line in file if line.strip().startswith("- id:")]
    cases = [
        {
            "apiVersion": "gatekeeper/v1",
            "kind": "PolicyTest",
            "metadata": {"name": f"case {number}"},
            "spec": {
                "policy": "cold-start",
                "evidence": evidence(draw),
                "expect": {"verdict": "allowed", "results": dict.fromkeys(rules, "pass")},
            },
        }
        for number in range(count)
    ]
    write(cases)
    (policy,) = reported("--no-coverage")["policies"]
    for case, told in zip(cases, policy["cases"], strict=True):
        for mismatch in told["mismatches"]:
            expect = case["spec"]["expect"]
            (expect if mismatch["what"] == "verdict" else expect["results"])[mismatch["what"]] = mismatch["got"]
    write(cases)
    return cases


def project(count: int) -> Any:
    """The project with its cases, those of the proposals among them; returns the report of a whole run."""
    shutil.rmtree(PROJECT, ignore_errors=True)
    os.makedirs(os.path.join(PROJECT, "policies"))
    shutil.copy(os.path.join(HERE, "cold", "policy.yaml"), os.path.join(PROJECT, "policies"))
    with open(os.path.join(PROJECT, "gatekeeper.yaml"), "w", encoding="utf-8") as file:
        file.write("apiVersion: gatekeeper/v1\nkind: Project\n")
    made(count)
    (policy,) = reported()["policies"]
    with open(os.path.join(TESTS, "proposed.yaml"), "w", encoding="utf-8") as file:
        file.write("---\n".join(one["text"] for one in policy["coverage"]["proposed"]))
    return reported()


def rule(number: int) -> dict[str, Any]:
    """One of four forms of a rule, over a metric of its own."""
    name, path = f"m{number}", f"evidence.metrics.values.m{number}"
    forms: tuple[dict[str, Any], ...] = (
        {"metric": {"name": name, "min": 0.5}},
        {"require": f"{path} >= 0.5 && {path} <= 0.9"},
        {"metric": {"name": name, "max": "params.top"}, "when": "environment.name != 'dev'"},
        {"require": f"variables.double > 0.1 || {path} == 1.0", "optional": True},
    )
    return {"id": f"r{number}", "why": "It is measured.", "remedy": "None.", **forms[number % len(forms)]}


def untested(count: int) -> str:
    """A project of one policy without a case; returns its folder."""
    folder = f"{PROJECT}-untested-{count}"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(os.path.join(folder, "policies"))
    spec = {
        "parameters": {"top": {"type": "number", "default": 0.9}},
        "evidence": {"metrics": {"kind": "metrics"}},
        "variables": {"double": "evidence.metrics.values.other * 2.0"},
        "rules": [rule(number) for number in range(count)],
    }
    metadata = {"name": "untested", "version": "1.0.0"}
    policy = {"apiVersion": "gatekeeper/v1", "kind": "Policy", "metadata": metadata, "spec": spec}
    with open(os.path.join(folder, "policies", "untested.yaml"), "w", encoding="utf-8") as file:
        json.dump(policy, file, indent=1)
    with open(os.path.join(folder, "gatekeeper.yaml"), "w", encoding="utf-8") as file:
        file.write("apiVersion: gatekeeper/v1\nkind: Project\n")
    return folder


def measure_untested(runs: int) -> None:
    """A table of its own for each, as each runs in a folder of its own."""
    for count in (200, 1000):
        os.chdir(untested(count))
        name = f"{count} rules, no case"
        rows = measure.measure({name: COMMAND}, runs=runs, warm=1, expect={name: 1})
        print(measure.table(rows, relative_to=name))


def wall(runs: int, *options: str) -> float:
    """The median of the time that passes until the command has ended."""
    spent = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run([*COMMAND, *options], cwd=PROJECT, stdout=subprocess.DEVNULL, check=True)
        spent.append(time.perf_counter() - start)
    return sorted(spent)[runs // 2]


def main() -> None:
    """Make the project, measure, and print a table."""
    count, runs = option("--cases", 1000), option("--runs", 5)
    report = project(count)
    (policy,) = report["policies"]
    coverage = policy["coverage"]
    if report["counts"]["failed"]:
        sys.exit("a case fails")
    os.chdir(PROJECT)
    rows = measure.measure(
        {"cases alone": [*COMMAND, "--no-coverage"], "cases and mutants": COMMAND}, runs=runs, warm=1
    )
    print(measure.table(rows, relative_to="cases alone"))
    print(
        f"\n{report['counts']['cases']} cases, {coverage['mutants']} mutants of which {coverage['killed']} are noticed "
        f"({coverage['equivalent']} equivalent, {coverage['refused']} refused), coverage {coverage['percent']} %.\n"
        f"Wall time: {wall(runs, '--no-coverage'):.2f} s alone, {wall(runs):.2f} s with mutants.\n"
    )
    measure_untested(runs)


if __name__ == "__main__":
    main()
