"""Approvals that a forge vouches for."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.model.conditions import Approvals
from gatekeeper.ports.forge import PullRequest, Review
from gatekeeper.promotion.approvals import find_approvals
from gatekeeper.promotion.reviews import Brought, reviewed, vouched_by_forge
from tests.promotion.test_approvals import RING, WANTED

COMMIT, OTHER = "c" * 40, "d" * 40


def review(by: str, approves: bool = True, commit: str | None = COMMIT) -> Review:
    return Review(by=by, approves=approves, commit=commit, at=None, url=f"https://x.example/{by}")


def brought(author: str, *reviews: Review, state: Any = "merged", forge: str = "github") -> Brought:
    pull = PullRequest(
        number=1, url="https://x.example/1", title="", body="", head="h", base="main", commit=COMMIT, state=state,
        author=author, merged_as=OTHER,
    )  # fmt: skip
    return Brought(forge=forge, pull=pull, reviews=reviews)


@pytest.mark.parametrize(
    ("one", "fault"),
    [
        (review("alice-gh"), None),
        (review("Alice-GH"), None),
        (review("alice-gh", commit=OTHER), "it is of another commit than the one that is proposed"),
        (review("alice-gh", commit=None), "it is of another commit than the one that is proposed"),
        (review("mallory"), "nobody in trust.yaml has this login at github"),
        (review("carol-gh"), "carol has no role `approve` in production"),
        (review("bot[bot]"), "bot is a machine, and machines approve nothing"),
    ],
)
def test_a_review_counts_for_the_very_commit_and_by_people_who_may(one: Review, fault: str | None) -> None:
    found = find_approvals(Approvals(count=1, level="reviewed"), WANTED, reviewed("github", [one], COMMIT, RING))
    assert (found.waiting is None) is (fault is None)
    if fault is not None:
        assert found.refused[0].endswith(fault)
    else:
        assert [(one.by, one.level) for one in found.counted] == [("alice", "reviewed")]


def test_what_does_not_approve_is_no_approval() -> None:
    assert reviewed("github", [review("alice-gh", approves=False)], COMMIT, RING) == ()
    assert reviewed("github", [review("alice-gh")], COMMIT, None)[0].fault


@pytest.mark.parametrize(
    ("pulls", "vouched"),
    [
        ([], False),
        ([brought("alice-gh")], False),
        ([brought("alice-gh", review("bob-gh"))], True),
        ([brought("alice-gh", review("alice-gh"))], True),
        ([brought("alice-gh", review("mallory"))], False),
        ([brought("alice-gh", review("bot[bot]"))], False),
        ([brought("alice-gh", review("bob-gh", approves=False))], False),
        ([brought("alice-gh", review("bob-gh", commit=OTHER))], False),
        ([brought("alice-gh", review("bob-gh", commit=None))], True),
        ([brought("mallory", review("alice-gh"))], True),
        ([brought("mallory", review("bob-gh"))], False),
        ([brought("bob-gh", review("carol-gh"))], False),
        ([brought("alice-gh", review("bob-gh"), state="open")], False),
        ([brought("alice-gh", review("bob-gh"), forge="gitea")], False),
        ([brought("mallory"), brought("mallory", review("alice-gh"))], True),
    ],
)
def test_what_a_merged_pull_request_vouches_for(pulls: list[Brought], vouched: bool) -> None:
    assert (vouched_by_forge("alice", pulls, RING) == "") is vouched
    assert vouched_by_forge("alice", pulls, None)
