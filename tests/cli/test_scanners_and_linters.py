"""Scanners, linters and DVC through the command: what passes, what fails, and what leaves a verdict open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Command, Golden
from tests.evidence.reports import FIXTURES

POLICY = """
apiVersion: gatekeeper/v1
kind: Policy
metadata: {name: supply-chain, version: 1.0.0}
spec:
  evidence:
    image: {kind: scan, producers: [grype, snyk]}
    packages: {kind: scan, producers: [pip-audit]}
    style: {kind: lint, producers: [ruff, flake8]}
    security: {kind: lint, producers: [bandit]}
    lineage: {kind: lineage, producers: [dvc]}
  rules:
    - {id: image, why: w, remedy: r, scan: {in: image, max: {total: 0}, fixable_only: true}}
    - {id: packages, why: w, remedy: r, scan: {in: packages, max: {total: 0}}}
    - {id: style, why: w, remedy: r, lint: {in: style, max: {error: 0}}}
    - {id: security, why: w, remedy: r, lint: {in: security, max: {error: 0}}}
    - {id: unchanged, why: w, remedy: r, require: size(evidence.lineage.changed) == 0}
    - {id: data, why: w, remedy: r,
       require: "evidence.lineage.data['data/raw.csv'] == 'md5:3c759b18dca40207adc8ae6a4df3855a'"}
"""

CLEAN = (
    "image=grype/directory-clean.json",
    "image=snyk/clean.json",
    "packages=pip-audit/clean.json",
    "style=ruff:ruff/tidy.json",
    "style=flake8:flake8/tidy.txt",
    "security=bandit/tidy.json",
    "lineage=dvc/dvc.lock",
    "lineage=dvc:dvc/status-clean.json",
)
DIRTY = (
    "image=grype/image.json",
    "image=snyk/container.json",
    "packages=pip-audit/vulnerable.json",
    "style=ruff/untidy.json",
    "style=flake8/untidy.txt",
    "security=bandit/unsafe.json",
    "lineage=dvc/dvc.lock",
    "lineage=dvc:dvc/status-changed.json",
)
VOID = (
    "image=snyk/error.json",
    "packages=pip-audit/skipped.json",
    "style=flake8:flake8/untidy-no-count.txt",
    "style=ruff/tidy.json",
    "security=bandit/nothing.json",
    "lineage=dvc:dvc/status-clean.json",
)


def judged(gatekeeper: Command, evidence: tuple[str, ...]) -> tuple[int, dict[str, str]]:
    """The exit code, and what became of each rule."""
    (gatekeeper.folder / "policy.yaml").write_text(POLICY)
    arguments = [part for one in evidence for part in ("--evidence", one)]
    command = ["evaluate", "--policy", gatekeeper.folder / "policy.yaml", *arguments, "--format", "json"]
    run = gatekeeper(*command, "--now", "2026-11-26T08:00:00Z", cwd=FIXTURES)
    assert run.stderr == ""
    results = json.loads(run.stdout)["results"]
    return run.code, {one["rule"]: f"{one['result']}: {one['message']}" for one in results}


@pytest.mark.parametrize(("name", "evidence", "code"), [("clean", CLEAN, 0), ("dirty", DIRTY, 1), ("void", VOID, 3)])
def test_verdicts(gatekeeper: Command, golden: Golden, name: str, evidence: tuple[str, ...], code: int) -> None:
    found, results = judged(gatekeeper, evidence)
    assert found == code, results
    golden(f"evidence/{name}.txt", "".join(f"{rule}: {said}\n" for rule, said in results.items()))


@pytest.mark.parametrize("index", range(len(CLEAN)))
def test_one_report_that_is_not_clean_is_never_allowed(gatekeeper: Command, index: int) -> None:
    name = CLEAN[index].partition("=")[0]
    known = {one.split(":")[-1].split("=")[-1] for one in CLEAN}
    others = [one for one in (*DIRTY, *VOID) if one.startswith(f"{name}=") and one.split("=")[-1] not in known]
    for other in (one for one in others if one.split(":")[-1] not in known):
        code, results = judged(gatekeeper, (*CLEAN[:index], other, *CLEAN[index + 1 :]))
        assert code in (1, 3), (other, results)


@pytest.mark.parametrize("tool", ["bandit", "dvc", "flake8", "grype", "pip-audit", "ruff", "snyk"])
def test_what_was_read_is_in_golden_files(gatekeeper: Command, golden: Golden, tool: str) -> None:
    names = sorted(path.name for path in Path(FIXTURES / tool).iterdir())
    run = gatekeeper("evidence", "read", *(f"{tool}:{tool}/{name}" for name in names), cwd=FIXTURES)
    keys = ("source", "kind", "status", "reason", "produced_at", "subjects", "counts", "facts")
    read = [{key: one[key] for key in keys} for one in json.loads(run.stdout)]
    assert run.code == (0 if all(one["status"] == "evaluated" for one in read) else 3)
    golden(f"evidence/{tool}.json", json.dumps(read, indent=1) + "\n")
