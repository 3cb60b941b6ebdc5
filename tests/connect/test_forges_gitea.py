"""Gitea's forge against the real one: what it refuses, and what is there when it has been asked."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from gatekeeper.connect.forges.gitea import Gitea
from gatekeeper.connect.forges.rest import Pace
from gatekeeper.connect.http import HttpDoor
from gatekeeper.errors import CannotActError
from tests.servers.gitea import GiteaRepository, RunningGitea, login

pytestmark = pytest.mark.xdist_group("gitea")
CONTEXT = "gatekeeper/production"
BRANCH = "gatekeeper/production/churn"
_MORE = itertools.count(1)


@pytest.fixture
def repository(gitea: RunningGitea) -> GiteaRepository:
    """A new one, with a manifest."""
    return gitea.repository({"a.yaml": "image: a\n"})


def forge(repository: GiteaRepository, user: str = "author", **pace: float) -> Gitea:
    """The forge as a user, with a real clock: Gitea makes up its mind in its own time."""
    door = HttpDoor(environment={})
    return Gitea(door, repository.forge.url, repository.path, repository.forge.tokens[user], Pace(**pace))


def proposed(repository: GiteaRepository, branch: str = BRANCH) -> str:
    """A branch with a change; its commit."""
    return repository.push("author", {"a.yaml": f"image: b{next(_MORE)}\n"}, f"refs/heads/{branch}")


def test_a_pull_request_is_opened_found_changed_and_closed(repository: GiteaRepository) -> None:
    commit, author = proposed(repository), forge(repository)
    opened = author.open(BRANCH, "main", "Promote", "Body", ["gatekeeper", "production"])
    assert (opened.commit, opened.state, opened.author) == (commit, "open", login("author"))
    assert (opened.head, opened.base) == (BRANCH, "main")
    assert opened.url == f"{repository.forge.url}/{repository.path}/pulls/{opened.number}"
    assert author.find(BRANCH, "main") == (opened,)
    author.update(opened.number, "Promote 2", "Body 2")
    assert (author.get(opened.number).title, author.get(opened.number).body) == ("Promote 2", "Body 2")
    labels = repository.api("reader", "GET", f"/issues/{opened.number}/labels")
    assert sorted(label["name"] for label in labels) == ["gatekeeper", "production"]
    author.close(opened.number)
    author.close(opened.number)
    assert author.get(opened.number).state == "closed"
    assert author.find(BRANCH, "main") == ()


def test_merging_is_blocked_then_allowed(repository: GiteaRepository) -> None:
    repository.protect(status_check_contexts=[CONTEXT])
    commit, author = proposed(repository), forge(repository)
    number = author.open(BRANCH, "main", "Promote", "", []).number
    assert "Not all required status checks successful" in str(author.merge(number, commit, "merge", "T", "B").refused)
    author.status(commit, CONTEXT, "failure", "x" * 1000, "https://ci.example/1")
    assert author.merge(number, commit, "merge", "T", "B").refused
    author.status(commit, CONTEXT, "success", "allowed")
    assert "approvals" in str(author.merge(number, commit, "merge", "T", "B").refused)
    with pytest.raises(AssertionError, match="422"):
        repository.approve("author", number)
    repository.approve("approver", number, commit)
    merged = author.merge(number, commit, "merge", "production/churn: a → b", "Gatekeeper-Decision: sha256:x")
    assert merged.commit == repository.tip()
    assert author.get(number).merged_as == merged.commit
    said = repository.api("reader", "GET", f"/git/commits/{merged.commit}")["commit"]["message"]
    assert said.strip() == "production/churn: a → b\n\nGatekeeper-Decision: sha256:x"
    assert author.merge(number, commit, "merge", "T", "B") == merged, "a merge that was made counts as made"
    assert [pull.number for pull in author.brought(str(merged.commit))] == [number]
    assert author.brought(repository.api("reader", "GET", f"/git/commits/{merged.commit}")["parents"][0]["sha"]) == ()


def opened(repository: GiteaRepository, branch: str = BRANCH) -> tuple[int, str]:
    """A pull request of the author's; its number and commit."""
    commit = proposed(repository, branch)
    return forge(repository).open(branch, "main", "Promote", "", []).number, commit


def test_an_approval_of_what_was_there_before_is_dismissed(repository: GiteaRepository) -> None:
    repository.protect()
    number, commit = opened(repository)
    repository.approve("approver", number, commit)
    (review,) = forge(repository).reviews(number)
    assert (review.by, review.approves, review.commit) == (login("approver"), True, commit)
    later = repository.push("author", {"a.yaml": "image: c\n"}, f"refs/heads/{BRANCH}", onto=BRANCH)
    (stale,) = forge(repository).reviews(number)
    assert stale.commit == commit != later
    _until_dismissed(repository, number)
    assert [(one.approves, one.commit) for one in forge(repository).reviews(number)] == [(False, commit)]
    assert forge(repository).merge(number, commit, "merge", "T", "B").refused
    assert "approvals" in str(forge(repository).merge(number, later, "merge", "T", "B").refused)
    repository.approve("approver", number, later)
    assert [(one.approves, one.commit) for one in forge(repository).reviews(number)] == [(True, later)]
    assert forge(repository).merge(number, later, "merge", "T", "B").commit == repository.tip()


def test_an_objection_blocks(repository: GiteaRepository) -> None:
    repository.protect()
    number, commit = opened(repository)
    repository.approve("approver", number, commit)
    repository.approve("bot", number, commit, event="REQUEST_CHANGES")
    assert "requested changes" in str(forge(repository).merge(number, commit, "merge", "T", "B").refused).lower()
    assert {one.by: one.approves for one in forge(repository).reviews(number)} == {
        login("approver"): True,
        login("bot"): False,
    }


