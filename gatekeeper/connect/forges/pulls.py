"""Pull requests, reviews and comments in the form that GitHub gave them and Gitea took over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from msgspec import Struct

from gatekeeper.connect.forges.words import address
from gatekeeper.errors import CannotActError
from gatekeeper.model.digests import is_commit
from gatekeeper.model.instants import parse_instant
from gatekeeper.ports.forge import PullRequest, Review, State


class User(Struct, frozen=True, kw_only=True):
    """Who wrote something; null where the account is gone."""

    login: str


class Repo(Struct, frozen=True, kw_only=True):
    """A repository, by the id that a renaming leaves."""

    id: int


class Side(Struct, frozen=True, kw_only=True):
    """A branch of a repository, and its tip; no repository where that is gone."""

    ref: str
    sha: str
    repo: Repo | None = None


class Pull(Struct, frozen=True, kw_only=True):
    """A pull request as it is answered, in a list or alone."""

    number: int
    state: str
    title: str
    head: Side
    base: Side
    body: str | None = None
    html_url: str | None = None
    user: User | None = None
    merged_at: str | None = None
    merge_commit_sha: str | None = None
    mergeable: bool | None = None


class Said(Struct, frozen=True, kw_only=True):
    """One review. `dismissed` is Gitea's; GitHub makes it a state."""

    id: int
    state: str
    user: User | None = None
    commit_id: str | None = None
    submitted_at: str | None = None
    html_url: str | None = None
    dismissed: bool = False


class Remark(Struct, frozen=True, kw_only=True):
    """One comment."""

    id: int
    body: str | None = None
    user: User | None = None


def pull_request(pull: Pull, web: str) -> PullRequest:
    """The pull request; `web` is the address that its number completes. Raises CannotActError for no commit's id."""
    state: State = "merged" if pull.merged_at else "open" if pull.state == "open" else "closed"
    merged_as = pull.merge_commit_sha if state == "merged" else None
    if not is_commit(pull.head.sha) or not (merged_as is None or is_commit(merged_as)):
        raise CannotActError(f"pull request {pull.number} has a head or merge that is no commit's id")
    return PullRequest(
        number=pull.number,
        url=address(pull.html_url, f"{web}{pull.number}"),
        title=pull.title,
        body=pull.body or "",
        head=pull.head.ref,
        base=pull.base.ref,
        commit=pull.head.sha,
        state=state,
        author=pull.user.login if pull.user else "",
        merged_as=merged_as,
    )


def own(pulls: Iterable[Pull], head: str, base: str) -> list[Pull]:
    """Those that are open between two branches of this very repository, newest first: a fork's are never ours."""
    found = [
        pull
        for pull in pulls
        if pull.state == "open"
        and (pull.head.ref, pull.base.ref) == (head, base)
        and pull.head.repo is not None
        and pull.base.repo is not None
        and pull.head.repo.id == pull.base.repo.id
    ]
    return sorted(found, key=lambda pull: -pull.number)


_WORDS = {"APPROVED": True, "CHANGES_REQUESTED": False, "REQUEST_CHANGES": False, "DISMISSED": False}


def last_words(said: Iterable[Said], author: str, otherwise: str) -> tuple[Review, ...]:
    """The last review of each other person that is a yes or a no, in the order of time; one dismissed is a no.

    A login is one whatever its case. Raises CannotActError for a time that is none.
    """
    last: dict[str, Review] = {}
    told = (review for review in said if review.state in _WORDS)
    for review in sorted(told, key=lambda review: (_instant(review), review.id)):
        if review.user is None or review.user.login.lower() == author.lower():
            continue
        last.pop(review.user.login.lower(), None)
        last[review.user.login.lower()] = Review(
            by=review.user.login,
            approves=_WORDS[review.state] and not review.dismissed,
            commit=review.commit_id if is_commit(review.commit_id or "") else None,
            at=review.submitted_at,
            url=address(review.html_url, otherwise),
        )
    return tuple(last.values())


def _instant(review: Said) -> datetime:
    """When it was said. Gitea tells it with the offset of its own place, which changes with the season."""
    try:
        return parse_instant(review.submitted_at) if review.submitted_at else datetime.min.replace(tzinfo=UTC)
    except ValueError:
        raise CannotActError(f"the review {review.id} has a time that is none") from None
