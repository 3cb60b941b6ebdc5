"""Gitea's forge against the real one: what it refuses, and what is there when it has been asked."""

from __future__ import annotations

import itertools

import pytest

from gatekeeper.connect.forges.gitea import Gitea
from gatekeeper.connect.forges.rest import Pace
from gatekeeper.connect.http import HttpDoor
from tests.servers.gitea import GiteaRepository, RunningGitea, gitea, login

__all__ = ["gitea"]

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
