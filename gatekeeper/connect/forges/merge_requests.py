"""Merge requests and what belongs to them in GitLab's form, and texts as GitLab takes them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from gatekeeper.connect.forges.words import address, cut
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.model.digests import is_commit
from gatekeeper.ports.forge import PullRequest, State

MAX_BODY = 900_000
"""Characters of a description or comment; GitLab takes a million."""
_QUICK_ACTION = re.compile(r"^(\s*)/(?=[A-Za-z])", re.MULTILINE)


class User(Struct, frozen=True, kw_only=True):
    """A person or bot."""

    username: str


class Job(Struct, frozen=True, kw_only=True):
    """A CI job, and who started it."""

    user: User | None = None


class Project(Struct, frozen=True, kw_only=True):
    """How a project merges: `merge`, `rebase_merge` (semi-linear) or `ff`."""

    merge_method: str


class Request(Struct, frozen=True, kw_only=True):
    """A merge request, in a list or alone."""

    iid: int
    state: str
    title: str
    source_branch: str
    target_branch: str
    source_project_id: int | None = None
    target_project_id: int | None = None
    description: str | None = None
    web_url: str | None = None
    sha: str | None = None
    author: User | None = None
    merge_commit_sha: str | None = None
    squash_commit_sha: str | None = None
    detailed_merge_status: str | None = None
    merge_error: str | None = None


class Approved(Struct, frozen=True, kw_only=True):
    """One approval; GitLab does not say of which commit."""

    user: User
    approved_at: str | None = None


class Approvals(Struct, frozen=True, kw_only=True):
    """Who approved."""

    approved_by: tuple[Approved, ...] = ()


class Reviewer(Struct, frozen=True, kw_only=True):
    """A reviewer, with the last word as a state."""

    user: User
    state: str | None = None


class Note(Struct, frozen=True, kw_only=True):
    """A comment; `system` ones are GitLab's own."""

    id: int
    body: str
    author: User | None = None
    system: bool = False


class Status(Struct, frozen=True, kw_only=True):
    """A commit's status."""

    name: str
    status: str


def pull_request(request: Request, web: str) -> PullRequest:
    """The merge request as the port has it; `web` is the address that its number completes.

    Raises CannotActError for no commit's id.
    """
    state: State = "merged" if request.state == "merged" else "closed" if request.state == "closed" else "open"
    merged_as = request.merge_commit_sha or request.squash_commit_sha or request.sha
    if not is_commit(request.sha or "") or not is_commit(merged_as or ""):
        raise CannotActError(f"merge request {request.iid} has a head or merge that is no commit's id")
    return PullRequest(
        number=request.iid,
        url=address(request.web_url, f"{web}{request.iid}"),
        title=request.title,
        body=request.description or "",
        head=request.source_branch,
        base=request.target_branch,
        commit=str(request.sha),
        state=state,
        author=author_of(request),
        merged_as=merged_as if state == "merged" else None,
    )


def author_of(request: Request) -> str:
    """Its author's login; empty where the account is gone."""
    return request.author.username if request.author else ""


def is_own(request: Request, head: str, base: str) -> bool:
    """Whether it is open between two branches of this very project: a fork's is never ours."""
    branches = (request.source_branch, request.target_branch)
    project = request.source_project_id
    return (
        request.state == "opened"
        and branches == (head, base)
        and project is not None
        and project == request.target_project_id
    )


def joined(labels: Iterable[str]) -> str:
    """The labels as GitLab takes them. Raises InvalidRequestError for a comma, which would make two of one."""
    wanted = list(labels)
    if bad := [label for label in wanted if "," in label]:
        raise InvalidRequestError(f"GitLab knows no label with a comma: {bad[0]!r}", "Name it without.")
    return ",".join(wanted)


def inert(text: str) -> str:
    """The text without quick actions: GitLab carries out lines such as `/merge` in what is written by the API, too."""
    return _QUICK_ACTION.sub(r"\1\\/", cut(text, MAX_BODY))
