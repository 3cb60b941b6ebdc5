"""Promotion over the installed command, in a real bare repository."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from gatekeeper.records.statement import read_record
from tests.cli.scene import IMAGE, change, git, make_repository, now, record_of, shown, tip, write_fresh_reports
from tests.conftest import Command
from tests.policies import reports

MANIFEST = "environments/staging/churn/kustomization.yaml"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path)


def promote(
    command: Command, repository: Path, place: Path, *more: str | Path, env: str = "staging"
) -> tuple[int, str, str]:
    arguments = ["--env", env, "--repo", repository, "--artifact", IMAGE, "--evidence", place]
    return command("promote", *arguments, *more)


def test_what_is_allowed_is_committed_with_its_record(gatekeeper: Command, repository: Path, tmp_path: Path) -> None:
    before = tip(repository)
    text = shown(repository, MANIFEST)
    code, out, _ = promote(
        gatekeeper, repository, write_fresh_reports(tmp_path), "--format", "json", "--decision", "d.json"
    )
    report = json.loads(out)
    assert code == 0
    assert report["promotion"]["action"] == "committed"
    assert report["promotion"]["commit"] == tip(repository)
    assert git(repository, "rev-parse", "main^") == before
    assert report["root"] == before

    changed = git(repository, "diff", "--name-only", "main^", "main").splitlines()
    assert changed == [report["promotion"]["record"], MANIFEST]
    new = shown(repository, MANIFEST)
    assert f"newTag: 1.4.2\n    digest: {reports.DIGEST}" in new
    assert new.replace(f"newTag: 1.4.2\n    digest: {reports.DIGEST}", "newTag: 1.3.0") == text

    record = read_record((shown(repository, report["promotion"]["record"]) + "\n").encode())
    assert record.decision == report["decision"]
    assert record.context.commit == before
    assert (tmp_path / "d.json").read_text() == shown(repository, report["promotion"]["record"]) + "\n"


def test_the_commit_says_why_in_words_and_trailers(gatekeeper: Command, repository: Path, tmp_path: Path) -> None:
    promote(gatekeeper, repository, write_fresh_reports(tmp_path))
    message = git(repository, "log", "-1", "--format=%B", "main")
    assert message.startswith("staging/churn: 1.3.0 → 1.4.2\n\n")
    decision = record_of(repository, "staging")["predicate"]["decision"]  # type: ignore[index]
    trailers = git(repository, "log", "-1", "--format=%(trailers:only)", "main").splitlines()
    assert f"Gatekeeper-Decision: {decision}" in trailers
    assert "Gatekeeper-Environment: staging" in trailers
    assert sum(line.startswith("Gatekeeper-Policy: ") for line in trailers) == 6


def test_again_is_already_as_wished(gatekeeper: Command, repository: Path, tmp_path: Path) -> None:
    place = write_fresh_reports(tmp_path)
    promote(gatekeeper, repository, place)
    landed = tip(repository)
    code, out, _ = promote(gatekeeper, repository, place, "--format", "json")
    assert (code, json.loads(out)["promotion"]["action"]) == (0, "already")
    assert tip(repository) == landed


def test_denied_comes_before_already(gatekeeper: Command, repository: Path, tmp_path: Path) -> None:
    promote(gatekeeper, repository, write_fresh_reports(tmp_path))
    landed = tip(repository)
    place = write_fresh_reports(tmp_path, {"metrics.json": reports.metrics(accuracy=0.1)})
    code, out, _ = promote(gatekeeper, repository, place, "--format", "json")
    assert (code, json.loads(out)["promotion"]["action"]) == (1, "none")
    assert tip(repository) == landed


def test_an_image_put_by_hand_is_judged_and_gets_its_record(
    gatekeeper: Command, repository: Path, tmp_path: Path
) -> None:
    text = shown(repository, MANIFEST) + "\n"
    by_hand = text.replace("newTag: 1.3.0", f"newTag: 1.4.2\n    digest: {reports.DIGEST}")
    change(repository, {MANIFEST: by_hand})
    code, out, _ = promote(gatekeeper, repository, write_fresh_reports(tmp_path), "--format", "json")
    assert (code, json.loads(out)["promotion"]["action"]) == (0, "committed")
    record_of(repository, "staging")
    assert shown(repository, MANIFEST) + "\n" == by_hand


def test_production_waits_for_staging_and_then_goes(gatekeeper: Command, repository: Path, tmp_path: Path) -> None:
    place = write_fresh_reports(tmp_path)
    code, out, _ = promote(gatekeeper, repository, place, "--format", "json", env="production")
    promotion = json.loads(out)["promotion"]
    assert (code, promotion["action"]) == (5, "waiting")
    assert "staging" in promotion["waiting"][0]["message"]
    assert promote(gatekeeper, repository, place)[0] == 0
    assert promote(gatekeeper, repository, place, env="production")[0] == 0
    assert reports.DIGEST in shown(repository, "environments/production/churn/kustomization.yaml")


def test_another_digest_in_staging_does_not_open_production(
    gatekeeper: Command, repository: Path, tmp_path: Path
) -> None:
    other = "sha256:" + "d" * 64
    place = write_fresh_reports(tmp_path, {"trivy.json": reports.trivy(digest=other, made=now())})
    arguments = ["--env", "staging", "--repo", repository, "--evidence", place]
    assert gatekeeper("promote", *arguments, "--artifact", f"{reports.IMAGE}:1.4.2@{other}")[0] == 0
    assert promote(gatekeeper, repository, write_fresh_reports(tmp_path), env="production")[0] == 5


def test_policies_come_from_the_tip_and_not_from_the_folder_one_stands_in(
    gatekeeper: Command, repository: Path, tmp_path: Path
) -> None:
    place = write_fresh_reports(tmp_path)
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "model-quality.yaml").write_text("not a policy")
    (tmp_path / "environments").mkdir()
    assert promote(gatekeeper, repository, place)[0] == 0


def test_plan_shows_the_diff_and_writes_nothing(gatekeeper: Command, repository: Path, tmp_path: Path) -> None:
    before, place = tip(repository), write_fresh_reports(tmp_path)
    arguments = ["--env", "staging", "--repo", repository, "--artifact", IMAGE, "--evidence", place]
    code, out, _ = gatekeeper("plan", *arguments)
    assert code == 0
    assert "+    newTag: 1.4.2" in out
    assert promote(gatekeeper, repository, place, "--dry-run")[0] == 0
    assert tip(repository) == before


@pytest.mark.parametrize(
    ("artifact", "exit_code", "says"),
    [(reports.IMAGE, 2, "neither tag nor digest"), (f"{reports.IMAGE}:1.4.2", 4, "registry.example")],
)
def test_without_a_digest_nothing_is_promoted(
    gatekeeper: Command, repository: Path, tmp_path: Path, artifact: str, exit_code: int, says: str
) -> None:
    before, place = tip(repository), write_fresh_reports(tmp_path)
    code, out, err = gatekeeper(
        "promote", "--env", "staging", "--repo", repository, "--artifact", artifact, "--evidence", place
    )
    assert (code, out) == (exit_code, "")
    assert says in err
    assert tip(repository) == before


@pytest.mark.parametrize("name", ["deny.yaml", "holds/x.yaml", "approvals/x.yaml"])
def test_what_this_version_cannot_obey_stops_it(
    gatekeeper: Command, repository: Path, tmp_path: Path, name: str
) -> None:
    change(repository, {name: "kind: Hold\n"})
    before = tip(repository)
    code, _, err = promote(gatekeeper, repository, write_fresh_reports(tmp_path))
    assert code == 2
    assert name.split("/")[0] in err
    assert tip(repository) == before


def test_a_templated_manifest_is_refused_and_nothing_is_written(
    gatekeeper: Command, repository: Path, tmp_path: Path
) -> None:
    text = shown(repository, MANIFEST).replace("1.3.0", "{{ .Values.tag }}")
    change(repository, {MANIFEST: text + "\n"})
    before = tip(repository)
    code, _, err = promote(gatekeeper, repository, write_fresh_reports(tmp_path))
    assert code == 4
    assert MANIFEST in err
    assert tip(repository) == before


def test_a_password_in_the_address_is_never_shown(gatekeeper: Command, tmp_path: Path) -> None:
    place = write_fresh_reports(tmp_path)
    address = "http://user:hunter2@127.0.0.1:1/gitops.git"
    code, out, err = gatekeeper(
        "promote", "--env", "staging", "--repo", address, "--artifact", IMAGE, "--evidence", place
    )
    assert (code, out) == (4, "")
    assert "hunter2" not in err


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_told_to_end_it_leaves_no_git_and_no_folder_behind(
    gatekeeper: Command, repository: Path, tmp_path: Path, name: str
) -> None:
    place, scratch, inside = write_fresh_reports(tmp_path), tmp_path / "scratch", tmp_path / "inside"
    scratch.mkdir()
    hook = repository / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\necho > {inside}\nexec sleep 60\n")
    hook.chmod(0o755)
    os.mkfifo(inside)
    before = tip(repository)
    words = ["promote", "--env", "staging", "--repo", repository, "--artifact", IMAGE, "--evidence", place]
    process = subprocess.Popen(
        [gatekeeper.executable, *words], stderr=subprocess.PIPE, env={**os.environ, "TMPDIR": str(scratch)}
    )
    inside.read_bytes()
    process.send_signal(getattr(signal, name))
    said = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 130
    assert "a commit may have landed: run again" in said
    assert list(scratch.iterdir()) == []
    assert tip(repository) == before


def test_told_to_end_it_leaves_no_lock_on_the_branch(gatekeeper: Command, repository: Path, tmp_path: Path) -> None:
    """Git that is killed while it holds the branch's lock would stop every later push, whoever makes it."""
    place, inside = write_fresh_reports(tmp_path), tmp_path / "inside"
    hook = repository / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntest $1 = prepared && grep -q main || exit 0\necho > {inside}\nexec sleep 60\n")
    hook.chmod(0o755)
    os.mkfifo(inside)
    words = ["promote", "--env", "staging", "--repo", repository, "--artifact", IMAGE, "--evidence", place]
    process = subprocess.Popen([gatekeeper.executable, *words], stderr=subprocess.PIPE)
    inside.read_bytes()
    assert (repository / "refs" / "heads" / "main.lock").exists()
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 130
    hook.unlink()
    code, _, said = promote(gatekeeper, repository, place)
    assert code == 0, said
    record_of(repository, "staging")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="the size of a pipe is set on Linux only")
