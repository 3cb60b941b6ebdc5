"""Promotion by pull request at a real Gitea: opened, adopted, updated, superseded, refused, approved and merged."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Command
from tests.judging import policy_text
from tests.servers.gitea import GiteaRepository, RunningGitea, login

pytestmark = pytest.mark.xdist_group("gitea")

IMAGE = "registry.example/churn-model"
ONE, TWO = (f"{IMAGE}:{tag}@sha256:{mark * 64}" for tag, mark in [("1.4.2", "a"), ("1.5.0", "b")])
MANIFEST = "environments/production/churn/kustomization.yaml"
BRANCH = "gatekeeper/promote/production/churn"
CONTEXT = "gatekeeper/production"


def environment(**spec: Any) -> str:
    """Production, delivered by pull request."""
    delivery = {"mode": "pull-request", "branch": "main", "forge": {"type": "gitea", "labels": ["promotion"]}}
    whole = {
        "policies": [{"name": "p", "version": "^1"}],
        "delivery": delivery,
        "artifacts": [{"name": "churn", "image": IMAGE, "manifests": [{"path": MANIFEST, "format": "kustomize"}]}],
        **spec,
    }
    head = {"apiVersion": "gatekeeper/v1", "kind": "Environment", "metadata": {"name": "production"}}
    return json.dumps({**head, "spec": whole})


def person(user: str) -> dict[str, Any]:
    return {"name": user, "logins": {"gitea": login(user)}}


TRUST = {
    "apiVersion": "gatekeeper/v1",
    "kind": "Trust",
    "metadata": {"name": "root"},
    "spec": {
        "people": [person("author"), person("approver")],
        "machines": [person("bot")],
        "roles": [{"role": "approve", "members": ["approver", "author"]}],
    },
}
RULE = [{"id": "accuracy", "metric": {"name": "accuracy", "min": 0.85}}]
DIRECT = {"mode": "commit", "branch": "main", "forge": {"type": "gitea"}}
REVIEWED = {"count": 1, "level": "reviewed"}


def files(**spec: Any) -> dict[str, str]:
    return {
        "policies/p.yaml": policy_text(RULE),
        "environments/production.yaml": environment(**spec),
        "trust.yaml": json.dumps(TRUST),
        MANIFEST: f"images:\n  - name: {IMAGE}\n    newTag: 1.4.1\n",
    }


Promote = Callable[..., tuple[int, dict[str, Any], str]]


class Scene:
    """One repository at the forge, and the command run as its bot."""

    def __init__(self, command: Command, forge: RunningGitea, folder: Path, **spec: Any) -> None:
        self.command = command
        self.repository: GiteaRepository = forge.repository(files(**spec))
        self.folder = folder
        self.token = forge.tokens["bot"]
        self.write(0.91)

    def write(self, accuracy: float) -> None:
        (self.folder / "metrics.json").write_text(json.dumps({"accuracy": accuracy}))

    def __call__(self, *more: str, image: str = ONE) -> tuple[int, dict[str, Any], str]:
        """Promote; the exit code, the report's promotion and what stderr says."""
        words = ["promote", "--env", "production", "--artifact", image, "--evidence", "metrics.json"]
        code, out, err = self.command(
            *words, "--repo", self.repository.url_as("bot"), "--format", "json", *more, env={"GITEA_TOKEN": self.token}
        )
        assert self.token not in out + err
        return code, json.loads(out)["promotion"] if out else {}, err

    def pulls(self, state: str = "open") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.repository.api("author", "GET", f"/pulls?state={state}")
        return found

    def comments(self, number: int) -> list[str]:
        found = self.repository.api("author", "GET", f"/issues/{number}/comments")
        return [one["body"] for one in found]

    def noticed(self, number: int) -> None:
        """Come back when the forge has dismissed what was approved before a push: it does so some time after it."""
        for _ in range(600):
            reviews = self.repository.api("author", "GET", f"/pulls/{number}/reviews")
            if all(one["dismissed"] or one["stale"] for one in reviews):
                return
            time.sleep(0.1)
        raise AssertionError(reviews)

    def status(self, commit: str) -> dict[str, str]:
        """The latest state of each context of a commit."""
        found = self.repository.api("author", "GET", f"/commits/{commit}/status")
        return {one["context"]: one["status"] for one in found["statuses"]}

    def merge(self, number: int) -> None:
        """Merge as a person does, once the forge has seen that it can."""
        for _ in range(100):
            self.repository.api("author", "POST", f"/pulls/{number}/merge", {"Do": "merge"}, (200, 405))
            if self.repository.api("author", "GET", f"/pulls/{number}")["merged"]:
                return
            time.sleep(0.1)
        raise AssertionError(number)

    def shown(self, path: str, ref: str = "main") -> str:
        found = self.repository.api("author", "GET", f"/contents/{path}?ref={ref}")
        return base64.b64decode(found["content"]).decode()


