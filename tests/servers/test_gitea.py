"""What the real Gitea of the tests is relied on for: that it refuses as it would in production."""

from __future__ import annotations

import pytest

from tests.servers.gitea import RunningGitea

pytestmark = pytest.mark.xdist_group("gitea")


def test_a_protected_branch_takes_no_push_and_a_pull_request_is_opened_by_one(gitea: RunningGitea) -> None:
    repository = gitea.repository({"a.yaml": "a: 1\n"})
    repository.protect(status_check_contexts=["gatekeeper/production"])
    before = repository.tip()
    with pytest.raises(AssertionError, match="protected branch"):
        repository.push("author", {"a.yaml": "a: 2\n"})
    assert repository.tip() == before
    repository.push("author", {"a.yaml": "a: 3\n"}, "refs/for/main", options=("topic=promote", "title=By a push"))
    (opened,) = repository.api("reader", "GET", "/pulls?state=open")
    assert (opened["title"], opened["user"]["login"]) == ("By a push", "gk-author")


def test_only_who_may_write_does(gitea: RunningGitea) -> None:
    repository = gitea.repository({"a.yaml": "a: 1\n"})
    with pytest.raises(AssertionError):
        repository.push("reader", {"a.yaml": "a: 2\n"})
    repository.api("reader", "GET", "")
