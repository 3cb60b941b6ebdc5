"""What a cold `gatekeeper evaluate` loads: every module here is paid for at each start, in every CI job."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scene import IMAGE, make_repository, write_fresh_reports
from tests.conftest import Golden
from tests.corpus import ROOT

# Run in an interpreter of its own: the modules that it has before and after are the price of the command.
PROBE = """
import sys
before = set(sys.modules)
from gatekeeper.__main__ import main
try:
    main()
except SystemExit as end:
    code = end.code
loaded = set(sys.modules) - before
import json
print(json.dumps({"code": code, "modules": sorted(loaded)}), file=sys.stderr)
"""

HEAVY_NAMES = """
asyncio celpy concurrent cryptography ctypes dataclasses difflib email git google http importlib.metadata jsonschema
lark logging multiprocessing pathlib pendulum random shutil socket sqlite3 ssl subprocess tempfile unittest urllib
xml.dom xml.sax zipfile
"""
HEAVY = HEAVY_NAMES.split()
# Git is a process with folders of its own; the others are asked only where a file names them.
HEAVY_TO_PROMOTE = sorted({*HEAVY, "urllib3", "zoneinfo"} - {"random", "shutil", "subprocess", "tempfile", "urllib"})


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The exit code and the modules of a cold evaluate of six reports by twelve rules."""
    folder = tmp_path_factory.mktemp("start")
    reports = folder / "reports"
    subprocess.run([sys.executable, ROOT / "benchmarks" / "reports.py", reports], check=True, capture_output=True)
    evidence = [part for path in sorted(reports.iterdir()) for part in ("--evidence", str(path))]
    policy = ROOT / "benchmarks" / "cold" / "policy.yaml"
    arguments = ["evaluate", "--policy", str(policy), *evidence, "--format", "json"]
    return probed(folder, arguments)


def probed(folder: Path, arguments: list[str]) -> dict[str, Any]:
    """The exit code and the modules of one command, run there."""
    run = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], cwd=folder, capture_output=True, encoding="utf-8", check=True
    )
    return dict(json.loads(run.stderr.splitlines()[-1]))


def test_the_benchmark_is_allowed(start: dict[str, Any]) -> None:
    assert start["code"] == 0


def test_a_commit_loads_nothing_that_only_others_need(tmp_path: Path) -> None:
    make_repository(tmp_path)
    write_fresh_reports(tmp_path)
    where = ["--env", "staging", "--repo", "gitops.git", "--artifact", IMAGE, "--evidence", "reports/*"]
    found = probed(tmp_path, ["promote", *where, "--format", "json"])
    assert found["code"] == 0
    heavy = {name for name in HEAVY_TO_PROMOTE for module in found["modules"] if f"{module}.".startswith(f"{name}.")}
    assert heavy == set()


@pytest.mark.parametrize("name", HEAVY)
def test_nothing_heavy_is_loaded(start: dict[str, Any], name: str) -> None:
    assert not [module for module in start["modules"] if module == name or module.startswith(f"{name}.")]


def test_the_modules_are_those_that_were_agreed(start: dict[str, Any], golden: Golden) -> None:
    # The standard library's own inner modules differ between Pythons; what we and our dependencies load does not.
    ours = [name for name in start["modules"] if name.partition(".")[0] not in sys.stdlib_module_names]
    golden("evaluate-modules.txt", "\n".join(ours) + "\n")


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the list of standard modules was written with Python 3.11")
def test_the_standard_modules_are_those_that_were_agreed(start: dict[str, Any], golden: Golden) -> None:
    standard = {name.partition(".")[0] for name in start["modules"]} & sys.stdlib_module_names
    golden("evaluate-standard-modules.txt", "\n".join(sorted(standard)) + "\n")


def test_the_golden_list_is_in_use() -> None:
    assert "gatekeeper.judge" in Path(ROOT, "tests/golden/evaluate-modules.txt").read_text(encoding="utf-8")