@pytest.fixture
def scene(gatekeeper: Command, gitea: RunningGitea, tmp_path: Path) -> Scene:
    return Scene(gatekeeper, gitea, tmp_path)


@pytest.fixture
def reviewed(gatekeeper: Command, gitea: RunningGitea, tmp_path: Path) -> Scene:
    made = Scene(gatekeeper, gitea, tmp_path, approvals=REVIEWED)
    made.repository.protect(status_check_contexts=[CONTEXT])
    return made


def test_what_is_allowed_is_proposed_with_its_report_and_status(scene: Scene) -> None:
    before = scene.repository.tip()
    code, promotion, _ = scene()
    assert (code, promotion["action"]) == (0, "proposed")
    assert scene.repository.tip() == before
    (pull,) = scene.pulls()
    assert promotion["pull_request"] == pull["html_url"]
    assert (pull["head"]["ref"], pull["base"]["ref"], pull["head"]["sha"]) == (BRANCH, "main", promotion["commit"])
    assert pull["title"] == "production/churn: 1.4.1 → 1.4.2"
    assert [label["name"] for label in pull["labels"]] == ["promotion"]
    assert "newTag: 1.4.2" in scene.shown(MANIFEST, BRANCH)
    assert json.loads(scene.shown(promotion["record"], BRANCH))["predicate"]["judgement"]["verdict"] == "allowed"
    (comment,) = scene.comments(pull["number"])
    assert "ALLOWED" in comment
    assert scene.status(promotion["commit"]) == {CONTEXT: "success"}


def test_the_same_is_adopted_and_nothing_is_written(scene: Scene) -> None:
    _, first, _ = scene()
    code, again, _ = scene()
    assert code == 0
    assert (again["action"], again["commit"], again["pull_request"]) == (
        "proposed",
        first["commit"],
        first["pull_request"],
    )
    (pull,) = scene.pulls()
    assert len(scene.comments(pull["number"])) == 1


def test_changed_evidence_updates_the_same_pull_request(scene: Scene) -> None:
    _, first, _ = scene()
    scene.write(0.95)
    code, again, _ = scene()
    assert code == 0
    assert again["commit"] != first["commit"]
    assert again["pull_request"] == first["pull_request"]
    (pull,) = scene.pulls()
    assert pull["head"]["sha"] == again["commit"]
    assert len(scene.comments(pull["number"])) == 1


def test_another_image_supersedes_with_a_comment(scene: Scene) -> None:
    _, first, _ = scene()
    _, second, _ = scene(image=TWO)
    assert second["pull_request"] != first["pull_request"]
    (pull,) = scene.pulls()
    assert pull["title"] == "production/churn: 1.4.1 → 1.5.0"
    (closed,) = scene.pulls("closed")
    assert closed["html_url"] == first["pull_request"]
    assert any("Superseded" in text and "1.5.0" in text for text in scene.comments(closed["number"]))


def test_a_branch_that_a_person_changed_is_left_alone(scene: Scene) -> None:
    _, first, _ = scene()
    theirs = scene.repository.push("author", {"README.md": "mine"}, f"refs/heads/{BRANCH}", onto=BRANCH)
    code, _, err = scene(image=TWO)
    assert code == 4
    assert f"somebody else changed the branch {BRANCH}: it changes README.md" in err
    assert scene.repository.tip(BRANCH) == theirs
    (pull,) = scene.pulls()
    assert pull["html_url"] == first["pull_request"]


