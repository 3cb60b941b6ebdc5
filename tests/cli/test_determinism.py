"""Same inputs, same clock: the same bytes of judgement, from any folder, in any order, under any surroundings."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.records.canonical import canonical
from tests.cli.scene import IMAGE, NOW, write_reports
from tests.conftest import Command
from tests.corpus import ROOT
from tests.policies import reports

POLICIES = ("model-quality", "fairness", "code-health", "supply-chain")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Policies and reports in `project/`; among the reports are two shards, a broken file and one of no known form."""
    folder = tmp_path / "project"
    (folder / "policies").mkdir(parents=True)
    for name in POLICIES:
        shutil.copy(ROOT / "policies" / f"{name}.yaml", folder / "policies")
    changed = {"shard.xml": reports.junit(passed=3), "broken.json": b'{"a": 1, "a": 2}', "odd.json": b"[1]"}
    write_reports(folder, changed)
    return folder


def record(command: Command, cwd: Path, *arguments: str | Path, env: Mapping[str, str] | None = None) -> bytes:
    """The canonical bytes of the judgement."""
    place = command.folder / "record.json"
    code, _, err = command(
        "evaluate", "--now", NOW, "--artifact", IMAGE, *arguments, "--decision", place, cwd=cwd, env=env
    )
    assert code in (0, 1, 3), err
    predicate = json.loads(place.read_bytes())["predicate"]
    return canonical(predicate["judgement"])


def given(policies: list[str] | tuple[str, ...], *evidence: str) -> list[str]:
    return [
        *(part for policy in policies for part in ("--policy", policy)),
        *(part for one in evidence for part in ("--evidence", one)),
    ]


def test_from_any_folder_by_any_path(gatekeeper: Command, here: Path, tmp_path: Path) -> None:
    names = [f"policies/{name}.yaml" for name in POLICIES]
    usual = record(gatekeeper, here, *given(names, "reports"))
    absolute = [str(here / name) for name in names]
    assert record(gatekeeper, here, *given(absolute, str(here / "reports"))) == usual
    assert record(gatekeeper, tmp_path, *given([f"project/{name}" for name in names], "project/reports/")) == usual
    assert record(gatekeeper, here / "reports", *given([f"../{name}" for name in names], ".")) == usual
    assert record(gatekeeper, Path("/"), *given([name[1:] for name in absolute], str(here / "reports")[1:])) == usual
    moved = tmp_path / "elsewhere" / "deeper"
    shutil.copytree(here, moved)
    assert record(gatekeeper, moved, *given(names, "reports")) == usual
    assert str(tmp_path).encode()[1:] not in usual


def test_in_any_order(gatekeeper: Command, here: Path) -> None:
    names = [f"policies/{name}.yaml" for name in POLICIES]
    files = sorted(f"reports/{path.name}" for path in (here / "reports").iterdir())
    usual = record(gatekeeper, here, *given(names, *files))
    for order in list(permutations(names))[1::7]:
        assert record(gatekeeper, here, *given(order, *reversed(files))) == usual


@pytest.mark.parametrize(
    "env",
    [
        {"TZ": "Pacific/Kiritimati"},
        {"TZ": "America/St_Johns", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "2", "LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"},
        {"HOME": "/nonexistent", "USER": "somebody", "HOSTNAME": "somewhere"},
        {"PYTHONOPTIMIZE": "2"},
    ],
    ids=str,
)
def test_under_any_surroundings(gatekeeper: Command, here: Path, env: dict[str, str]) -> None:
    arguments = given([f"policies/{name}.yaml" for name in POLICIES], "reports")
    assert record(gatekeeper, here, *arguments, env=env) == record(gatekeeper, here, *arguments)


def test_the_report_still_tells_the_path_that_was_given(gatekeeper: Command, here: Path) -> None:
    arguments = ["evaluate", "--now", NOW, *given(["policies/model-quality.yaml"], "reports/metrics.json")]
    found: dict[str, Any] = json.loads(gatekeeper(*arguments, "--format", "json", cwd=here).stdout)
    assert {one["file"] for one in found["results"]} == {"policies/model-quality.yaml"}


def test_each_evidence_has_its_own_source(gatekeeper: Command, here: Path) -> None:
    policy = (here / "policies" / "model-quality.yaml").read_text()
    second = (
        policy.replace("name: model-quality", "name: second")
        .replace("metrics:", "other:")
        .replace("in: metrics", "in: other")
        .replace("evidence.metrics.", "evidence.other.")
    )
    (here / "second.yaml").write_text(second)
    shutil.copy(here / "reports" / "metrics.json", here / "same.json")
    evidence = ("metrics=reports/metrics.json", "other=same.json")
    arguments = ["evaluate", "--now", NOW, *given(["policies/model-quality.yaml", "second.yaml"], *evidence)]
    found: dict[str, Any] = json.loads(gatekeeper(*arguments, "--format", "json", cwd=here).stdout)
    assert {one["name"]: one["source"] for one in found["evidence"]} == {
        "metrics": "reports/metrics.json",
        "other": "same.json",
    }
