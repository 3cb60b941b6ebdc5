"""Approvals that a forge vouches for: reviews of the commit that is proposed, and of the file that says so.

What a forge says of its users is believed; which of them is whom, the trust file says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from gatekeeper.policy.trust import Ring
from gatekeeper.ports.forge import PullRequest, Review
from gatekeeper.promotion.approvals import Given


class Brought(Struct, frozen=True, kw_only=True):
    """A merged pull request by which a file came to its branch as it is, with its reviews; `forge` is its type."""

    forge: str
    pull: PullRequest
    reviews: tuple[Review, ...] = ()


def reviewed(forge: str, reviews: Iterable[Review], commit: str, ring: Ring | None) -> tuple[Given, ...]:
    """The approvals that reviews of a proposed commit are: of exactly that commit, by people of the trust file."""
    return tuple(_of_reviews(forge, reviews, commit, ring))


def _of_reviews(forge: str, reviews: Iterable[Review], commit: str, ring: Ring | None) -> Iterator[Given]:
    for review in reviews:
        if not review.approves:
            continue
        by = None if ring is None else ring.owner_of(forge, review.by)
        fault = "" if by is not None else f"nobody in trust.yaml has this login at {forge}"
        if review.commit != commit:
            fault = "it is of another commit than the one that is proposed"
        yield Given(by=by or f"{forge}:{review.by}", level="reviewed", source=review.url, file=review.url, fault=fault)


def vouched_by_forge(by: str, brought: Sequence[Brought], ring: Ring | None) -> str:
    """Why no forge vouches that a person said what a file says in their name; empty where one does.

    They approved the pull request that brought it; or opened it, and another person of the trust file approved it.
    """
    if not brought:
        return "nobody vouches for it: it came by no merged pull request that a forge was asked about"
    if ring is None:
        return "no trust.yaml says whose logins count"
    if any(_vouches(by, one, ring) for one in brought):
        return ""
    return f"it came by a pull request that {by} neither approved, nor opened for another to approve"


def _vouches(by: str, one: Brought, ring: Ring) -> bool:
    if one.pull.state != "merged":
        return False
    approving = {
        ring.owner_of(one.forge, review.by)
        for review in one.reviews
        if review.approves and review.commit in (None, one.pull.commit)
    }
    people = {name for name in approving if name is not None and name in ring.people}
    if by in people:
        return True
    return ring.owner_of(one.forge, one.pull.author) == by and bool(people - {by})
