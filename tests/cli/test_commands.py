"""The smaller commands: evidence, run, schema, policy show; and help for every one."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from gatekeeper.cli.group import COMMANDS
from tests.cli.scene import make_repository, write_reports
from tests.conftest import Command, Golden
from tests.policies import reports


def test_evidence_read_prints_envelopes(gatekeeper: Command, tmp_path: Path) -> None:
    write_reports(tmp_path)
    code, out, _ = gatekeeper("evidence", "read", "reports/junit.xml", "image=trivy:reports/trivy.json")
    tests, scan = json.loads(out)
    assert code == 0
    assert (tests["name"], tests["kind"], tests["producer"]["name"]) == (None, "tests", "junit")
    assert (scan["name"], scan["status"], scan["subjects"]) == ("image", "evaluated", [reports.DIGEST])
    assert scan["facts"]["counts"]["critical"] == 0


@pytest.mark.parametrize("content", ["", "{", "<html>", '{"SchemaVersion": 2, "ArtifactName": "x", "Results": null}'])
def test_evidence_read_says_why_not(gatekeeper: Command, tmp_path: Path, content: str) -> None:
    (tmp_path / "x").write_text(content)
    code, out, _ = gatekeeper("evidence", "read", "x")
    (envelope,) = json.loads(out)
    assert code == 3
    assert envelope["status"] in ("error", "not_evaluated")
    assert envelope["reason"]
    assert envelope["facts"] == {}


def test_evidence_read_as_a_named_producer(gatekeeper: Command, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"a": 1}')
    code, out, _ = gatekeeper("evidence", "read", "--as", "trivy", "x.json")
    assert code == 3
    assert json.loads(out)[0]["producer"]["name"] == "trivy"


def test_evidence_paths_are_what_rules_read(gatekeeper: Command, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"a": 1, "odd name": 2.5}')
    code, out, _ = gatekeeper("evidence", "read", "--paths", "metrics=x.json")
    assert code == 0
    assert "evidence.metrics.values.a = 1\n" in out
    assert "evidence.metrics.values['odd name'] = 2.5\n" in out


def test_evidence_kinds_lists_every_kind(gatekeeper: Command) -> None:
    code, out, _ = gatekeeper("evidence", "kinds")
    assert code == 0
    for kind in ("metrics", "fairness", "tests", "lint", "scan", "load", "command"):
        assert kind in out
    code, out, _ = gatekeeper("evidence", "kinds", "--format", "json")
    assert (code, bool(json.loads(out))) == (0, True)


@pytest.mark.parametrize("status", [0, 1, 3, 123])
def test_run_records_how_a_tool_ended(gatekeeper: Command, tmp_path: Path, status: int) -> None:
    script = f"import sys; print('out'); print('err', file=sys.stderr); sys.exit({status})"
    tool = [sys.executable, "-c", script, "--secret=hunter2"]
    code, out, err = gatekeeper("run", "--name", "tool", "--", *tool, env={"PYTHONWARNINGS": "error"})
    assert code == status
    assert "Warning" not in err
    assert {"out", "err"} <= set(out.split())
    text = (tmp_path / "tool.json").read_text()
    assert "hunter2" not in text
    code, out, _ = gatekeeper("evidence", "read", "tool.json")
    assert code == 0
    assert json.loads(out)[0]["facts"]["exit_status"] == status


def test_run_of_a_tool_that_a_signal_ended(gatekeeper: Command, tmp_path: Path) -> None:
    script = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    assert gatekeeper("run", "--name", "tool", "--", sys.executable, "-c", script)[0] == 137
    assert json.loads((tmp_path / "tool.json").read_text())["exit_status"] == 137


def test_run_of_a_tool_that_is_not_there(gatekeeper: Command, tmp_path: Path) -> None:
    assert gatekeeper("run", "--name", "tool", "--", "no-such-tool-anywhere")[0] == 4
    assert not (tmp_path / "tool.json").exists()


@pytest.mark.parametrize(
    "kind", ["policy", "environment", "waiver", "artifact", "project", "report", "decision", "Policy"]
)
def test_schema_prints_a_schema(gatekeeper: Command, kind: str) -> None:
    code, out, _ = gatekeeper("schema", kind)
    assert code == 0
    assert json.loads(out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_policy_show_of_an_environment(gatekeeper: Command, tmp_path: Path, golden: Golden) -> None:
    repository = make_repository(tmp_path)
    code, out, _ = gatekeeper("policy", "show", "--env", "production", "--repo", repository, "--cel")
    assert code == 0
    golden("policy-show-production.txt", out)
    code, out, _ = gatekeeper("policy", "show", "--env", "production", "--repo", repository, "--format", "json")
    policies = json.loads(out)[0]["policies"]
    setting = policies[0]["parameters"]["min_accuracy"]
    assert (setting["value"], setting["origin"]) == (0.88, "environment")


@pytest.mark.parametrize("command", list(COMMANDS))
def test_every_command_explains_itself(gatekeeper: Command, command: str) -> None:
    code, out, _ = gatekeeper(command, "--help")
    assert code == 0
    groups = ("evidence", "hold", "policy", "waiver")
    assert "Commands:" in out if command in groups else "Example:" in out


ACTING = ("plan", "promote", "rollback", "status", "approve", "hold add", "hold remove", "hold list", "waiver list")


@pytest.mark.parametrize("command", [*ACTING, "waiver check", "evaluate"])
def test_what_promotes_or_decides_says_how_it_ends(gatekeeper: Command, command: str) -> None:
    out = gatekeeper(*command.split(), "--help").stdout
    assert re.search(r"Exit codes:\s+(0|those that promote would give)", out)


def test_version(gatekeeper: Command) -> None:
    from gatekeeper import __version__

    assert gatekeeper("--version") == (0, f"gatekeeper {__version__}\n", "")


def test_talk_goes_to_stderr_and_only_when_asked(gatekeeper: Command, tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text('{"accuracy": 0.9}')
    policy = Path(__file__).parents[2] / "policies" / "model-quality.yaml"
    arguments = ["evaluate", "--policy", policy, "--evidence", "m.json", "--now", "2026-11-23T12:00:00Z"]
    silent = gatekeeper(*arguments)
    talking = gatekeeper(*arguments, "-v")
    assert silent.stderr == ""
    assert talking.stderr == "reading m.json\njudging\n"
    assert talking.stdout == silent.stdout
    assert gatekeeper(*arguments, "-v", "-q").stderr == ""


def test_a_file_that_got_a_name_is_not_met_again_in_its_folder(gatekeeper: Command, tmp_path: Path) -> None:
    write_reports(tmp_path)
    code, out, _ = gatekeeper("evidence", "read", "reports", "image=trivy:reports/trivy.json", "./reports")
    assert code == 0
    envelopes = json.loads(out)
    assert len(envelopes) == 9
    assert [one["name"] for one in envelopes if one["kind"] == "scan"] == ["image"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["evalute"], "There is no command `gatekeeper evalute`. Did you mean 'evaluate'?"),
        (["policy", "tst"], "There is no command `gatekeeper policy tst`. Did you mean 'test'?"),
        (["evidence", "zzz"], "There is no command `gatekeeper evidence zzz`.\n"),
        (["evidence", "kinds", "scn"], "there is no kind 'scn'\n  Did you mean 'scan'?"),
        (["policy", "backtest"], "`gatekeeper policy backtest` is not built in this version."),
    ],
)
def test_a_mistyped_name_is_told_with_the_nearest(gatekeeper: Command, words: list[str], said: str) -> None:
    code, out, err = gatekeeper(*words)
    assert (code, out) == (2, "")
    assert said in err


def test_evidence_kinds_of_those_that_are_named(gatekeeper: Command) -> None:
    code, out, _ = gatekeeper("evidence", "kinds", "command", "scan")
    assert code == 0
    assert [line.partition(" ")[0] for line in out.splitlines() if line and line[0] != " "] == ["command", "scan"]
    _, whole, _ = gatekeeper("evidence", "kinds")
    assert out.split("\n\n")[0] in whole
    assert [
        kind["kind"] for kind in json.loads(gatekeeper("evidence", "kinds", "scan", "--format", "json").stdout)
    ] == ["scan"]


LEAVES = [
    *(f"policy {name}" for name in ("check", "test", "diff", "show")),
    *(f"evidence {name}" for name in ("read", "bind", "ask", "kinds")),
    *(f"hold {name}" for name in ("add", "remove", "list")),
    *(f"waiver {name}" for name in ("list", "check")),
    *(name for name in COMMANDS if name not in ("policy", "evidence", "hold", "waiver")),
]


@pytest.mark.parametrize("command", LEAVES)
def test_every_command_has_an_example_that_names_it_and_says_what_each_option_does(
    gatekeeper: Command, command: str
) -> None:
    code, out, _ = gatekeeper(*command.split(), "--help")
    assert code == 0
    assert f"  gatekeeper {command} " in out.partition("Example:")[2] or f"  gatekeeper {command}\n" in out
    options = out.partition("Options:\n")[2].partition("\n\n")[0]
    assert not re.search(r"^  (-\S, )?--[\w-]+( \[[^]]*\])?\s+\[default", options, re.MULTILINE), (
        "an option without words"
    )