def test_what_is_denied_afterwards_turns_the_status_red(scene: Scene) -> None:
    _, first, _ = scene()
    scene.write(0.5)
    code, promotion, _ = scene()
    assert (code, promotion["action"]) == (1, "none")
    assert scene.status(first["commit"]) == {CONTEXT: "failure"}
    (pull,) = scene.pulls()
    (comment,) = scene.comments(pull["number"])
    assert "DENIED" in comment


def test_merged_it_is_already_there(scene: Scene) -> None:
    code, promotion, _ = scene("--merge")
    assert (code, promotion["action"]) == (0, "committed")
    assert promotion["commit"] == scene.repository.tip()
    assert "newTag: 1.4.2" in scene.shown(MANIFEST)
    assert scene.pulls() == []
    code, promotion, _ = scene("--merge")
    assert (code, promotion["action"]) == (0, "already")


def test_it_waits_for_a_review_of_exactly_this_commit_and_is_then_merged(reviewed: Scene) -> None:
    code, promotion, _ = reviewed()
    assert (code, promotion["action"]) == (0, "proposed")
    assert [one["condition"] for one in promotion["waiting"]] == ["approval"]
    assert reviewed.status(promotion["commit"]) == {CONTEXT: "pending"}
    (pull,) = reviewed.pulls()

    code, promotion, _ = reviewed("--merge")
    assert (code, promotion["action"]) == (5, "waiting")

    reviewed.repository.approve("approver", pull["number"])
    code, promotion, _ = reviewed()
    assert reviewed.status(promotion["commit"]) == {CONTEXT: "success"}
    assert [(one["by"], one["level"]) for one in promotion["approvals"]] == [("approver", "reviewed")]

    reviewed.write(0.97)  # other evidence is another commit, which nobody has reviewed
    code, promotion, _ = reviewed("--merge")
    assert (code, promotion["action"]) == (5, "waiting")
    reviewed.noticed(pull["number"])
    reviewed.repository.approve("approver", pull["number"])
    code, promotion, _ = reviewed("--merge")
    assert promotion["waiting"] == []
    assert (code, promotion["action"]) == (0, "committed")
    message = reviewed.repository.api("author", "GET", f"/git/commits/{promotion['commit']}")["commit"]["message"]
    assert "Gatekeeper-Approved-By: approver (reviewed)" in message


def test_the_rules_are_those_of_the_tip_and_not_of_the_pull_request(scene: Scene) -> None:
    _, first, _ = scene()
    stricter = policy_text([{"id": "accuracy", "metric": {"name": "accuracy", "min": 0.99}}])
    scene.repository.push("author", {"policies/p.yaml": stricter})
    code, promotion, _ = scene("--merge")
    assert (code, promotion["action"]) == (1, "none")
    assert scene.status(first["commit"]) == {CONTEXT: "failure"}
    assert len(scene.pulls()) == 1


def test_nothing_is_opened_by_a_plan(scene: Scene) -> None:
    code, promotion, _ = scene("--dry-run")
    assert (code, promotion["action"]) == (0, "proposed")
    assert "newTag: 1.4.2" in promotion["diff"]
    assert scene.pulls() == []


def test_a_closed_pull_request_is_opened_anew(scene: Scene) -> None:
    _, first, _ = scene()
    (pull,) = scene.pulls()
    scene.repository.api("author", "PATCH", f"/pulls/{pull['number']}", {"state": "closed"})
    _, again, _ = scene()
    assert again["pull_request"] != first["pull_request"]
    assert len(scene.pulls()) == 1


WAIVER = {
    "apiVersion": "gatekeeper/v1",
    "kind": "Waiver",
    "metadata": {"name": "low"},
    "spec": {
        "policy": "p",
        "rule": "accuracy",
        "environments": ["production"],
        "reason": "The new data set is harder.",
        "ticket": "ML-7",
        "requested_by": "author",
        "approved_by": "approver",
        "granted": "2026-11-20",
        "expires": "2099-01-01",
    },
}


