"""The cases that the documentation shows come as it says."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cases.scene import run

ROOT = Path(__file__).resolve().parents[2]
REPORT = '<testsuite name="s">' + "".join(f'<testcase classname="a" name="{name}"/>' for name in "bcd") + "</testsuite>"


def blocks(page: str) -> list[str]:
    """The YAML that a page shows."""
    return re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.DOTALL)


def test_the_cases_of_the_page_about_files() -> None:
    shown = blocks("files.md")
    policy = next(block for block in shown if "version: 2.1.0" in block)
    cases = next(block for block in shown if "kind: PolicyTest" in block)
    folder = "policies/tests/model-quality"
    report = run({"policies/p.yaml": policy, f"{folder}/c.yaml": cases, f"{folder}/reports/junit.xml": REPORT})
    assert (report.clean, report.total) == (True, 2)


def test_the_case_of_the_page_about_testing() -> None:
    (case,) = (block for block in blocks("policy-test.md") if "kind: PolicyTest" in block)
    policy = (ROOT / "policies" / "model-quality.yaml").read_text(encoding="utf-8")
    report = run({"policies/p.yaml": policy, "policies/tests/model-quality/c.yaml": case})
    assert (report.clean, report.total) == (True, 1)
