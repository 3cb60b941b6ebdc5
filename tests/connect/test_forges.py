"""What every forge must do, on all three: a real Gitea, and a GitHub and a GitLab that take only what those would."""

from __future__ import annotations

import pytest

from gatekeeper.connect.forges.pull_requests import first_of
from gatekeeper.errors import CannotActError
from gatekeeper.ports.forge import Merged, PullRequest
from tests.connect.forge_stages import CONTEXT, GiteaStage, Slept, Stage, github_stage, gitlab_stage
from tests.servers.github import github, github_description
from tests.servers.gitlab import gitlab, gitlab_description

__all__ = ["github", "github_description", "gitlab", "gitlab_description"]

BRANCH = "gatekeeper/production/churn"
MARKER = "<!-- gatekeeper production/churn -->"
FORGES = [pytest.param("gitea", marks=pytest.mark.xdist_group("gitea")), "github", "gitlab"]


@pytest.fixture
def slept() -> Slept:
    """What would have been waited."""
    return Slept()


@pytest.fixture(params=FORGES)
def stage(request: pytest.FixtureRequest, slept: Slept) -> Stage:
    """A repository of its own at each forge."""
    site = request.getfixturevalue(request.param)
    if request.param == "gitea":
        return GiteaStage(site.repository({"a.yaml": "image: a\n"}))
    return github_stage(site, slept) if request.param == "github" else gitlab_stage(site, slept)


def test_who_the_token_belongs_to(stage: Stage) -> None:
    assert stage.forge("author").actor() == stage.login("author")
    assert stage.forge("approver").actor() == stage.login("approver")


def test_a_pull_request_from_opening_to_closing(stage: Stage) -> None:
    commit, forge = stage.propose(BRANCH), stage.forge()
    opened = forge.open(BRANCH, "main", "Promote churn", "The *report*\n", ["gatekeeper", "production"])
    assert (opened.head, opened.base, opened.commit) == (BRANCH, "main", commit)
    assert (opened.state, opened.author, opened.merged_as) == ("open", stage.login("author"), None)
    assert opened.url.startswith("http://127.0.0.1:")
    assert opened.url.endswith(f"/{opened.number}")
    assert forge.get(opened.number) == opened
    assert forge.find(BRANCH, "main") == (opened,)
    assert forge.find("main", BRANCH) == ()
    assert stage.labels(opened.number) == ["gatekeeper", "production"]
    forge.update(opened.number, "Promote churn again", "Changed")
    changed = forge.get(opened.number)
    assert (changed.title, changed.body, changed.commit) == ("Promote churn again", "Changed", commit)
    assert forge.get(opened.number).commit == commit
    later = stage.advance(BRANCH)
    assert forge.get(opened.number).commit == later
    forge.close(opened.number)
    assert forge.get(opened.number).state == "closed"
    assert forge.find(BRANCH, "main") == ()
    forge.close(opened.number)


def test_one_that_is_there_is_given_and_not_doubled(stage: Stage) -> None:
    stage.propose(BRANCH)
    first = stage.forge().open(BRANCH, "main", "One", "", [])
    second = stage.forge().open(BRANCH, "main", "Two", "", ["late"])
    assert second == first
    assert stage.labels(first.number) == ["late"]


def test_one_from_a_fork_is_never_taken_for_ours(stage: Stage) -> None:
    stage.propose(BRANCH)
    foreign = stage.fork(BRANCH)
    forge = stage.forge()
    assert forge.get(foreign).head == BRANCH, "it looks like ours by its branch's name"
    assert forge.find(BRANCH, "main") == ()
    assert forge.open(BRANCH, "main", "Ours", "", []).number != foreign


def test_a_branch_that_is_not_there_cannot_be_proposed(stage: Stage) -> None:
    with pytest.raises(CannotActError, match="cannot open"):
        stage.forge().open("no-such-branch", "main", "T", "", [])


def test_what_does_not_exist_cannot_be_read(stage: Stage) -> None:
    with pytest.raises(CannotActError, match="there is no such thing"):
        stage.forge().get(77)


def test_many_are_read_to_the_last_page(stage: Stage) -> None:
    forge, branches = stage.forge(), [f"b{number}" for number in range(7)]
    for branch in branches:
        stage.propose(branch)
        forge.open(branch, "main", branch, "", [])
    assert [forge.find(branch, "main")[0].title for branch in branches] == branches
    for number in range(7):
        forge.comment(1, f"remark {number}")
    forge.comment(1, f"{MARKER}\nsticky", MARKER)
    forge.comment(1, f"{MARKER}\nsticky, changed", MARKER)
    assert [text for _, text in stage.comments(1)][-1] == f"{MARKER}\nsticky, changed"
    assert len(stage.comments(1)) == 8


def test_our_comment_is_edited_and_never_somebody_elses(stage: Stage) -> None:
    stage.propose(BRANCH)
    number = stage.forge().open(BRANCH, "main", "T", "", []).number
    stage.forge("approver").comment(number, f"{MARKER}\nnot the gate's", MARKER)
    for text in ("denied", "denied", "allowed"):
        stage.forge().comment(number, f"{text}\n{MARKER}", MARKER)
    stage.forge().comment(number, "superseded")
    assert stage.comments(number) == [
        (stage.login("approver"), f"{MARKER}\nnot the gate's"),
        (stage.login("author"), f"allowed\n{MARKER}"),
        (stage.login("author"), "superseded"),
    ]


