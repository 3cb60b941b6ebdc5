"""`promote --from`: staging is promoted with evidence; production later, in a process of its own, without any file."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scene import IMAGE, change, git, make_repository, now, record_of, shown, tip, write_fresh_reports
from tests.conftest import Command
from tests.policies import reports

BRANCH = "gatekeeper/evidence"
MANIFEST = "environments/production/churn/kustomization.yaml"


@pytest.fixture
def staged(gatekeeper: Command, tmp_path: Path) -> Path:
    """The repository after staging got the candidate; its reports are gone."""
    repository = make_repository(tmp_path)
    place = write_fresh_reports(tmp_path)
    code, _, err = gatekeeper(
        "promote", "--env", "staging", "--repo", repository, "--artifact", IMAGE, "--evidence", place
    )
    assert code == 0, err
    shutil.rmtree(place)
    return repository


def fresh_operation(folder: Path) -> Path:
    """Reports of the service in operation, made now."""
    place = folder / "operation"
    place.mkdir(exist_ok=True)
    for name in ("slo.json", "rollout.json"):
        (place / name).write_bytes(reports.healthy(now())[name])
    return place


def hand_over(command: Command, repository: Path, *more: str | Path, verb: str = "promote") -> tuple[int, Any, str]:
    """With what is asked for production alone and no staging run can say: its service level, and the roll-out."""
    arguments = ("--env", "production", "--from", "staging", "--repo", repository, "--format", "json")
    code, out, err = command(verb, *arguments, "--evidence", fresh_operation(repository.parent), *more)
    return code, json.loads(out) if out else None, err


def test_production_gets_it_by_the_recorded_facts(gatekeeper: Command, staged: Path) -> None:
    code, report, err = hand_over(gatekeeper, staged)
    assert (code, report["promotion"]["action"]) == (0, "committed"), err
    assert report["artifact"]["digest"] == reports.DIGEST
    assert reports.DIGEST in shown(staged, MANIFEST)
    assert {one["source"] for one in report["evidence"]} >= {"recorded in staging: metrics"}
    before, after = (record_of(staged, name)["predicate"] for name in ("staging", "production"))
    assert after["promotion"]["handed"] == before["decision"]
    assert len(after["context"]["facts"]) == len(after["judgement"]["evidence"])
    kept = git(staged, "ls-tree", "-r", "--name-only", BRANCH).splitlines()
    for digest in after["context"]["facts"]:
        name = digest.removeprefix("sha256:")
        assert f"facts/{name[:2]}/{name}.json.gz" in kept


def test_again_it_is_as_wished(gatekeeper: Command, staged: Path) -> None:
    hand_over(gatekeeper, staged)
    landed = tip(staged)
    code, report, _ = hand_over(gatekeeper, staged)
    assert (code, report["promotion"]["action"]) == (0, "already")
    assert tip(staged) == landed


def test_a_plan_shows_it_and_writes_nothing(gatekeeper: Command, staged: Path) -> None:
    before, kept = tip(staged), git(staged, "rev-parse", BRANCH)
    code, report, _ = hand_over(gatekeeper, staged, verb="plan")
    assert (code, report["promotion"]["action"]) == (0, "committed")
    assert f"+    digest: {reports.DIGEST}" in report["promotion"]["diff"]
    assert (tip(staged), git(staged, "rev-parse", BRANCH)) == (before, kept)


def rewrite(repository: Path, old: bytes, new: bytes) -> None:
    """Somebody edits the kept facts by a commit of their own."""
    work = repository.parent / "evidence-work"
    git(repository.parent, "clone", "-q", "-b", BRANCH, str(repository), str(work))
    changed = 0
    for path in work.rglob("*.json.gz"):
        data = gzip.decompress(path.read_bytes())
        changed += data.count(old)
        path.write_bytes(gzip.compress(data.replace(old, new)))
    assert changed
    git(work, "commit", "-q", "-a", "-m", "Better")
    git(work, "push", "-q", str(repository), f"HEAD:{BRANCH}")


def test_edited_facts_let_nothing_through(gatekeeper: Command, staged: Path) -> None:
    rewrite(staged, b'"accuracy":', b'"accuracy":1')
    before = tip(staged)
    code, report, _ = hand_over(gatekeeper, staged)
    assert (code, report["verdict"]) == (3, "undecided")
    found = next(one for one in report["results"] if one["rule"] == "evidence/metrics")
    assert "do not have the digest that the record names" in found["message"]
    assert tip(staged) == before


def test_without_the_branch_nothing_goes(gatekeeper: Command, staged: Path) -> None:
    git(staged, "update-ref", "-d", f"refs/heads/{BRANCH}")
    code, report, err = hand_over(gatekeeper, staged)
    assert code == 3, err
    assert "not on the branch gatekeeper/evidence" in json.dumps(report["results"])


FILES = {
    "metrics": "metrics.json",
    "unit": "junit.xml",
    "data": "data.json",
    "fairness": "fairness.json",
    "lint": "ruff.sarif",
    "image": "trivy.json",
    "load": "locust.json",
}


def test_what_is_lost_can_be_given_again_by_name(gatekeeper: Command, staged: Path, tmp_path: Path) -> None:
    git(staged, "update-ref", "-d", f"refs/heads/{BRANCH}")
    place = write_fresh_reports(tmp_path)
    given: list[str] = []
    for name, file in FILES.items():
        given += ["--evidence", f"{name}={place / file}"]
    for name in ("slo", "rollout"):
        given += ["--evidence", f"{name}={fresh_operation(tmp_path) / name}.json"]
    code, report, err = hand_over(gatekeeper, staged, *given)
    assert code == 0, err + json.dumps(report)


def test_evidence_given_now_counts_in_place_of_the_recorded(gatekeeper: Command, staged: Path, tmp_path: Path) -> None:
    place = write_fresh_reports(tmp_path, {"metrics.json": reports.metrics(accuracy=0.1)})
    code, report, _ = hand_over(gatekeeper, staged, "--evidence", f"metrics={place / 'metrics.json'}")
    assert code == 1
    failed = [one for one in report["results"] if one["result"] == "fail"]
    assert {one["evidence"] for one in failed} == {"metrics"}


@pytest.mark.parametrize("named", ["churn", IMAGE])
def test_the_artifact_may_be_named(gatekeeper: Command, staged: Path, named: str) -> None:
    assert hand_over(gatekeeper, staged, "--artifact", named)[0] == 0


@pytest.mark.parametrize("named", ["chum", IMAGE.replace("a", "e"), f"{reports.IMAGE}:1.4.3@sha256:{'9' * 64}"])
def test_another_artifact_is_refused(gatekeeper: Command, staged: Path, named: str) -> None:
    code, report, err = hand_over(gatekeeper, staged, "--artifact", named)
    assert (code, report) == (2, None), err


def test_without_a_decision_there_is_nothing_to_hand_over(gatekeeper: Command, tmp_path: Path) -> None:
    code, _, err = hand_over(gatekeeper, make_repository(tmp_path))
    assert code == 2
    assert "there is no decision about churn in staging" in err


def test_registries_may_differ(gatekeeper: Command, staged: Path) -> None:
    files = {}
    for path in ("environments/production.yaml", MANIFEST):
        files[path] = shown(staged, path).replace(reports.IMAGE, "mirror.example:5000/prod/churn-model") + "\n"
    change(staged, files)
    code, report, err = hand_over(gatekeeper, staged)
    assert code == 0, err
    assert report["artifact"]["image"] == "mirror.example:5000/prod/churn-model"
    assert reports.DIGEST in shown(staged, MANIFEST)


def test_the_project_s_own_evidence_is_not_asked_for(gatekeeper: Command, staged: Path, tmp_path: Path) -> None:
    project = {
        "apiVersion": "gatekeeper/v1",
        "kind": "Project",
        "metadata": {"name": "churn"},
        "spec": {"repo": str(staged), "evidence": ["build/*.json"], "artifact": "registry.example/other:1"},
    }
    (tmp_path / "gatekeeper.yaml").write_text(json.dumps(project))
    operation = fresh_operation(tmp_path)
    code, out, err = gatekeeper("promote", "--env", "production", "--from", "staging", "--evidence", operation)
    assert code == 0, out + err
