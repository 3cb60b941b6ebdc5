"""Facts beside those of a second count that shares no code, for scanners, linters and DVC."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from gatekeeper.evidence.reading import envelope
from tests.corpus import corpus_files
from tests.evidence import recount_tools
from tests.evidence.reports import FIXTURES

REAL = {
    "grype": ["grype/**/*.json"],
    "snyk": ["snyk/**/snyk/*.json"],
    "bandit": ["lint/**/bandit/*.json"],
    "ruff": ["lint/**/*ruff.json"],
    "flake8": ["lint/**/flake8*"],
    "dvc": ["dvc/**/dvc.lock"],
}
REFUSED = {"fix_not_available.json", "single_project_no_vulns.json", "single_project_None_cvss.json"}
"""U+0000 in it; no dependency; 75 findings promised and one there."""

FILES = [(tool, path) for tool, patterns in REAL.items() for pattern in patterns for path in corpus_files(pattern)]
OURS = [
    (tool, path)
    for tool in recount_tools.COUNTERS
    for path in sorted((FIXTURES / tool).iterdir())
    if envelope(path.read_bytes(), source="x", producer=tool).status == "evaluated"
    and path.name not in ("raw.csv.dvc", "unsafe-medium.json", "tidy.txt")
    and not path.name.startswith(("status-", "metrics"))
]


def compare(tool: str, path: Path) -> None:
    found = envelope(path.read_bytes(), source=path.name, producer=tool)
    expected = recount_tools.COUNTERS[tool](path.read_bytes())
    assert {key: found.facts[key] for key in expected} == expected


@pytest.mark.parametrize(("tool", "path"), OURS, ids=[f"{tool}:{path.name}" for tool, path in OURS])
def test_our_own_reports(tool: str, path: Path) -> None:
    compare(tool, path)


def test_every_tool_is_compared() -> None:
    assert {tool for tool, _ in OURS} == set(recount_tools.COUNTERS)


@pytest.mark.corpus
@pytest.mark.parametrize(("tool", "path"), FILES, ids=[f"{tool}:{path.name}" for tool, path in FILES])
def test_real_reports(tool: str, path: Path) -> None:
    if path.name in REFUSED:
        assert envelope(path.read_bytes(), source=path.name).status != "evaluated"
    else:
        compare(tool, path)


def test_the_second_count_shares_no_code() -> None:
    tree = ast.parse(Path(recount_tools.__file__).read_text(encoding="utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert not [name for name in imported if name.startswith(("gatekeeper", "tests"))]