def test_a_text_that_is_too_long_is_cut_and_keeps_its_marker(stage: Stage) -> None:
    stage.propose(BRANCH)
    number = stage.forge().open(BRANCH, "main", "T", "long " * 400_000, []).number
    stage.forge().comment(number, "word " * 400_000 + MARKER, MARKER)
    stage.forge().comment(number, f"short {MARKER}", MARKER)
    assert [text for _, text in stage.comments(number)] == [f"short {MARKER}"]
    assert stage.forge().get(number).body.endswith("(cut)")


def test_a_title_that_is_too_long_is_cut(stage: Stage) -> None:
    stage.propose(BRANCH)
    forge = stage.forge()
    opened = forge.open(BRANCH, "main", "ä" * 600, "", [])
    assert opened.title == "ä" * 249 + "…"
    forge.update(opened.number, "b" * 600, "")
    assert forge.get(opened.number).title == "b" * 249 + "…"


def test_reviews_are_the_last_words_of_others(stage: Stage) -> None:
    commit = stage.propose(BRANCH)
    forge = stage.forge()
    number = forge.open(BRANCH, "main", "T", "", []).number
    assert forge.reviews(number) == ()
    stage.object_to("approver", number)
    assert [(one.by, one.approves) for one in forge.reviews(number)] == [(stage.login("approver"), False)]
    stage.approve("approver", number)
    (review,) = forge.reviews(number)
    assert (review.by, review.approves) == (stage.login("approver"), True)
    assert review.commit == (None if forge.name == "gitlab" else commit)
    assert review.url.startswith("http://127.0.0.1:")
    later = stage.advance(BRANCH)
    (stale,) = forge.reviews(number)
    assert stale.commit != later, "an approval of what was there before is none of this"


def test_a_merge_is_refused_until_everything_is_there(stage: Stage) -> None:
    stage.protect()
    commit, forge = stage.propose(BRANCH), stage.forge()
    number, before = forge.open(BRANCH, "main", "T", "", []).number, stage.tip()
    assert _refused(forge.merge(number, commit, "merge", "T", "B"))
    forge.status(commit, CONTEXT, "pending", "judging")
    forge.status(commit, CONTEXT, "pending", "judging")
    assert _refused(forge.merge(number, commit, "merge", "T", "B"))
    forge.status(commit, CONTEXT, "failure", "denied: " + "because " * 100, "https://ci.example/run/1")
    assert _refused(forge.merge(number, commit, "merge", "T", "B"))
    forge.status(commit, CONTEXT, "success", "allowed")
    assert _refused(forge.merge(number, commit, "merge", "T", "B")), "an approval is missing"
    stage.approve("approver", number)
    assert stage.tip() == before
    merged = forge.merge(number, commit, "merge", "T", "B")
    assert merged == Merged(commit=stage.tip())
    assert stage.tip() != before
    done = forge.get(number)
    assert (done.state, done.merged_as, done.commit) == ("merged", merged.commit, commit)
    assert [pull.number for pull in forge.brought(str(merged.commit))] == [number]
    assert forge.merge(number, commit, "merge", "T", "B") == merged, "made once, told again"
    forge.close(number)
    assert forge.get(number).state == "merged"


def test_a_merge_is_pinned_to_the_commit_that_was_judged(stage: Stage) -> None:
    judged, forge = stage.propose(BRANCH), stage.forge()
    number, before = forge.open(BRANCH, "main", "T", "", []).number, stage.tip()
    later = stage.advance(BRANCH)
    assert _refused(forge.merge(number, judged, "merge", "T", "B"))
    assert (stage.tip(), forge.get(number).state) == (before, "open")
    assert forge.merge(number, later, "merge", "T", "B").commit == stage.tip()
    assert "at another commit" in _refused(forge.merge(number, judged, "merge", "T", "B"))


def test_what_is_closed_is_not_merged(stage: Stage) -> None:
    commit, forge = stage.propose(BRANCH), stage.forge()
    number, before = forge.open(BRANCH, "main", "T", "", []).number, stage.tip()
    forge.close(number)
    assert "closed" in _refused(forge.merge(number, commit, "merge", "T", "B"))
    assert stage.tip() == before


def test_a_commit_that_no_pull_request_brought(stage: Stage) -> None:
    assert stage.forge().brought(stage.tip()) == ()


def _refused(merged: Merged) -> str:
    assert merged.commit is None
    assert merged.refused
    return merged.refused


@pytest.mark.parametrize("mine", [1, 2, 3])
def test_of_several_opened_at_once_whoever_sees_them_leaves_the_first(mine: int) -> None:
    pulls = {number: pull_request(number) for number in (1, 2, 3)}
    closed: list[int] = []
    assert first_of(pulls[mine], list(pulls.values()), closed.append) == pulls[1]
    assert closed == [2, 3]


def test_one_that_is_not_listed_yet_is_there_all_the_same() -> None:
    closed: list[int] = []
    assert first_of(pull_request(1), [pull_request(2)], closed.append) == pull_request(1)
    assert closed == [2]
    assert first_of(pull_request(4), [], closed.append) == pull_request(4)
    assert closed == [2]


def pull_request(number: int) -> PullRequest:
    return PullRequest(
        number=number, url="u", title="t", body="", head="h", base="main", commit="c", state="open", author="bot"
    )