def test_a_waiver_counts_once_its_pull_request_was_reviewed(
    gatekeeper: Command, gitea: RunningGitea, tmp_path: Path
) -> None:
    scene = Scene(gatekeeper, gitea, tmp_path, waivers={"level": "reviewed"}, delivery=DIRECT)
    trust = json.loads(json.dumps(TRUST))
    trust["spec"]["roles"].append({"role": "waive", "members": ["approver"]})
    scene.repository.push("author", {"trust.yaml": json.dumps(trust)})
    scene.write(0.5)
    scene.repository.push("author", {"waivers/low.yaml": json.dumps(WAIVER)})
    code, promotion, _ = scene()
    assert (code, promotion["action"]) == (1, "none")  # pushed past everybody

    scene.repository.push("author", {"waivers/low.yaml": json.dumps(WAIVER, indent=1)}, "refs/heads/waive")
    pull = scene.repository.api("author", "POST", "/pulls", {"head": "waive", "base": "main", "title": "Waive"})
    scene.repository.approve("approver", pull["number"])
    scene.merge(pull["number"])
    code, promotion, _ = scene()
    assert (code, promotion["action"]) == (0, "committed")


def test_an_approval_counts_once_its_pull_request_was_reviewed(
    gatekeeper: Command, gitea: RunningGitea, tmp_path: Path
) -> None:
    scene = Scene(gatekeeper, gitea, tmp_path, approvals=REVIEWED, delivery=DIRECT)
    code, promotion, _ = scene()
    assert (code, promotion["action"]) == (5, "waiting")
    digest = ONE.partition("@")[2]
    policy = hashlib.sha256(files()["policies/p.yaml"].encode()).hexdigest()
    spec = {
        "environment": "production",
        "artifact": "churn",
        "digest": digest,
        "policies": {"p": f"sha256:{policy}"},
        "by": "approver",
        "granted": "2026-11-20",
        "expires": "2099-01-01",
    }
    approval = {"apiVersion": "gatekeeper/v1", "kind": "Approval", "metadata": {"name": "yes"}, "spec": spec}
    scene.repository.push("author", {"approvals/yes.yaml": json.dumps(approval)}, "refs/heads/yes")
    pull = scene.repository.api("author", "POST", "/pulls", {"head": "yes", "base": "main", "title": "Yes"})
    scene.merge(pull["number"])
    code, promotion, _ = scene()
    assert (code, promotion["action"]) == (5, "waiting")  # merged, and the approver never said so

    scene.repository.push("author", {"approvals/yes.yaml": json.dumps(approval, indent=1)}, "refs/heads/yes-2")
    pull = scene.repository.api("author", "POST", "/pulls", {"head": "yes-2", "base": "main", "title": "Yes"})
    scene.repository.approve("approver", pull["number"])
    scene.merge(pull["number"])
    code, promotion, _ = scene()
    assert (code, promotion["action"]) == (0, "committed")
    assert [(one["by"], one["level"]) for one in promotion["approvals"]] == [("approver", "reviewed")]


def test_agit_needs_no_token_and_one_topic_is_one_pull_request(
    gatekeeper: Command, gitea: RunningGitea, tmp_path: Path
) -> None:
    forge = {"type": "agit"}
    scene = Scene(gatekeeper, gitea, tmp_path, delivery={"mode": "pull-request", "branch": "main", "forge": forge})
    scene.token = gitea.tokens["bot"]
    code, promotion, _ = scene()
    assert (code, promotion["action"]) == (0, "proposed")
    (pull,) = scene.pulls()
    assert promotion["pull_request"] == pull["html_url"]
    assert pull["title"] == "production/churn: 1.4.1 → 1.4.2"
    assert "ALLOWED" in pull["body"]
    code, again, _ = scene()
    assert code == 0
    assert len(scene.pulls()) == 1
    assert scene.pulls()[0]["head"]["sha"] == again["commit"]
    code, _, err = scene("--merge")
    assert code == 2
    assert "merges nothing" in err


