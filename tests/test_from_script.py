"""The page "from a script to a policy": what it prints is what is there, and each row of its table is what happens."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import Command

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "hand-written-gate"
PAGE = (ROOT / "docs" / "from-script-to-policy.md").read_text()


class Row(NamedTuple):
    """One row of the page's table."""

    report: str
    script: str
    verdict: str


TABLE = [
    Row(match[1], match[2], match[3])
    for match in re.finditer(r"^\| `(.+?)` \|.*\| \**(\w+)\** \| (\w+) \|$", PAGE, re.M)
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.report)
def test_both_gates_do_what_the_page_says(gatekeeper: Command, row: Row) -> None:
    report = EXAMPLE / "metrics" / row.report
    script = subprocess.run(
        [sys.executable, "-I", EXAMPLE / "gate.py", report], capture_output=True, text=True, check=False
    )
    assert {"passes": 0, "fails": 1}[row.script] == script.returncode
    assert script.stdout.startswith("PASS" if row.script == "passes" else "FAIL")

    judged = gatekeeper("evaluate", "--policy", EXAMPLE / "policy.yaml", "--evidence", report, "--format", "json")
    assert json.loads(judged.stdout)["verdict"] == row.verdict
    assert judged.code == {"allowed": 0, "denied": 1, "undecided": 3}[row.verdict]


def test_every_report_has_its_row() -> None:
    assert sorted(row.report for row in TABLE) == sorted(path.name for path in (EXAMPLE / "metrics").iterdir())


def test_the_script_lets_through_what_gatekeeper_does_not_and_never_the_reverse() -> None:
    fooled = [row for row in TABLE if row.script == "passes" and row.verdict != "allowed"]
    assert len(fooled) == len(TABLE) - 2
    assert not [row for row in TABLE if row.script == "fails" and row.verdict == "allowed"]


@pytest.mark.parametrize(("language", "file"), [("python", "gate.py"), ("yaml", "policy.yaml")])
def test_the_page_prints_the_files_as_they_are(language: str, file: str) -> None:
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)
    assert blocks
    assert all(block in (EXAMPLE / file).read_text() for block in blocks)
