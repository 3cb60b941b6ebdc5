"""The installed command in a bad world: streams that nobody reads, odd files, paths and folders."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scene import FORMATS, NOW
from tests.conftest import Command
from tests.corpus import ROOT
from tests.policies import reports

POLICY = ROOT / "policies" / "model-quality.yaml"
ARGUMENTS = ("evaluate", "--policy", str(POLICY), "--now", NOW)


def judge(command: Command, *more: str | Path, **options: Any) -> tuple[int, str, str]:
    return command(*ARGUMENTS, *more, **options)


def in_shell(command: Command, line: str, **env: str) -> int:
    """The exit code of `$GATE`, run by a shell that arranges its streams."""
    given = {**os.environ, **env, "GATE": " ".join([str(command.executable), *ARGUMENTS])}
    return subprocess.run(["bash", "-c", line], cwd=command.folder, env=given, timeout=60).returncode


@pytest.fixture
def metrics(tmp_path: Path) -> Path:
    path = tmp_path / "metrics.json"
    path.write_bytes(reports.metrics())
    return path


@pytest.mark.parametrize(
    ("line", "code"),
    [
        pytest.param("$GATE --evidence metrics.json >&-", 4, id="stdout-closed"),
        pytest.param("$GATE --evidence metrics.json --output out.txt >&-", 0, id="stdout-closed-and-not-needed"),
        pytest.param("$GATE --evidence metrics.json >/dev/null 2>&-", 0, id="stderr-closed"),
        pytest.param("$GATE --evidence metrics.json >/dev/full", 4, id="stdout-full"),
        pytest.param("$GATE --evidence metrics.json --output /dev/full", 4, id="output-full"),
        pytest.param("$GATE --evidence metrics.json --decision /dev/full", 4, id="decision-full"),
        pytest.param("$GATE --evidence metrics.json --report json=/dev/full", 4, id="report-full"),
        pytest.param("$GATE --evidence metrics.json | true; exit ${PIPESTATUS[0]}", 4, id="nobody-reads"),
        pytest.param("$GATE --help | true; exit ${PIPESTATUS[0]}", 4, id="nobody-reads-the-help"),
        pytest.param("$GATE --help >/dev/full", 4, id="help-full"),
        pytest.param("$GATE --nonsense 2>/dev/full", 2, id="stderr-full"),
        pytest.param("$GATE --nonsense 2>&1 >/dev/null | true; exit ${PIPESTATUS[0]}", 2, id="nobody-reads-errors"),
        pytest.param("$GATE --evidence metrics.json --output /dev/null", 0, id="output-to-nowhere"),
        pytest.param("$GATE --evidence <(cat metrics.json) >/dev/null", 0, id="evidence-from-a-pipe"),
        pytest.param("$GATE --evidence /dev/stdin <metrics.json >/dev/null", 0, id="evidence-from-stdin"),
        pytest.param("$GATE --evidence /dev/zero >/dev/null", 3, id="evidence-from-a-device"),
        pytest.param("mkfifo pipe && $GATE --evidence pipe >/dev/null", 3, id="evidence-from-an-idle-pipe"),
        pytest.param("mkfifo pipe && $GATE --evidence . >/dev/null", 3, id="idle-pipe-in-a-folder"),
        pytest.param("$GATE --evidence metrics.json --debug --output /dev/full", 4, id="debug-keeps-the-code"),
        pytest.param("$GATE --evidence metrics.json --debug --policy nothing.yaml", 2, id="debug-keeps-the-code-2"),
        pytest.param("mkdir gone && cd gone && rmdir ../gone && $GATE", 2, id="folder-removed"),
    ],
)
def test_the_code_is_that_of_what_happened(gatekeeper: Command, metrics: Path, line: str, code: int) -> None:
    devices = [(os.stat(path).st_mode, os.stat(path).st_rdev) for path in ("/dev/full", "/dev/null")]
    assert in_shell(gatekeeper, line) == code
    assert [(os.stat(path).st_mode, os.stat(path).st_rdev) for path in ("/dev/full", "/dev/null")] == devices


def test_a_pipe_named_as_output_is_written_to(gatekeeper: Command, metrics: Path) -> None:
    code = in_shell(gatekeeper, "mkfifo p; cat p >read & $GATE --evidence metrics.json --output p; c=$?; wait; exit $c")
    assert code == 0
    assert "ALLOWED" in (gatekeeper.folder / "read").read_text()
    assert stat.S_ISFIFO(os.stat(gatekeeper.folder / "p").st_mode)


def test_a_link_named_as_output_leads_to_what_is_written(gatekeeper: Command, metrics: Path) -> None:
    link = gatekeeper.folder / "link"
    link.symlink_to("target")
    assert judge(gatekeeper, "--evidence", metrics, "--output", link)[0] == 0
    assert link.is_symlink()
    assert "ALLOWED" in (gatekeeper.folder / "target").read_text()


@pytest.mark.parametrize(
    "places",
    [
        ("--output", "x", "--decision", "x"),
        ("--output", "x", "--report", "json=./x"),
        ("--report", "json=x", "--report", "html=x"),
        ("--decision", "nowhere/x"),
        ("--decision", "."),
        ("--output", ""),
        ("--output", "nowhere/x"),
        ("--report", "json=."),
    ],
)
def test_results_that_cannot_both_be_written_are_refused_first(
    gatekeeper: Command, metrics: Path, places: tuple[str, ...]
) -> None:
    code, out, err = judge(gatekeeper, "--evidence", metrics, *places)
    assert (code, out) == (2, "")
    assert "error: " in err
    assert [path.name for path in gatekeeper.folder.iterdir()] == ["metrics.json"]


def test_nothing_half_written_is_left(gatekeeper: Command, metrics: Path) -> None:
    target = gatekeeper.folder / "out"
    target.write_text("as before")
    code = in_shell(gatekeeper, "ulimit -f 0; trap '' XFSZ; $GATE --evidence metrics.json --output out")
    assert code == 4
    assert target.read_text() == "as before"
    assert sorted(path.name for path in gatekeeper.folder.iterdir()) == ["metrics.json", "out"]


@pytest.mark.parametrize(
    "name",
    [
        "a b.json",
        "a\nb.json",
        "a=b.json",
        "metrics=x.json",
        "junit:x.json",
        "::error::x.json",
        "\x1b[31mred.json",
        "[x]*.json",
        "-rf",
        "<script>.json",
        "ünïcode-\u202e.json",
        os.fsdecode(b"\xff\xfe.json"),
    ],
)
def test_any_file_name_is_read_and_told_harmlessly(gatekeeper: Command, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(reports.metrics())
    reported = [part for form in FORMATS for part in ("--report", f"{form}=../{tmp_path.name}.{form}")]
    code, _, err = judge(gatekeeper, f"--evidence={name}", *reported, "--decision", f"../{tmp_path.name}.decision")
    assert (code, err) == (0, "")
    for form in FORMATS:
        text = (tmp_path.parent / f"{tmp_path.name}.{form}").read_text(encoding="utf-8")
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert form != "html" or "<script>.json" not in text
        assert "\n::error::" not in text


def test_a_file_by_two_ways_is_one_file(gatekeeper: Command, metrics: Path) -> None:
    ways = ("metrics.json", "./metrics.json", str(metrics), f"../{metrics.parent.name}/metrics.json")
    assert judge(gatekeeper, *(part for way in ways for part in ("--evidence", way)))[0] == 0


def test_what_cannot_be_read_in_a_folder_or_pattern_is_missed(gatekeeper: Command, tmp_path: Path) -> None:
    place = tmp_path / "reports"
    place.mkdir()
    (place / "metrics.json").write_bytes(reports.metrics())
    assert judge(gatekeeper, "--evidence", place)[0] == 0
    (place / "gone.json").symlink_to("nowhere")
    for spec in ("reports", "reports/*.json"):
        code, out, _ = judge(gatekeeper, "--evidence", spec)
        assert code == 3, spec
        assert "gone.json" in out


def test_a_link_in_a_circle_is_one_broken_report_among_others(gatekeeper: Command, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "metrics.json").write_bytes(reports.metrics())
    (folder / "circle.json").symlink_to("circle.json")
    code, stdout, _ = judge(gatekeeper, "--evidence", folder, "--format", "json")
    found = {one["rule"]: one["result"] for one in json.loads(stdout)["results"]}
    assert (code, found["circle.json"], found["accuracy"]) == (3, "error", "pass")


def test_linked_folders_are_read_and_loops_end(gatekeeper: Command, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "metrics.json").write_bytes(reports.metrics(accuracy=0.1))
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "shard").symlink_to("../elsewhere")
    (tmp_path / "reports" / "loop").symlink_to("../reports")
    (tmp_path / "elsewhere" / "back").symlink_to("../reports")
    assert judge(gatekeeper, "--evidence", "reports")[0] == 1


def test_too_many_files_are_undecided_never_a_part_of_them(gatekeeper: Command, tmp_path: Path) -> None:
    place = tmp_path / "reports"
    place.mkdir()
    first = place / "0.json"
    first.write_bytes(reports.metrics())
    for number in range(1, 10_001):
        os.link(first, place / f"{number}.json")
    code, out, _ = judge(gatekeeper, "--evidence", place)
    assert code == 3
    assert "more than 10000" in out


@pytest.mark.parametrize(
    "env",
    [
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
        {"PYTHONIOENCODING": "ascii:strict"},
        {"PYTHONIOENCODING": "utf-16"},
        {"PYTHONOPTIMIZE": "2"},
        {"PYTHONWARNINGS": "error"},
        {"PYTHONDEVMODE": "1", "PYTHONWARNINGS": "error"},
        {"HOME": "/nonexistent"},
        {"COLUMNS": "x", "TERM": "", "NO_COLOR": ""},
    ],
    ids=str,
)
@pytest.mark.parametrize("accuracy", [0.96, 0.5, None])
def test_the_surroundings_change_nothing(
    gatekeeper: Command, tmp_path: Path, env: Mapping[str, str], accuracy: float | None
) -> None:
    (tmp_path / "métrics.json").write_bytes(reports.metrics(accuracy=accuracy))
    usual = judge(gatekeeper, "--evidence", "métrics.json")
    assert judge(gatekeeper, "--evidence", "métrics.json", env=env) == usual
    assert usual[0] == {0.96: 0, 0.5: 1, None: 3}[accuracy]


@pytest.mark.parametrize("content", [b"\xff", b"[]", b"{}", b"kind: Project", b"a: &a [*a, *a]", b"\x00" * 9])
def test_a_broken_project_file_judges_nothing(gatekeeper: Command, metrics: Path, content: bytes) -> None:
    (gatekeeper.folder / "gatekeeper.yaml").write_bytes(content)
    code, out, err = judge(gatekeeper, "--evidence", metrics)
    assert (code, out) == (2, "")
    assert "gatekeeper.yaml" in err


def test_an_envelope_is_printed_for_every_file_of_every_name(gatekeeper: Command, tmp_path: Path) -> None:
    name = os.fsdecode(b"\xff.json")
    (tmp_path / name).write_bytes(b"{")
    code, out, err = gatekeeper("evidence", "read", name, "nothing.json", "no*.json", "/dev/null")
    assert (code, err) == (3, "")
    assert [one["status"] for one in json.loads(out)] == ["error", "not_evaluated", "not_evaluated", "error"]


def run_tool(command: Command, line: str) -> int:
    env = {**os.environ, "RUN": f"{command.executable} run --name it"}
    return subprocess.run(["bash", "-c", line], cwd=command.folder, env=env, timeout=60).returncode


@pytest.mark.parametrize(
    ("line", "code", "recorded"),
    [
        pytest.param("$RUN -- seq 3 >&-", 0, 0, id="stdout-closed"),
        pytest.param("$RUN -- seq 3 >/dev/full", 0, 0, id="stdout-full"),
        pytest.param("$RUN -- sh -c 'seq 99999; exit 7' | true; exit ${PIPESTATUS[0]}", 7, 7, id="nobody-reads"),
        pytest.param("$RUN -- sh -c 'sleep 300 & exit 3'", 3, 3, id="a-process-is-left-behind"),
        pytest.param("$RUN -- sh -c 'kill -9 $$'", 137, 137, id="killed"),
        pytest.param("cp $(which true) 'a\\b'; $RUN -- './a\\b'", 0, 0, id="backslash"),
        pytest.param("cp $(which false) $'\\xff'; $RUN -- $'./\\xff'", 1, 1, id="no-text"),
        pytest.param("$RUN -- true; $RUN -- nothing-here", 4, None, id="an-older-record-goes"),
        pytest.param("$RUN --output nowhere/it.json -- touch ran", 2, None, id="no-folder"),
        pytest.param("$RUN -- ''", 4, None, id="nothing"),
    ],
)
def test_a_run_is_recorded_as_it_ended(gatekeeper: Command, line: str, code: int, recorded: int | None) -> None:
    assert run_tool(gatekeeper, line) == code
    record = gatekeeper.folder / "it.json"
    assert (json.loads(record.read_text())["exit_status"] if record.exists() else None) == recorded
    assert not (gatekeeper.folder / "ran").exists()
    if recorded is not None:
        assert gatekeeper("evidence", "read", record)[0] == 0


@pytest.mark.parametrize("option", ["--artifact", "--evidence", "--policy", "--now", "--env", "--repo", "--decision"])
def test_a_variable_that_was_never_set_is_a_mistake_and_no_default(
    gatekeeper: Command, metrics: Path, option: str
) -> None:
    code, out, err = judge(gatekeeper, "--evidence", metrics, option, "")
    assert (code, out) == (2, "")
    assert err


@pytest.mark.parametrize(
    "spec", ["reports/a:b.json", "metrics=reports/a:b.json", "json:reports/a:b.json", "metrics=json:reports/*.json"]
)
@pytest.mark.parametrize("place", [".", "deep/er"])
def test_the_projects_evidence_lies_beside_the_project(
    gatekeeper: Command, tmp_path: Path, spec: str, place: str
) -> None:
    for name in ("reports", "deep/er"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "reports" / "a:b.json").write_bytes(reports.metrics())
    project = {"apiVersion": "gatekeeper/v1", "kind": "Project", "spec": {"evidence": [spec]}}
    (tmp_path / "gatekeeper.yaml").write_text(json.dumps(project))
    assert judge(gatekeeper, cwd=tmp_path / place)[0] == 0
