"""Git's side of a real forge: direct commits with evidence, protected branches, pull requests made by a push."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from gatekeeper.connect.git import GitRepository
from gatekeeper.errors import CannotActError
from gatekeeper.ports.repository import EVIDENCE_BRANCH, Proposal
from tests.servers.gitea import GiteaRepository, RunningGitea, login

pytestmark = pytest.mark.xdist_group("gitea")

MANIFEST = "staging/kustomization.yaml"
BRANCH = "gatekeeper/staging/churn"


@pytest.fixture
def forge(gitea: RunningGitea) -> GiteaRepository:
    return gitea.repository({MANIFEST: "old\n"})


def repository_of(forge: GiteaRepository, user: str = "author") -> GitRepository:
    return GitRepository(forge.url_as(user), "main", sleep=lambda _: None, timeout=60)


def test_a_commit_lands_with_its_evidence(forge: GiteaRepository) -> None:
    repository = repository_of(forge)
    landing = repository.commit(repository.tip(), {MANIFEST: b"new\n"}, "x", keep={"facts/ab/1": b"x"})
    assert landing.commit == forge.api("author", "GET", "/branches/main")["commit"]["id"]
    assert repository.kept(["facts/ab/1"]) == {"facts/ab/1": b"x"}
    assert forge.api("author", "GET", "/branches/gatekeeper%2Fevidence")["name"] == EVIDENCE_BRANCH
    repository.close()


def test_a_protected_branch_refuses_in_its_own_words(forge: GiteaRepository) -> None:
    forge.protect()
    repository = repository_of(forge)
    with pytest.raises(CannotActError, match="protected branch") as caught:
        repository.commit(repository.tip(), {MANIFEST: b"new\n"}, "x", keep={"facts/ab/1": b"x"})
    assert forge.forge.tokens["author"] not in str(caught.value)
    # The first evidence makes its branch, before the record that points at it; what nothing points at does no harm.
    assert repository.kept(["facts/ab/1"]) == {"facts/ab/1": b"x"}
    with pytest.raises(CannotActError, match="protected branch"):
        repository.commit(repository.tip(), {MANIFEST: b"new\n"}, "x", keep={"facts/ab/2": b"y"})
    assert repository.kept(["facts/ab/2"]) == {}


def test_who_may_only_read_is_refused(forge: GiteaRepository) -> None:
    repository = repository_of(forge, "reader")
    with pytest.raises(CannotActError):
        repository.commit(repository.tip(), {MANIFEST: b"new\n"}, "x")


def test_a_pull_request_is_made_by_a_push_and_replaced_by_another(forge: GiteaRepository) -> None:
    repository = repository_of(forge)
    tip = repository.tip()
    body = "# Report\n\n| rule | result |\n|---|---|\n| accuracy | pass |\n"
    proposal = Proposal(branch=BRANCH, title="Promote churn", body=body, via="agit")
    first = repository.propose(tip, {MANIFEST: b"new\n"}, "x", proposal, keep={"facts/ab/1": b"x"})
    assert first.url is not None
    number = int(re.findall("[0-9]+$", first.url)[0])
    made = forge.api("author", "GET", f"/pulls/{number}")
    assert (made["title"], made["body"], made["head"]["sha"]) == ("Promote churn", body, first.commit)
    assert made["base"]["ref"] == "main"
    assert made["user"]["login"] == login("author")
    assert repository.kept(["facts/ab/1"]) == {"facts/ab/1": b"x"}
    second = repository.propose(tip, {MANIFEST: b"newer\n"}, "y", proposal, replaces=first.commit)
    assert forge.api("author", "GET", f"/pulls/{number}")["head"]["sha"] == second.commit
    assert repository.propose(tip, {MANIFEST: b"n\n"}, "z", proposal, replaces=first.commit).moved
    assert forge.api("author", "GET", f"/pulls/{number}")["head"]["sha"] == second.commit
    third = repository.propose(tip, {MANIFEST: b"newest\n"}, "z", proposal)
    assert third.url == first.url  # nobody but this user can be at the topic: the forge prefixes it by the login
    assert forge.api("author", "GET", f"/pulls/{number}")["head"]["sha"] == third.commit
    assert len(forge.api("author", "GET", "/pulls")) == 1
    other = repository_of(forge, "approver")
    theirs = other.propose(other.tip(), {MANIFEST: b"theirs\n"}, "z", proposal)
    assert theirs.url != first.url
    assert forge.api("author", "GET", f"/pulls/{number}")["head"]["sha"] == third.commit
    assert repository.tip().commit == tip.commit
    repository.close()


def test_the_past_is_read(forge: GiteaRepository) -> None:
    repository = repository_of(forge)
    line = repository.line(repository.tip(), datetime(2000, 1, 1, tzinfo=UTC))
    assert len(line) == 2
    trees = repository.at([step.commit for step in line])
    assert [tree.read(MANIFEST) for tree in trees] == [b"old\n", None]
    repository.close()