def test_told_to_end_while_it_reports_it_says_what_was_done(
    gatekeeper: Command, repository: Path, tmp_path: Path
) -> None:
    place = write_fresh_reports(tmp_path)
    ours, theirs = os.pipe()
    fcntl.fcntl(theirs, 1031, 4096)  # F_SETPIPE_SZ, which has no name on other systems: the page does not fit
    words = ["promote", "--env", "staging", "--repo", repository, "--artifact", IMAGE, "--evidence", place]
    process = subprocess.Popen(
        [gatekeeper.executable, *words, "--format", "html"], stdout=theirs, stderr=subprocess.PIPE
    )
    os.close(theirs)
    os.read(ours, 1)
    process.terminate()
    said = process.communicate(timeout=60)[1].decode()
    os.close(ours)
    assert process.returncode == 130
    assert f"The promotion itself was done, by commit {tip(repository)}" in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_report_that_cannot_be_written_does_not_hide_that_it_was_promoted(
    gatekeeper: Command, repository: Path, tmp_path: Path
) -> None:
    code, _, said = promote(gatekeeper, repository, write_fresh_reports(tmp_path), "--output", "/dev/full")
    assert code == 4
    assert f"The promotion itself was done, by commit {tip(repository)}" in said


def test_a_repository_without_a_branch_at_head_is_used_by_the_branch_named(
    gatekeeper: Command, repository: Path, tmp_path: Path
) -> None:
    git(repository, "symbolic-ref", "HEAD", "refs/heads/none")
    place = write_fresh_reports(tmp_path)
    code, _, said = promote(gatekeeper, repository, place)
    assert (code, "@BRANCH" in said) == (4, True)
    assert promote(gatekeeper, Path(f"{repository}@refs/heads/main"), place)[0] == 0


def test_a_file_url_may_hold_an_at_sign(gatekeeper: Command, repository: Path, tmp_path: Path) -> None:
    moved = tmp_path / "gitops@1"
    repository.rename(moved)
    place = write_fresh_reports(tmp_path)
    for address in (f"file://{moved}", f"file://{moved}@main"):
        code, _, said = gatekeeper(
            "promote", "--env", "staging", "--artifact", IMAGE, "--evidence", place, "--repo", address
        )
        assert code == 0, said
