"""gatekeeper's facts beside those of a second count that shares no code with it, on real files and on our own."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.evidence.reading import envelope
from tests.corpus import corpus_files
from tests.evidence import recount
from tests.evidence.reports import FIXTURES

FOLDERS = {
    "scan": ["trivy/**/*"],
    "lint": ["sarif/**/*", "lint/**/*.sarif", "evidence-traps/sarif-*"],
    "tests": ["junit/**/*", "evidence-traps/junit-*"],
    "load": ["k6/**/*", "locust/**/*.csv", "evidence-traps/k6-*"],
    "metrics": ["evidence-traps/metrics-*", "locust/**/*.json", "dvc/**/metrics*.json", "wandb/**/*summary*.json"],
}
"""Where real files of a kind are; every file that can be counted at all is compared."""

REAL = [(kind, path) for kind, patterns in FOLDERS.items() for pattern in patterns for path in corpus_files(pattern)]
OURS = [
    ("scan", "trivy/image.json"),
    ("lint", "sarif/ruff.sarif"),
    ("lint", "sarif/ruff-clean.sarif"),
    ("tests", "junit/pytest.xml"),
    ("tests", "junit/pytest-none.xml"),
    ("load", "locust/stats.json"),
    ("load", "locust/stats.csv"),
    ("load", "locust/stats_history.csv"),
    ("load", "locust/failures.csv"),
    ("load", "k6/handle-summary.json"),
    ("load", "k6/summary-export.json"),
    ("load", "k6/machine-readable.json"),
]
ENOUGH = {"scan": 10, "lint": 10, "tests": 10, "load": 2, "metrics": 4}


def compare(kind: str, path: Path) -> bool:
    """Check one file; True when there was something to compare."""
    data = path.read_bytes()
    found = envelope(data, source=path.name)
    expected = recount.COUNTERS[kind](data)
    if expected is None:
        assert found.status != "evaluated" or found.kind != kind, found
        return False
    assert (found.status, found.kind, found.reason) == ("evaluated", kind, None)
    assert within(expected, found.facts) == expected
    return True


def within(expected: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    """The facts, cut down to what was counted twice; maps of names are compared whole."""
    return {key: within(value, facts[key]) if key == "latency_ms" else facts[key] for key, value in expected.items()}


def test_the_second_count_shares_no_code() -> None:
    tree = ast.parse(Path(recount.__file__).read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert not [name for name in imported if name and name.startswith(("gatekeeper", "tests"))]


@pytest.mark.parametrize(("kind", "name"), OURS, ids=[name for _, name in OURS])
def test_our_own_reports(kind: str, name: str) -> None:
    compare(kind, FIXTURES / name)


@pytest.mark.corpus
@pytest.mark.parametrize(("kind", "path"), REAL, ids=[f"{kind}:{path.name}" for kind, path in REAL])
def test_real_reports(kind: str, path: Path) -> None:
    compare(kind, path)


@pytest.mark.corpus
@pytest.mark.parametrize("kind", FOLDERS)
def test_enough_real_reports_are_compared(kind: str) -> None:
    assert sum(compare(kind, path) for other, path in REAL if other == kind) >= ENOUGH[kind]


@pytest.mark.corpus
@pytest.mark.parametrize("folder", ["sbom", "trivy-operator", "trivy-other-formats"])
def test_files_of_other_scanners_are_evidence_of_nothing(folder: str) -> None:
    found = [envelope(path.read_bytes(), source=path.name) for path in corpus_files(f"{folder}/**/*")]
    assert [one for one in found if one.status == "evaluated"] == []
    assert {one.producer.name for one in found if one.producer} <= {"json"}
