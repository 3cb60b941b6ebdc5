"""Promotion by pull request at GitHub and GitLab: every answer lost, every limit, and killed at every request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.model.digests import sha256_of
from gatekeeper.records.canonical import canonical
from tests.cli.forges import BRANCH, GITHUB, GITLAB, IMAGE, MANIFEST, ONE, STICKY, TWO, ForgeScene, forge_scene
from tests.conftest import Command
from tests.faults.steps import ALL
from tests.judging import policy_text
from tests.servers.described import Description
from tests.servers.forge_site import Failure
from tests.servers.github import github_description
from tests.servers.gitlab import gitlab_description

__all__ = ["github_description", "gitlab_description"]

OPENING = ("POST", r"/(pulls|merge_requests)$")
COMMENTING = ("POST", r"/(comments|notes)$")
STATUS = ("POST", r"/statuses/")
MERGING = ("PUT", r"/merge$")
CHANGES = {"open": OPENING, "comment": COMMENTING, "status": STATUS, "merge": MERGING}
FORGES = ("github", "gitlab")


def made(request: pytest.FixtureRequest, command: Command, **spec: object) -> Iterator[ForgeScene]:
    kind = GITHUB if request.param == "github" else GITLAB
    description: Description = request.getfixturevalue(f"{request.param}_description")
    with forge_scene(command, kind, description, **spec) as scene:
        yield scene


@pytest.fixture(params=FORGES)
def scene(request: pytest.FixtureRequest, gatekeeper: Command) -> Iterator[ForgeScene]:
    """One without approvals."""
    yield from made(request, gatekeeper)


@pytest.fixture(params=FORGES if ALL else FORGES[:1])
def faulted(request: pytest.FixtureRequest, gatekeeper: Command) -> Iterator[ForgeScene]:
    """One at which answers get lost and processes die; `scripts/faults` does so at every forge."""
    yield from made(request, gatekeeper)


@pytest.fixture(params=FORGES)
def reviewed(request: pytest.FixtureRequest, gatekeeper: Command) -> Iterator[ForgeScene]:
    """One that asks for a review."""
    yield from made(request, gatekeeper, approvals={"count": 1, "level": "reviewed"})


def check_one(scene: ForgeScene, promotion: dict[str, object]) -> None:
    """One pull request is open, at the commit that was told, with one report and the status of success."""
    (pull,) = scene.open_pulls
    assert pull.commit == promotion["commit"] == scene.bare.tip(BRANCH)
    assert promotion["pull_request"].endswith(f"/{pull.number}")  # type: ignore[attr-defined]
    assert len(scene.reports(pull)) == 1
    assert scene.status(pull.commit) == "success"


def check_merged_once(scene: ForgeScene) -> None:
    """One was merged, none is open, and the manifest has what it promised."""
    assert scene.open_pulls == []
    (pull,) = scene.merged_pulls
    assert scene.bare.tip() == pull.merged_as
    assert "newTag: 1.4.2" in scene.bare.shown(MANIFEST)
    assert len(scene.reports(pull)) == 1


def test_what_is_allowed_is_proposed_and_the_same_is_adopted(scene: ForgeScene) -> None:
    before = scene.bare.tip()
    code, promotion, _ = scene()
    assert (code, promotion["action"]) == (0, "proposed")
    check_one(scene, promotion)
    assert scene.open_pulls[0].labels == ["promotion"]
    assert "newTag: 1.4.2" in scene.bare.shown(MANIFEST, BRANCH)
    code, again, _ = scene()
    assert (code, again["commit"]) == (0, promotion["commit"])
    check_one(scene, again)
    assert scene.bare.tip() == before


def test_of_what_is_adopted_the_decision_that_it_records_is_told(scene: ForgeScene) -> None:
    _, first, _ = scene()
    code, promotion, _ = scene("--merge", "--decision", "d.json")
    assert (code, promotion["action"], promotion["record"]) == (0, "committed", first["record"])
    record = scene.bare.shown(first["record"])
    assert (scene.command.folder / "d.json").read_text().strip() == record
    (pull,) = scene.merged_pulls
    decision = f"sha256:{first['record'].rpartition('-')[2].removesuffix('.json')}"
    assert decision in pull.body
    (asked,) = [one.body for one in scene.site.asked if (one.method, one.path[-6:]) == ("PUT", "/merge")]
    assert f"Gatekeeper-Decision: {decision}" in json.dumps(asked)


def test_changed_evidence_updates_and_another_image_supersedes(scene: ForgeScene) -> None:
    _, first, _ = scene()
    scene.write(0.95)
    code, again, _ = scene()
    assert code == 0
    assert again["commit"] != first["commit"]
    assert again["pull_request"] == first["pull_request"]
    check_one(scene, again)
    code, other, _ = scene(image=TWO)
    assert code == 0
    check_one(scene, other)
    closed, opened = scene.site.pulls
    assert closed.closed
    assert sum("Superseded" in comment.text for comment in closed.comments) == 1
    assert "1.5.0" in opened.title


@pytest.mark.parametrize("done", [True, False], ids=["done", "not-done"])
@pytest.mark.parametrize("change", list(CHANGES))
def test_an_answer_that_is_lost_doubles_nothing(faulted: ForgeScene, change: str, done: bool) -> None:
    faulted.site.failures.append(Failure(*CHANGES[change], done=done))
    code, promotion, err = faulted("--merge")
    assert faulted.site.failures == []
    assert (code, promotion["action"]) == (0, "committed"), err
    assert promotion["commit"] == faulted.bare.tip()
    check_merged_once(faulted)


@pytest.mark.parametrize("done", [True, False], ids=["done", "not-done"])
@pytest.mark.parametrize("change", list(CHANGES))
def test_killed_at_a_request_it_is_finished_by_running_it_again(faulted: ForgeScene, change: str, done: bool) -> None:
    faulted.killed(*CHANGES[change], "--merge", done=done)
    code, promotion, err = faulted("--merge")
    assert code == 0, err
    assert promotion["action"] == ("already" if (change, done) == ("merge", True) else "committed")
    check_merged_once(faulted)


def test_denied_afterwards_the_status_turns_red(scene: ForgeScene) -> None:
    _, first, _ = scene()
    scene.write(0.5)
    code, promotion, _ = scene()
    assert (code, promotion["action"]) == (1, "none")
    assert scene.status(first["commit"]) == "failure"
    (report,) = scene.reports(scene.open_pulls[0])
    assert "DENIED" in report


def test_a_branch_that_a_person_changed_is_left_alone(scene: ForgeScene) -> None:
    scene()
    theirs = scene.bare.push({"README.md": "mine"}, BRANCH, onto=BRANCH)
    code, _, err = scene(image=TWO)
    assert code == 4
    assert f"somebody else changed the branch {BRANCH}: it changes README.md" in err
    assert scene.bare.tip(BRANCH) == theirs
    assert len(scene.open_pulls) == 1


def test_a_manifest_that_a_person_changed_on_the_branch_is_left_alone(scene: ForgeScene) -> None:
    scene()
    text = scene.bare.shown(MANIFEST, BRANCH)
    theirs = scene.bare.push({MANIFEST: f"{text}\n# by hand\n"}, BRANCH, onto=BRANCH, amend=True)
    code, _, err = scene(image=TWO)
    assert code == 4, err
    assert scene.bare.tip(BRANCH) == theirs


LENIENT = {"policies/p.yaml": policy_text([{"id": "accuracy", "metric": {"name": "accuracy", "min": 0.1}}])}


def check_left_alone(scene: ForgeScene, theirs: str, told: str) -> None:
    """What is on the branch is neither merged nor written over, and no status says that it may go."""
    before = scene.bare.tip()
    code, _, err = scene("--merge")
    assert code == 4, err
    assert f"somebody else changed the branch {BRANCH}: {told}" in err
    assert (scene.bare.tip(), scene.bare.tip(BRANCH)) == (before, theirs)
    assert scene.status(theirs) is None


def test_what_a_person_put_below_the_commit_is_not_merged_with_it(scene: ForgeScene) -> None:
    _, first, _ = scene()
    ours = {path: f"{scene.bare.shown(path, BRANCH)}\n" for path in (MANIFEST, first["record"])}
    scene.bare.push(LENIENT, "below")
    theirs = scene.bare.push(ours, BRANCH, onto="below")
    check_left_alone(scene, theirs, "it lies on a commit that is not on main")


def test_what_landed_since_is_not_undone_by_a_merge_on_the_branch(scene: ForgeScene) -> None:
    _, first, _ = scene()
    since = scene.bare.push({"README.md": "since"})
    parents = ("-p", f"{first['commit']}~1", "-p", since)
    theirs = scene.bare.git("commit-tree", f"{first['commit']}^{{tree}}", *parents, "-m", "Update")
    scene.bare.git("update-ref", f"refs/heads/{BRANCH}", theirs)
    check_left_alone(scene, theirs, "it is a merge")


def test_holds_and_records_that_are_there_are_not_changed_by_the_branch(scene: ForgeScene) -> None:
    spec = {"environment": "production", "reason": "wait", "by": "approver", "since": "2026-11-20T00:00:00Z"}
    spec["until"] = "2026-11-20T01:00:00Z"
    hold = {"apiVersion": "gatekeeper/v1", "kind": "Hold", "metadata": {"name": "wait"}, "spec": spec}
    scene.bare.push({"holds/wait.yaml": json.dumps(hold)})
    scene()
    theirs = scene.bare.push({"holds/wait.yaml": json.dumps(hold, indent=1)}, BRANCH, onto=BRANCH, amend=True)
    check_left_alone(scene, theirs, "it changes holds/wait.yaml")


def test_a_second_record_beside_the_one_of_the_commit_is_noticed(scene: ForgeScene) -> None:
    _, first, _ = scene()
    other = "decisions/production/churn/20200101T000000Z-0123456789abcdef.json"
    more = {other: scene.bare.shown(first["record"], BRANCH)}
    theirs = scene.bare.push(more, BRANCH, onto=BRANCH, amend=True)
    check_left_alone(scene, theirs, "it holds several decisions on churn")


def test_a_hold_that_nothing_asks_for_is_not_adopted(scene: ForgeScene) -> None:
    _, first, _ = scene()
    spec = {"environment": "staging", "reason": "no", "by": "author", "since": "2026-11-20T00:00:00Z"}
    hold = {"apiVersion": "gatekeeper/v1", "kind": "Hold", "metadata": {"name": "no"}, "spec": spec}
    scene.bare.push({"holds/no.yaml": json.dumps(hold)}, BRANCH, onto=BRANCH, amend=True)
    code, again, err = scene()
    assert code == 0, err
    assert again["commit"] != first["commit"]
    assert scene.bare.git("ls-tree", "-r", "--name-only", BRANCH, "holds/") == ""


def test_a_record_that_tells_of_approvals_that_nobody_gave_is_not_adopted(scene: ForgeScene) -> None:
    _, first, _ = scene()
    record = json.loads(scene.bare.shown(first["record"], BRANCH))
    forged = {"by": "approver", "level": "signed", "source": f"sha256:{'a' * 64}"}
    record["predicate"]["promotion"]["approvals"] = [forged]
    text = f"{canonical(record).decode()}\n"
    theirs = scene.bare.push({first["record"]: text}, BRANCH, onto=BRANCH, amend=True)
    code, promotion, err = scene("--merge")
    assert (code, promotion["action"]) == (0, "committed"), err
    assert promotion["record"] != first["record"]
    assert not scene.bare.is_in(theirs, "main")
    assert json.loads(scene.bare.shown(promotion["record"]))["predicate"]["promotion"]["approvals"] == []


def test_an_override_is_adopted_with_its_own_hold_and_no_other(scene: ForgeScene) -> None:
    trust = json.loads(scene.bare.shown("trust.yaml"))
    trust["spec"]["roles"].append({"role": "override", "members": ["author"]})
    scene.bare.push({"trust.yaml": json.dumps(trust)})
    scene.write(0.5)
    forced = ("--override", "The fix cannot wait.", "--ticket", "ML-9")
    code, first, err = scene(*forced)
    assert (code, first["action"]) == (0, "proposed"), err
    assert scene(*forced)[1]["commit"] == first["commit"]
    hold = scene.bare.git("ls-tree", "-r", "--name-only", BRANCH, "holds/")
    shorter = scene.bare.shown(hold, BRANCH).replace("until: 20", "until: 10").replace('until: "20', 'until: "10')
    theirs = scene.bare.push({hold: shorter}, BRANCH, onto=BRANCH, amend=True)
    assert theirs != first["commit"]
    code, again, err = scene(*forced)
    assert code == 0, err
    assert again["commit"] not in (first["commit"], theirs)


def test_a_base_that_moved_elsewhere_is_judged_by_and_merged_into(scene: ForgeScene) -> None:
    scene()
    scene.bare.push({"README.md": "other"})
    code, promotion, _ = scene("--merge")
    assert (code, promotion["action"]) == (0, "committed")
    check_merged_once(scene)
    assert scene.bare.shown("README.md") == "other"


def test_a_base_whose_manifest_moved_gets_a_new_commit(scene: ForgeScene) -> None:
    scene()
    text = scene.bare.shown(MANIFEST)
    scene.bare.push({MANIFEST: text.replace("1.4.1", "1.4.0")})
    code, promotion, err = scene("--merge")
    assert (code, promotion["action"]) == (0, "committed"), err
    check_merged_once(scene)


def test_what_was_merged_elsewhere_is_not_told_as_promoted(scene: ForgeScene) -> None:
    scene()
    (pull,) = scene.open_pulls
    scene.bare.push({"README.md": "other"}, "release")
    before = scene.bare.tip()

    def retarget(method: str, target: str) -> None:
        if method == "PUT" and target.endswith("/merge"):
            scene.site.before, pull.base = None, "release"

    scene.site.before = retarget
    code, promotion, err = scene("--merge")
    assert scene.bare.tip() == before
    if scene.kind is GITLAB:  # where this token may merge into `main` alone
        assert (code, promotion["action"]) == (5, "waiting")
    else:
        assert code == 4
        assert f"as {scene.bare.tip('release')}, and main does not hold it" in err


def test_an_approval_that_came_to_another_branch_is_not_reviewed_on_this_one(reviewed: ForgeScene) -> None:
    spec = {
        "environment": "production",
        "artifact": "churn",
        "digest": ONE.partition("@")[2],
        "policies": {"p": sha256_of(reviewed.bare.shown("policies/p.yaml").encode())},
        "by": "approver",
        "granted": "2026-11-20",
        "expires": "2099-01-01",
    }
    approval = {"apiVersion": "gatekeeper/v1", "kind": "Approval", "metadata": {"name": "yes"}, "spec": spec}
    reviewed.bare.git("update-ref", "refs/heads/scratch", reviewed.bare.tip())
    reviewed.bare.push({"approvals/yes.yaml": json.dumps(approval)}, "yes")
    pull = reviewed.site.add_pull("yes", "scratch", reviewed.kind.author)
    reviewed.site.review(pull.number, reviewed.kind.approver, "approved")
    reviewed.bare.git("update-ref", "refs/heads/main", reviewed.site.merge(pull))
    _, promotion, err = reviewed("--merge")
    assert promotion["action"] == "waiting", err
    pull.base = "main"
    code, promotion, err = reviewed("--merge")
    assert (code, promotion["action"]) == (0, "committed"), err


def test_rules_that_land_before_the_merge_are_judged_by(scene: ForgeScene) -> None:
    stricter = {"policies/p.yaml": policy_text([{"id": "accuracy", "metric": {"name": "accuracy", "min": 0.99}}])}

    def land(method: str, target: str) -> None:
        if method == STATUS[0] and "/statuses/" in target:
            scene.site.before = None
            scene.bare.push(stricter)

    scene.site.before = land
    code, promotion, err = scene("--merge")
    assert (code, promotion["action"]) == (1, "none"), err
    assert scene.merged_pulls == []
    assert scene.status(scene.open_pulls[0].commit) == "failure"


def test_merged_by_a_person_at_that_moment_nothing_is_opened_anew(scene: ForgeScene) -> None:
    scene()
    (pull,) = scene.open_pulls

    def merge(method: str, target: str) -> None:
        if method == "GET" and ("/pulls?" in target or "/merge_requests?" in target):
            scene.site.before = None
            scene.site.merge(pull)

    scene.site.before = merge
    scene.site.deletes = True
    code, promotion, err = scene("--merge")
    assert (code, promotion["action"]) == (0, "already"), err
    check_merged_once(scene)
    assert scene.bare.tip(BRANCH) == ""


def test_a_token_that_expires_on_the_way_is_told_with_what_is_there(scene: ForgeScene) -> None:
    for change, words in ((OPENING, f"{BRANCH} is pushed"), (COMMENTING, "is open")):
        scene.site.failures.append(Failure(*change, status=401, body={"message": "expired"}))
        code, _, err = scene()
        assert code == 4
        assert "the token is not accepted" in err
        assert words in err
    code, promotion, _ = scene()
    assert code == 0
    check_one(scene, promotion)


def test_a_limit_is_waited_for(scene: ForgeScene) -> None:
    for change in (OPENING, COMMENTING, STATUS):
        failure = Failure(*change, status=429, body={"message": "slow down"}, headers=(("retry-after", "0"),))
        scene.site.failures.append(failure)
    code, promotion, _ = scene()
    assert code == 0
    check_one(scene, promotion)


def test_a_fork_with_a_branch_of_this_name_is_nobody(scene: ForgeScene) -> None:
    scene.site.add_pull(BRANCH, "main", "stranger", fork=True, body="<!-- gatekeeper:report -->")
    code, promotion, _ = scene()
    assert code == 0
    (pull,) = [pull for pull in scene.open_pulls if not pull.fork]
    assert promotion["pull_request"].endswith(f"/{pull.number}")
    assert scene.site.pulls[0].comments == []


@pytest.mark.parametrize("count", [2, 8])
def test_the_same_promoted_at_once_is_proposed_once(scene: ForgeScene, count: int) -> None:
    started = [scene.start() for _ in range(count)]
    ended = [scene.end(process) for process in started]
    assert [(code, promotion["action"]) for code, promotion, _ in ended] == [(0, "proposed")] * count, ended
    assert len({promotion["commit"] for _, promotion, _ in ended}) == 1
    assert len(scene.site.pulls) == 1
    check_one(scene, ended[0][1])


def test_merged_at_once_it_is_merged_once(scene: ForgeScene) -> None:
    started = [scene.start("--merge") for _ in range(3)]
    ended = [scene.end(process) for process in started]
    assert {code for code, _, _ in ended} == {0}, ended
    assert {promotion["action"] for _, promotion, _ in ended} <= {"committed", "already"}
    check_merged_once(scene)
    commits = {promotion["commit"] for _, promotion, _ in ended if promotion["action"] == "committed"}
    assert commits == {scene.bare.tip()}


def test_of_other_images_at_once_the_last_is_left_and_the_others_are_told(scene: ForgeScene) -> None:
    started = [scene.start(image=image) for image in (ONE, TWO) * 2]
    ended = [scene.end(process) for process in started]
    (pull,) = scene.open_pulls
    assert pull.commit == scene.bare.tip(BRANCH)
    left = [promotion for code, promotion, _ in ended if code == 0 and promotion["commit"] == pull.commit]
    assert left, ended
    assert scene.status(pull.commit) == "success"
    version = "1.4.2" if "newTag: 1.4.2" in scene.bare.shown(MANIFEST, BRANCH) else "1.5.0"
    assert version in pull.title
    assert scene.reports(pull) != []
    for code, _, err in ended:
        assert code == 0 or (code == 4 and "another run has proposed something else" in err), err


def test_who_asked_for_it_before_does_not_approve_it(reviewed: ForgeScene) -> None:
    _, first, _ = reviewed(GITHUB_ACTIONS="true", GITHUB_ACTOR=reviewed.kind.approver)
    assert reviewed.kind is not GITHUB or first["requester"]["also"] == ["approver"]
    (pull,) = reviewed.open_pulls
    reviewed.site.review(pull.number, reviewed.kind.approver, "approved")
    code, promotion, _ = reviewed("--merge")
    assert promotion["commit"] in (None, first["commit"])
    assert (code, promotion["action"]) == (5, "waiting")
    assert reviewed.merged_pulls == []


def test_a_review_counts_where_the_forge_says_of_which_commit(reviewed: ForgeScene) -> None:
    code, promotion, _ = reviewed()
    assert (code, [one["condition"] for one in promotion["waiting"]]) == (0, ["approval"])
    (pull,) = reviewed.open_pulls
    assert reviewed.status(pull.commit) == "pending"
    reviewed.site.review(pull.number, reviewed.kind.approver, "approved")
    code, promotion, _ = reviewed("--merge")
    assert (code, promotion["action"]) == ((0, "committed") if reviewed.kind is GITHUB else (5, "waiting"))


def test_what_others_write_is_not_believed(scene: ForgeScene) -> None:
    scene()
    (pull,) = scene.open_pulls
    scene.site.say(pull.number, "stranger", f"{STICKY} DENIED")
    other = f"<!-- gatekeeper:proposes churn=sha256:{'f' * 64} -->"
    pull.body = f"{other}\n{pull.body}"
    assert scene()[0] == 0
    assert [one.number for one in scene.open_pulls] == [pull.number]
    assert other not in pull.body
    assert [comment.by for comment in pull.comments] == [scene.kind.author, "stranger"]


def test_a_hold_that_lands_before_the_merge_holds_it(scene: ForgeScene) -> None:
    spec = {"environment": "production", "reason": "wait", "by": "approver", "since": "2026-11-20T00:00:00Z"}
    hold = {"apiVersion": "gatekeeper/v1", "kind": "Hold", "metadata": {"name": "wait"}, "spec": spec}

    def land(method: str, target: str) -> None:
        if method == STATUS[0] and "/statuses/" in target:
            scene.site.before = None
            scene.bare.push({"holds/wait.yaml": json.dumps(hold)})

    scene.site.before = land
    code, promotion, err = scene("--merge")
    assert (code, promotion["action"]) == (5, "waiting"), err
    assert scene.merged_pulls == []
    assert scene.status(scene.open_pulls[0].commit) == "pending"


def test_a_decision_that_landed_since_is_followed_by_a_new_record(scene: ForgeScene) -> None:
    _, first, _ = scene()
    folder = "decisions/production/churn"
    record = scene.bare.shown(first["record"], BRANCH)
    scene.bare.push({f"{folder}/{Path(first['record']).name}": record})
    code, promotion, err = scene("--merge")
    assert (code, promotion["action"]) == (0, "committed"), err
    assert promotion["record"] != first["record"]
    assert scene.bare.shown(promotion["record"])


def test_gitlab_is_asked_by_push_options_alone(gatekeeper: Command, gitlab_description: Description) -> None:
    forge = {"type": "gitlab-push", "labels": ["promotion"]}
    with forge_scene(gatekeeper, GITLAB, gitlab_description, forge) as scene:
        code, promotion, err = scene()
        assert (code, promotion["action"]) == (0, "proposed"), err
        assert promotion["pull_request"] == "http://forge.example/ml/deploy/-/merge_requests/1"
        options = (scene.bare.folder / "push-options").read_text().splitlines()
        assert options[:2] == ["merge_request.create", "merge_request.target=main"]
        assert "merge_request.title=production/churn: 1.4.1 → 1.4.2" in options
        assert options[-1] == "merge_request.label=promotion"
        code, again, _ = scene()
        assert (code, again["commit"]) == (0, promotion["commit"])
        assert (scene.bare.folder / "push-options").read_text().splitlines() == options
        assert scene.site.asked == []
        assert scene("--merge")[0] == 2


FRAUD = "registry.example/fraud-model"


@pytest.fixture(params=FORGES)
def several(request: pytest.FixtureRequest, gatekeeper: Command) -> Iterator[ForgeScene]:
    """One whose environment holds two artifacts, both in one file."""
    rows = [
        {"name": name, "image": image, "manifests": [{"path": MANIFEST, "format": "kustomize"}]}
        for name, image in (("churn", IMAGE), ("fraud", FRAUD))
    ]
    for scene in made(request, gatekeeper, artifacts=rows):
        text = scene.bare.shown(MANIFEST)
        scene.bare.push({MANIFEST: f"{text}\n  - name: {FRAUD}\n    newTag: 0.9.0\n"})
        yield scene


def test_several_are_adopted_together_and_taken_back_together(several: ForgeScene) -> None:
    both = ("--artifact", f"{FRAUD}:1.0.0@sha256:{'c' * 64}")
    code, first, err = several(*both)
    assert (code, first["action"]) == (0, "proposed"), err
    (pull,) = several.open_pulls
    assert pull.head == "gatekeeper/promote/production/_several"
    assert several.status(pull.commit) == "success"
    code, again, _ = several(*both)
    assert (code, again["commit"]) == (0, first["commit"])
    several.write(0.5)
    code, _, _ = several(*both)
    assert code == 1
    assert several.status(pull.commit) == "failure"
    (report,) = several.reports(pull)
    assert "DENIED" in report
    several.write(0.91)
    code, promotion, err = several(*both, "--merge")
    assert (code, promotion["action"]) == (0, "committed"), err
    text = several.bare.shown(MANIFEST)
    assert "newTag: 1.4.2" in text
    assert "newTag: 1.0.0" in text


def test_a_manifest_that_none_of_several_decisions_is_about_is_not_adopted(gatekeeper: Command, request: Any) -> None:
    names = {"churn": IMAGE, "fraud": FRAUD, "other": "registry.example/other"}
    paths = {name: f"environments/production/{name}/kustomization.yaml" for name in names}
    rows = [
        {"name": name, "image": image, "manifests": [{"path": paths[name], "format": "kustomize"}]}
        for name, image in names.items()
    ]
    with forge_scene(gatekeeper, GITHUB, request.getfixturevalue("github_description"), artifacts=rows) as scene:
        scene.bare.push(
            {paths[name]: f"images:\n  - name: {image}\n    newTag: 0.9.0\n" for name, image in names.items()}
        )
        both = ("--artifact", f"{FRAUD}:1.0.0@sha256:{'c' * 64}")
        _, first, _ = scene(*both)
        branch = "gatekeeper/promote/production/_several"
        hand = {paths["other"]: scene.bare.shown(paths["other"]).replace("0.9.0", "6.6.6")}
        scene.bare.push(hand, branch, onto=branch, amend=True)
        code, again, err = scene(*both, "--merge")
        assert (code, again["action"]) == (0, "committed"), err
        assert again["record"] != first["record"]
        assert "0.9.0" in scene.bare.shown(paths["other"])
