"""What promoting needs of a forge: pull requests, their reviews, comments and merges, and statuses of commits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol

from msgspec import Struct

State = Literal["open", "closed", "merged"]
StatusState = Literal["pending", "success", "failure", "error"]


class PullRequest(Struct, frozen=True, kw_only=True):
    """A pull request (a merge request at GitLab). `commit` is the tip of its head, `author` a login."""

    number: int
    url: str
    title: str
    body: str
    head: str
    base: str
    commit: str
    state: State
    author: str
    merged_as: str | None = None


class Review(Struct, frozen=True, kw_only=True):
    """The last word of one reviewer; `commit` is what was looked at, null where the forge does not say."""

    by: str
    approves: bool
    commit: str | None
    at: str | None
    url: str


class Merged(Struct, frozen=True, kw_only=True):
    """What became of a merge: the commit on the base branch, or why the forge does not merge yet."""

    commit: str | None = None
    refused: str | None = None


class Forge(Protocol):
    """One repository at a forge. Every method raises CannotActError, with no secret in it, where the forge fails.

    All texts that it gives were written by anybody: hostile.
    """

    @property
    def name(self) -> str:
        """The forge's type, and the name under which `trust.yaml` lists logins there."""

    def actor(self) -> str | None:
        """The login that the token belongs to; None where the forge does not tell, as for an app's token."""

    def find(self, head: str, base: str) -> tuple[PullRequest, ...]:
        """Open pull requests of this repository's own branch `head` into `base`; newest first."""

    def get(self, number: int) -> PullRequest:
        """One pull request."""

    def open(self, head: str, base: str, title: str, body: str, labels: Iterable[str]) -> PullRequest:
        """A new one; the one that is there already where the forge says so."""

    def update(self, number: int, title: str, body: str) -> None:
        """Set title and body."""

    def close(self, number: int) -> None:
        """Close it without merging; one that is closed already is left."""

    def comment(self, number: int, text: str, marker: str = "") -> None:
        """Comment. With a marker, which stands in the text, the comment of ours that holds it is edited instead."""

    def status(self, commit: str, context: str, state: StatusState, description: str, url: str | None = None) -> None:
        """Set a commit's status."""

    def reviews(self, number: int) -> tuple[Review, ...]:
        """The last word of each reviewer, the author's own left out, dismissed and stale ones too."""

    def merge(self, number: int, commit: str, method: str, title: str, body: str) -> Merged:
        """Merge it if its head is still `commit`."""

    def brought(self, commit: str) -> tuple[PullRequest, ...]:
        """The merged pull requests by which a commit came to its branch."""