def started(scene: Scene, *more: str, image: str = ONE) -> subprocess.Popen[bytes]:
    """The same in a process of its own, which is not waited for."""
    words = ["promote", "--env", "production", "--artifact", image, "--evidence", "metrics.json"]
    return subprocess.Popen(
        [str(scene.command.executable), *words, "--repo", scene.repository.url_as("bot"), "--format", "json", *more],
        cwd=scene.folder,
        env={**os.environ, "GITEA_TOKEN": scene.token},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def ended(process: subprocess.Popen[bytes]) -> tuple[int, dict[str, Any], str]:
    out, err = process.communicate(timeout=300)
    return process.returncode, json.loads(out)["promotion"] if out else {}, err.decode()


@pytest.mark.parametrize("count", [2, 8])
def test_the_same_promoted_at_once_is_one_pull_request(scene: Scene, count: int) -> None:
    processes = [started(scene) for _ in range(count)]
    found = [ended(process) for process in processes]
    assert [(code, promotion["action"]) for code, promotion, _ in found] == [(0, "proposed")] * count, found
    (pull,) = scene.pulls("all")
    assert {promotion["commit"] for _, promotion, _ in found} == {pull["head"]["sha"]}
    assert len(scene.comments(pull["number"])) == 1
    assert scene.status(pull["head"]["sha"]) == {CONTEXT: "success"}


def test_merged_at_once_it_is_merged_once(scene: Scene) -> None:
    processes = [started(scene, "--merge") for _ in range(2)]
    found = [ended(process) for process in processes]
    assert {code for code, _, _ in found} == {0}, found
    assert [pull["merged"] for pull in scene.pulls("all")] == [True]
    assert {promotion["action"] for _, promotion, _ in found} <= {"committed", "already"}
    assert scene()[1]["action"] == "already"


def test_a_status_that_the_forge_asks_for_is_waited_for(scene: Scene) -> None:
    scene()
    (pull,) = scene.pulls()
    scene.repository.protect(required_approvals=0, enable_push=True, status_check_contexts=["other/check"])
    code, promotion, _ = scene("--merge")
    assert (code, [one["condition"] for one in promotion["waiting"]]) == (5, ["forge"])
    scene.repository.set_status("author", pull["head"]["sha"], "other/check", "success")
    code, promotion, _ = scene("--merge")
    assert (code, promotion["action"]) == (0, "committed")


def test_a_branch_that_the_forge_deletes_is_not_missed(scene: Scene) -> None:
    scene("--merge")
    scene.repository.api("author", "DELETE", f"/branches/{BRANCH}")
    assert scene()[1]["action"] == "already"
    code, promotion, _ = scene(image=TWO)
    assert (code, promotion["action"]) == (0, "proposed")
    assert len(scene.pulls()) == 1


def test_a_draft_stays_one_and_is_waited_for(scene: Scene) -> None:
    scene()
    (pull,) = scene.pulls()
    scene.repository.api("author", "PATCH", f"/pulls/{pull['number']}", {"title": f"WIP: {pull['title']}"})
    scene.write(0.95)  # a new commit, which changes nothing of that
    code, promotion, _ = scene("--merge")
    assert (code, [one["condition"] for one in promotion["waiting"]]) == (5, ["forge"])
    (again,) = scene.pulls()
    assert again["title"] == f"WIP: {pull['title']}"


def test_a_fork_with_a_branch_of_this_name_is_nobody(scene: Scene) -> None:
    made = scene.repository.api("reader", "POST", "/forks", {"name": f"fork-{scene.repository.path[3:]}"}, (202,))
    fork = GiteaRepository(scene.repository.forge, made["full_name"])
    fork.push("reader", {MANIFEST: "images: []\n"}, f"refs/heads/{BRANCH}", force=True)
    asked = {"head": f"{login('reader')}:{BRANCH}", "base": "main", "title": "From a fork", "body": "gatekeeper"}
    theirs = scene.repository.api("reader", "POST", "/pulls", asked)
    code, promotion, _ = scene("--merge")
    assert (code, promotion["action"]) == (0, "committed")
    assert [pull["number"] for pull in scene.pulls()] == [theirs["number"]]
    assert scene.comments(theirs["number"]) == []
    assert "newTag: 1.4.2" in scene.shown(MANIFEST)
