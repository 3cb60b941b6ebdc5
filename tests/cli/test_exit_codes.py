"""The exit-code table, row by row, over the installed command, in every format."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gatekeeper.cli import codes
from tests.cli.scene import FORMATS, IMAGE, NOW, change, make_repository, shown, tip, write_fresh_reports, write_reports
from tests.conftest import Command
from tests.policies import reports

WAIVER = """
apiVersion: gatekeeper/v1
kind: Waiver
metadata: {name: low}
spec: {policy: model-quality, rule: accuracy, environments: [staging], reason: r, ticket: T-1, requested_by: a,
       approved_by: b, granted: 2026-11-20, expires: 2026-12-01}
"""
every_format = pytest.mark.parametrize("format_", FORMATS)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path)


def evaluate(command: Command, repository: Path, format_: str, *more: str | Path) -> tuple[int, str, str]:
    arguments = ["evaluate", "--env", "staging", "--repo", repository, "--artifact", IMAGE, "--now", NOW]
    return command(*arguments, "--format", format_, *more)


@every_format
def test_0_allowed(gatekeeper: Command, repository: Path, tmp_path: Path, format_: str) -> None:
    code, out, err = evaluate(gatekeeper, repository, format_, "--evidence", write_reports(tmp_path))
    assert (code, err) == (0, "")
    assert out


@every_format
def test_1_denied_whatever_is_missing(gatekeeper: Command, repository: Path, tmp_path: Path, format_: str) -> None:
    place = write_reports(tmp_path, {"metrics.json": reports.metrics(accuracy=0.5, f1=None), "trivy.json": None})
    code, out, err = evaluate(gatekeeper, repository, format_, "--evidence", place)
    assert (code, err) == (1, "")
    assert out


@every_format
def test_2_an_invalid_policy_judges_nothing(
    gatekeeper: Command, repository: Path, tmp_path: Path, format_: str
) -> None:
    text = shown(repository, "policies/model-quality.yaml").replace("severity: high", "severty: high", 1)
    change(repository, {"policies/model-quality.yaml": text})
    code, out, err = evaluate(gatekeeper, repository, format_, "--evidence", write_reports(tmp_path))
    assert (code, out) == (2, "")
    assert "policies/model-quality.yaml:" in err
    assert "severity" in err


@every_format
def test_3_undecided(gatekeeper: Command, repository: Path, tmp_path: Path, format_: str) -> None:
    place = write_reports(tmp_path, {"metrics.json": reports.metrics(f1=None)})
    code, out, err = evaluate(gatekeeper, repository, format_, "--evidence", place)
    assert (code, err) == (3, "")
    assert out


@every_format
def test_4_could_not_act(gatekeeper: Command, tmp_path: Path, format_: str) -> None:
    code, out, err = evaluate(gatekeeper, tmp_path / "nowhere.git", format_, "--evidence", write_reports(tmp_path))
    assert (code, out) == (4, "")
    assert err


@every_format
def test_5_waiting(gatekeeper: Command, repository: Path, tmp_path: Path, format_: str) -> None:
    place = write_fresh_reports(tmp_path)
    arguments = ["--env", "production", "--repo", repository, "--artifact", IMAGE, "--evidence", place]
    before = tip(repository)
    for command in ("plan", "promote"):
        code, out, _ = gatekeeper(command, *arguments, "--format", format_)
        assert code == 5
        assert out
    assert tip(repository) == before


def test_0_waived(gatekeeper: Command, repository: Path, tmp_path: Path) -> None:
    change(repository, {"waivers/low.yaml": WAIVER})
    place = write_reports(tmp_path, {"metrics.json": reports.metrics(accuracy=0.5)})
    code, out, _ = evaluate(gatekeeper, repository, "json", "--evidence", place)
    assert code == 0
    assert json.loads(out)["counts"] == {
        "pass": 19, "fail": 1, "inconclusive": 0, "missing": 0, "error": 0, "skipped": 0, "waived": 1
    }  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["evaluate", "--nonsense"],
        ["nonsense"],
        ["evaluate"],
        ["evaluate", "--env", "staging", "--policy", "p.yaml"],
        ["evaluate", "--policy", "nowhere.yaml"],
        ["evaluate", "--policy", "p.yaml", "--format", "yaml"],
        ["evaluate", "--policy", "p.yaml", "--report", "json"],
        ["evaluate", "--policy", "p.yaml", "--report", "nonsense=file"],
        ["evaluate", "--policy", "p.yaml", "--output", "no/such/folder/file"],
        ["evaluate", "--policy", "p.yaml", "--evidence", "nonsense:file"],
        ["evaluate", "--policy", "p.yaml", "--evidence", "mlflow:run"],
        ["evaluate", "--policy", "p.yaml", "--evidence", "nothing=m.json"],
        ["evaluate", "--policy", "p.yaml", "--now", "yesterday"],
        ["evaluate", "--policy", "p.yaml", "--engine", "cel-go"],
        ["evaluate", "--policy", "p.yaml", "--artifact", "Not An Image"],
        ["evaluate", "--policy", "p.yaml", "--artifact", "nowhere.yaml"],
        ["evaluate", "--policy", "p.yaml", "--sign-key", "k.pem"],
        ["evaluate", "--policy", "p.yaml", "--policy-repo", "x"],
        ["evaluate", "--policy", "p.yaml", "--repo", "x"],
        ["promote", "--env", "staging"],
        ["promote", "--env", "staging", "--repo", "x", "--artifact", "x:1", "--now", NOW],
        ["promote", "--repo", "x", "--artifact", "x:1"],
        ["promote", "--env", "staging", "--from", "dev"],
        ["promote", "--env", "staging", "--repo", "x", "--override", "because"],
        ["evidence", "bind", "x"],
        ["evidence", "read", "--as", "nonsense", "m.json"],
        ["policy", "check"],
        ["policy", "show"],
        ["schema", "nonsense"],
        ["run", "--name", "x"],
        ["rollback", "--env", "staging", "--reason", "x"],
        ["status", "--env", "nowhere"],
        ["audit", "verify"],
        ["doctor"],
    ],
)
def test_2_usage(gatekeeper: Command, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "m.json").write_text('{"a": 1}')
    (tmp_path / "p.yaml").write_text(
        "apiVersion: gatekeeper/v1\nkind: Policy\nmetadata: {name: p, version: 1.0.0}\n"
        "spec:\n  evidence: {metrics: {kind: metrics}}\n  rules: [{id: it, why: w, remedy: r, require: 'true'}]\n"
    )
    code, out, err = gatekeeper(*arguments)
    assert (code, out) == (2, "")
    assert err


@pytest.mark.parametrize("spec", ["nowhere.json", "metrics=nowhere.json", "*.nothing", "json:nowhere.json"])
def test_3_a_missing_path_or_empty_glob(gatekeeper: Command, repository: Path, tmp_path: Path, spec: str) -> None:
    place = write_reports(tmp_path)
    if spec.startswith("metrics="):
        (place / "metrics.json").unlink()
    code, _, _ = evaluate(gatekeeper, repository, "text", "--evidence", place, "--evidence", spec)
    assert code == 3


def test_70_a_bug_is_never_a_verdict(tmp_path: Path) -> None:
    code = (
        "import gatekeeper.app.evaluate as e\n"
        "def broken(*_): raise RuntimeError('secret')\n"
        "e.evaluate = broken\n"
        "import sys; sys.argv = ['gatekeeper', 'evaluate', '--policy', 'p.yaml']\n"
        "from gatekeeper.__main__ import main; main()\n"
    )
    (tmp_path / "p.yaml").write_text("x")
    run = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (codes.BUG, "")
    assert "RuntimeError" in run.stderr
    assert "secret" not in run.stderr
    assert "Traceback" not in run.stderr


def test_130_interrupted(tmp_path: Path) -> None:
    fifo = tmp_path / "slow.json"
    os.mkfifo(fifo)
    command = [Path(sys.executable).with_name("gatekeeper"), "evidence", "read", str(fifo)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path)
    with open(fifo, "wb"):  # opening waits until the command reads: then it is where it can be interrupted
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (codes.INTERRUPTED, b"")


def test_the_table_is_the_contract(gatekeeper: Command) -> None:
    assert [code for code, _ in codes.TABLE] == [0, 1, 2, 3, 4, 5, 70, 130]
    code, out, _ = gatekeeper("--help")
    assert code == 0
    for number, meaning in codes.TABLE:
        assert f"{number} " in out
        assert meaning.split(":")[0] in out
