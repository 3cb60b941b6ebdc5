"""The README is true: its example's output, its tables, and its two commands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gatekeeper.cli.codes import TABLE
from gatekeeper.evidence.registry import PRODUCERS
from gatekeeper.manifests import FORMATS
from gatekeeper.reports import RENDERERS

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def table(heading: str) -> list[list[str]]:
    """The rows of the table below a heading, cell by cell."""
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_the_example_prints_what_the_readme_shows() -> None:
    run = subprocess.run([sys.executable, ROOT / "scripts" / "readme", "--check"], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")


def test_every_exit_status_is_in_the_table() -> None:
    assert [int(row[0]) for row in table("Exit status")] == [code for code, _ in TABLE]


def test_every_producer_is_in_the_table_with_its_kind() -> None:
    rows = {name: row[1] for row in table("What it reads") for name in names(row[0])}
    assert rows == {name: entry.kind for name, entry in PRODUCERS.items()}


def test_every_report_format_is_in_the_table() -> None:
    assert sorted(name for row in table("What it writes") for name in names(row[0])) == sorted(RENDERERS)


def test_every_manifest_format_is_in_the_table() -> None:
    assert sorted(name for row in table("What it edits") for name in names(row[0])) == sorted(FORMATS)


@pytest.mark.parametrize("script", re.findall(r"^(scripts/\w+)", README, re.M))
def test_the_commands_of_the_first_screen_can_be_run(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)