def test_a_pull_request_by_a_push_is_read_and_merged_but_not_taken_for_a_branchs(repository: GiteaRepository) -> None:
    repository.protect(required_approvals=0)
    asked = ("topic=churn", "title=By a push", "description=Text")
    commit = repository.push("reader", {"a.yaml": "image: pushed\n"}, "refs/for/main", options=asked)
    (number,) = [one["number"] for one in repository.api("reader", "GET", "/pulls?state=open")]
    pull = forge(repository).get(number)
    assert (pull.title, pull.commit, pull.author, pull.base) == ("By a push", commit, login("reader"), "main")
    for head in ("churn", "reader/churn", f"{login('reader')}/churn", BRANCH):
        assert forge(repository).find(head, "main") == ()
    assert forge(repository).merge(number, commit, "merge", "T", "B").commit == repository.tip()


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_the_ways_to_merge(repository: GiteaRepository, method: str) -> None:
    number, commit = opened(repository)
    merged = forge(repository).merge(number, commit, method, "The subject", "The body")
    assert merged.commit == repository.tip()
    assert [one.number for one in forge(repository).brought(str(merged.commit))] == [number]
    said = repository.api("reader", "GET", f"/git/commits/{merged.commit}")["commit"]["message"]
    assert said.startswith("Change files" if method == "rebase" else "The subject\n\nThe body")


def test_a_way_that_the_repository_does_not_allow(repository: GiteaRepository) -> None:
    repository.api("admin", "PATCH", "", {"has_pull_requests": True, "allow_squash_merge": False})
    number, commit = opened(repository)
    before = repository.tip()
    assert "squash" in str(forge(repository).merge(number, commit, "squash", "T", "B").refused)
    assert repository.tip() == before


def test_a_conflict_is_refused_after_a_while(repository: GiteaRepository) -> None:
    number, commit = opened(repository)
    repository.push("author", {"a.yaml": "image: other\n"})
    before = repository.tip()
    refused = forge(repository, merging=2.0).merge(number, commit, "merge", "T", "B").refused
    assert refused
    assert repository.tip() == before


def test_who_may_not_merge_does_not(repository: GiteaRepository) -> None:
    number, commit = opened(repository)
    refused = forge(repository, "reader", merging=2.0).merge(number, commit, "merge", "T", "B").refused
    assert "not allowed to merge" in str(refused)
    for act in (
        lambda: forge(repository, "reader").status(commit, CONTEXT, "success", "d"),
        lambda: forge(repository, "reader").update(number, "T", "B"),
    ):
        with pytest.raises(CannotActError, match="the token may not do that"):
            act()


def test_labels_of_the_repository_and_of_its_organisation_are_taken(repository: GiteaRepository) -> None:
    repository.forge.api("admin", "POST", "/orgs/ml/labels", {"name": "of-all", "color": "#111111"}, want=(201, 422))
    for number in range(12):
        repository.api("author", "POST", "/labels", {"name": f"own-{number}", "color": "#222222"})
    proposed(repository)
    wanted = ["own-11", "of-all", "new one, with: marks", "own-11"]
    number = forge(repository).open(BRANCH, "main", "T", "", wanted).number
    names = [one["name"] for one in repository.api("reader", "GET", f"/issues/{number}/labels")]
    assert sorted(names) == sorted(set(wanted))
    assert len(repository.api("reader", "GET", "/labels?limit=5&page=3")) == 3


def test_two_at_once_open_one(repository: GiteaRepository) -> None:
    proposed(repository)
    with ThreadPoolExecutor(4) as pool:
        numbers = list(pool.map(lambda _: forge(repository).open(BRANCH, "main", "T", "", []).number, range(4)))
    assert 1 in numbers
    assert [one["number"] for one in repository.api("reader", "GET", "/pulls?state=open&limit=5")] == [1]


def test_a_token_that_is_wrong_is_named_as_that_and_not_shown(repository: GiteaRepository) -> None:
    token = "d" * 40
    wrong = Gitea(HttpDoor(environment={}), repository.forge.url, repository.path, token, Pace())
    with pytest.raises(CannotActError, match="wrong, revoked or expired") as caught:
        wrong.actor()
    assert token not in str(caught.value)
    with pytest.raises(CannotActError):
        wrong.find(BRANCH, "main")


def test_the_scopes_that_are_documented_are_enough(repository: GiteaRepository) -> None:
    repository.protect(status_check_contexts=[CONTEXT])
    commit, bot = proposed(repository), forge(repository, "least")
    assert bot.actor() == login("bot")
    number = bot.open(BRANCH, "main", "T", "B", ["new-label"]).number
    bot.update(number, "T2", "B2")
    for text in ("one", "two"):
        bot.comment(number, f"{text} <!-- m -->", "<!-- m -->")
    bot.status(commit, CONTEXT, "success", "allowed")
    repository.approve("approver", number)
    assert [one.approves for one in bot.reviews(number)] == [True]
    merged = bot.merge(number, commit, "merge", "T", "B")
    assert [one.number for one in bot.brought(str(merged.commit))] == [number]


def _until_dismissed(repository: GiteaRepository, number: int) -> None:
    """Gitea dismisses after the push was answered; each look takes it some time."""
    for _ in range(2000):
        if all(one["dismissed"] for one in repository.api("reader", "GET", f"/pulls/{number}/reviews")):
            return
    raise AssertionError("the approval was never dismissed")
