"""The cases of the shipped policies: all hold, on both engines, and every small change of a policy makes one fail."""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path

import pytest

from gatekeeper.app.testing import Asked, run_tests
from gatekeeper.connect.folder import FolderTree
from gatekeeper.judge.cel import load_engine
from gatekeeper.model.project import Folders
from gatekeeper.model.tested import TestedPolicy, TestReport
from tests.conftest import Command
from tests.judging import ENGINES

ROOT = Path(__file__).resolve().parent.parent.parent
NAMES = sorted(path.stem for path in (ROOT / "policies").glob("*.yaml"))


@cache
def report(*engines: str) -> TestReport:
    coverage = len(engines) == 1
    asked = Asked(coverage=coverage, min_coverage=100 if coverage else None)
    return run_tests(FolderTree(str(ROOT)), Folders(), [load_engine(name) for name in engines], asked)


def outcome_of(name: str) -> TestedPolicy:
    return next(policy for policy in report(ENGINES[0]).policies if policy.name == name)


def test_every_case_holds_on_both_engines() -> None:
    both = report(*ENGINES)
    assert [case.name for policy in both.policies for case in policy.cases if not case.passed] == []
    assert both.total == report(ENGINES[0]).total
    assert both.findings == ()


@pytest.mark.parametrize("name", NAMES)
def test_no_small_change_of_a_policy_goes_unnoticed(name: str) -> None:
    coverage = outcome_of(name).coverage
    assert coverage is not None
    caught = f"{name}: {coverage.killed} of {coverage.mutants} changes caught by {len(outcome_of(name).cases)} cases"
    print(f"{caught}; {coverage.equivalent} mean the same, {coverage.refused} are refused")
    assert coverage.survivors == ()
    assert coverage.missing == ()
    assert (coverage.percent, coverage.mutants) >= (100, 10)


def test_policy_check_finds_nothing(gatekeeper: Command) -> None:
    for name in ("policies", "environments"):
        shutil.copytree(ROOT / name, gatekeeper.folder / name)
    done = gatekeeper("policy", "check", "--format", "json")
    assert (done.code, json.loads(done.stdout)["findings"]) == (0, [])


def test_every_policy_is_tested() -> None:
    assert sorted(policy.name for policy in report(ENGINES[0]).policies) == NAMES
    assert report(ENGINES[0]).clean


def test_case_names_are_unique_in_their_policy() -> None:
    for policy in report(ENGINES[0]).policies:
        names = [case.name for case in policy.cases]
        assert len(set(names)) == len(names)
