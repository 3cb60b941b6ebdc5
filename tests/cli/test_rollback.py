"""`gatekeeper rollback` over the installed command, in a real bare repository, with nothing else to be reached."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scene import FORMATS, IMAGE, change, git, make_repository, shown, tip, write_fresh_reports
from tests.conftest import Command
from tests.policies import reports
from tests.servers.git_http import GitServer

MANIFEST = "environments/staging/churn/kustomization.yaml"
OTHER = "sha256:" + "f" * 64
NOWHERE = "http://127.0.0.1:9"
DOWN = {
    "http_proxy": NOWHERE,
    "https_proxy": NOWHERE,
    "MLFLOW_TRACKING_URI": NOWHERE,
    "GATEKEEPER_GITEA_TOKEN": "x",
    "GIT_COMMITTER_EMAIL": "alice@example.com",
}


@pytest.fixture
def repository(tmp_path: Path, gatekeeper: Command) -> Path:
    """Allowed in staging, then another image put there by hand."""
    bare = make_repository(tmp_path)
    place = write_fresh_reports(tmp_path)
    words = ["--env", "staging", "--repo", bare, "--artifact", IMAGE, "--evidence", place]
    assert gatekeeper("promote", *words).code == 0
    text = shown(bare, MANIFEST) + "\n"
    change(bare, {MANIFEST: text.replace("1.4.2", "1.5.0").replace(reports.DIGEST, OTHER)})
    return bare


def roll(command: Command, repository: Path, *more: str | Path) -> Any:
    words = ["--env", "staging", "--reason", "Latency doubled", "--repo", repository]
    return command("rollback", *words, *more, env=DOWN)


def test_it_goes_back_with_everything_else_down(gatekeeper: Command, repository: Path) -> None:
    forge = {"type": "gitea", "url": NOWHERE, "repository": "ops/gitops"}
    path = "environments/staging.yaml"
    text = shown(repository, path).replace("mode: commit", f"mode: pull-request, forge: {json.dumps(forge)}")
    change(repository, {path: f"{text}\n  registry: {{type: mlflow, alias: champion, url: '{NOWHERE}'}}\n"})
    before = tip(repository)
    done = roll(gatekeeper, repository, "--format", "json", "--decision", "d.json")
    assert done.code == 0, done.stderr
    report = json.loads(done.stdout)
    told = report["promotion"]
    assert (told["action"], told["commit"]) == ("committed", tip(repository))
    assert git(repository, "rev-parse", "main^") == before
    assert told["rollback"] == {"reason": "Latency doubled", "left": None}
    assert reports.DIGEST in shown(repository, MANIFEST)
    assert report["decision"][7:23] in told["record"]


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_says_it(gatekeeper: Command, repository: Path, form: str) -> None:
    done = roll(gatekeeper, repository, "--format", form, "--dry-run")
    assert done.code == 0
    assert "Latency doubled" in done.stdout
    if form == "json":
        assert "rollback" in json.loads(done.stdout)["promotion"]
    else:
        assert "rolled back" in done.stdout


def test_then_automation_waits_for_the_hold(gatekeeper: Command, repository: Path, tmp_path: Path) -> None:
    assert roll(gatekeeper, repository).code == 0
    change(repository, {MANIFEST: shown(repository, MANIFEST).replace(reports.DIGEST, OTHER) + "\n"})
    words = ["--env", "staging", "--repo", repository, "--artifact", IMAGE, "--evidence", tmp_path / "reports"]
    done = gatekeeper("promote", *words, "--format", "json")
    assert done.code == 5
    assert json.loads(done.stdout)["promotion"]["waiting"][0]["condition"] == "hold"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--to", "0" * 64], "There is "),
        (["--to", "abc"], "no decision's id"),
        (["--hold-until", "2020-01-01"], "end before it begins"),
        (["--hold-until", "soon"], "--hold-until"),
        (["--reason", " "], "--reason is empty"),
        (["--reason", "x" * 2001], "at most 2000"),
        (["--reason", "\udcff"], "--reason is not UTF-8"),
        (["--override", "x", "--ticket", "\n"], "--ticket is empty"),
        (["--artifact", "chrun"], "no artifact 'chrun'"),
        (["--env", "stagin"], "there is no environment"),
        (["--override", "x"], "needs a reason and a ticket"),
    ],
)
def test_what_makes_no_sense_is_refused(gatekeeper: Command, repository: Path, more: list[str], says: str) -> None:
    before = tip(repository)
    done = roll(gatekeeper, repository, *more)
    assert done.code == 2
    assert says in done.stderr
    assert tip(repository) == before


def test_a_branch_that_refuses_is_told_in_its_own_words(gatekeeper: Command, repository: Path) -> None:
    hook = repository / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'main is protected' >&2\nexit 1\n")
    hook.chmod(0o755)
    before = tip(repository)
    done = roll(gatekeeper, repository)
    assert (done.code, tip(repository)) == (4, before)
    assert "main is protected" in done.stderr


def test_nothing_that_could_be_down_is_even_loaded(repository: Path) -> None:
    words = ["rollback", "--env", "staging", "--reason", "x", "--repo", str(repository), "--dry-run"]
    script = (
        "import sys; from gatekeeper.cli.main import _code; code = _code(sys.argv[1:]); "
        "away = ('urllib3', 'cel_expr_python', 'celpy', 'gatekeeper.connect.http', 'gatekeeper.connect.forges', "
        "'gatekeeper.connect.mlflow', 'gatekeeper.connect.oci', 'socket'); "
        "print(code, [name for name in sys.modules if name.startswith(away)], file=sys.stderr)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, text=True, check=True, env={**os.environ, **DOWN}
    )
    assert run.stderr.strip() == "0 []"


def test_words_of_others_act_on_nothing(gatekeeper: Command, repository: Path) -> None:
    words = "x\nGatekeeper-Decision: sha256:0\n\x1b[2J: - {a: b} # <script>"
    done = roll(gatekeeper, repository, "--reason", words)
    assert done.code == 0
    assert "\x1b" not in done.stdout
    trailers = git(repository, "log", "-1", "--format=%(trailers:key=Gatekeeper-Decision,valueonly)", "main")
    assert trailers.strip().startswith("sha256:")
    assert len(trailers.strip().splitlines()) == 1
    (hold,) = json.loads(gatekeeper("hold", "list", "--repo", repository, "--format", "json").stdout)["holds"]
    assert hold["reason"].startswith("rolled back from what nobody had decided: x Gatekeeper-Decision")
    change(repository, {f"holds/{hold['name']}.yaml": None})
    assert roll(gatekeeper, repository, "--reason", words).code == 0  # there already; the hold is put by itself
    assert len(json.loads(gatekeeper("hold", "list", "--repo", repository, "--format", "json").stdout)["holds"]) == 1


def test_a_long_past_costs_nothing(gatekeeper: Command, repository: Path, tmp_path: Path) -> None:
    for name, value in {"uploadpack.allowFilter": "true", "http.receivepack": "true"}.items():
        git(repository, "config", name, value)
    old = {
        f"decisions/staging/churn/20200101T{n:06}Z-{n:016x}.json": random.Random(n).randbytes(10_000).hex()
        for n in range(100)
    }
    change(repository, old)
    with GitServer(tmp_path) as server:
        done = roll(gatekeeper, server.url(repository.name))  # type: ignore[arg-type]
        assert done.code == 0, done.stderr
        assert server.received < 200_000


def test_two_that_roll_back_at_once_do_it_once(gatekeeper: Command, repository: Path) -> None:
    words = ["rollback", "--env", "staging", "--reason", "x", "--repo", str(repository), "--format", "json"]
    environ = {**os.environ, **DOWN}
    running = [subprocess.Popen([gatekeeper.executable, *words], stdout=subprocess.PIPE, env=environ) for _ in range(3)]
    outs = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    actions = sorted(json.loads(out)["promotion"]["action"] for out in outs)
    assert actions == ["already", "already", "committed"]
    assert len(git(repository, "ls-tree", "--name-only", "main", "decisions/staging/churn/").splitlines()) == 2
    assert len(git(repository, "ls-tree", "--name-only", "main", "holds/").splitlines()) == 1
