"""What promoting needs of a git repository: branches written by compare-and-swap, their past, and facts kept beside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from gatekeeper.ports import Tip, Tree

EVIDENCE_BRANCH = "gatekeeper/evidence"
"""Where facts are kept, content-addressed and append-only, in the repository of the manifests."""


class Landing(Struct, frozen=True, kw_only=True):
    """What became of a push: the commit that landed, or `moved` when somebody else was faster.

    `url` is where a server says that it opened a pull request, for pushes that ask for one.
    """

    commit: str | None = None
    moved: bool = False
    url: str | None = None


class Proposal(Struct, frozen=True, kw_only=True):
    """A commit that is proposed: on a branch of its own, or by what a forge makes of a push."""

    branch: str
    title: str
    body: str = ""
    labels: tuple[str, ...] = ()
    via: Literal["branch", "gitlab-push", "agit"] = "branch"


class Step(Struct, frozen=True, kw_only=True):
    """One commit of a branch's first-parent line, with its committer's date in UTC, which somebody only claims.

    A merge has other parents, too.
    """

    commit: str
    at: datetime
    is_merge: bool = False


class Repository(Protocol):
    """A branch of a git repository, written only by compare-and-swap on its tip. Files that are None are removed."""

    @property
    def name(self) -> str:
        """The repository as messages call it, with no credentials."""

    def tip(self) -> Tip:
        """The branch's tip, fetched now. Raises CannotActError when there is no such branch."""

    def commit(
        self, base: Tree, files: Mapping[str, bytes | None], message: str, *, keep: Mapping[str, bytes] | None = None
    ) -> Landing:
        """Put `files` on top of `base` and push it if the tip is still `base`.

        `keep` is put on the evidence branch before, or together in one atomic push. Raises CannotActError when refused.
        """

    def propose(
        self,
        base: Tree,
        files: Mapping[str, bytes | None],
        message: str,
        proposal: Proposal,
        *,
        replaces: str | None = None,
        keep: Mapping[str, bytes] | None = None,
    ) -> Landing:
        """Put `files` on top of `base` and push that where `proposal` says, never to the branch itself.

        A branch that is there is replaced only when it still is at `replaces`; `moved` when it is not.
        """

    def proposed(self, branch: str) -> Tip | None:
        """The tip of another branch, fetched now; None where there is none."""

    def kept(self, paths: Iterable[str]) -> dict[str, bytes]:
        """Those of the paths that the evidence branch holds."""

    def line(self, tip: Tip, since: datetime) -> tuple[Step, ...]:
        """The first-parent commits from `tip` back to the first one older than `since`, that one too, newest first.

        Commits alone are fetched. Raises CannotActError where the line is longer than can be read.
        """

    def at(self, commits: Iterable[str]) -> tuple[Tip, ...]:
        """These commits as trees; what is prefetched in one is fetched for all of them in the same requests."""

    def changed(self, old: Tip, new: Tip) -> frozenset[str]:
        """The paths that differ between two commits of this repository."""

    def check_identity(self, base: Tree) -> None:
        """Raises CannotActError where it is not known who would commit on top of `base`; nothing is written."""
