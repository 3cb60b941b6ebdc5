"""Pull requests: their branches, their comment of ours, and how they stand."""

from __future__ import annotations

from msgspec import Struct

from gatekeeper.app.gathering import Gathered
from gatekeeper.app.item import Item
from gatekeeper.model.judgement import Waiting
from gatekeeper.model.promoted import Requester
from gatekeeper.ports.forge import PullRequest

PREFIX = "gatekeeper/promote"
SEVERAL = "_several"
"""Instead of an artifact's name where several go together; no artifact is called so."""
STICKY = "<!-- gatekeeper:report -->"
"""Stands in the one comment of ours that is renewed."""
SUPERSEDED = "<!-- gatekeeper:superseded -->"
"""Stands in the comment that closes a pull request, so that it is written once."""


def branch_of(environment: str, artifact: str) -> str:
    """The branch of an artifact's proposals."""
    return f"{PREFIX}/{environment}/{artifact}"


class Proposed(Struct, frozen=True, kw_only=True):
    """A pull request as it stands, who asked for its commit before, and for each artifact what is still waited for.

    `going` are the artifacts with the decisions that the commit records, `records` those records by path.
    """

    pull: PullRequest
    commit: str
    going: tuple[Item, ...]
    records: dict[str, bytes | None]
    asking: tuple[Requester, ...] = ()
    gathered: tuple[Gathered, ...] = ()

    @property
    def waiting(self) -> tuple[Waiting, ...]:
        """All that is waited for, each thing once."""
        return tuple(dict.fromkeys(one for gathered in self.gathered for one in gathered.waiting))
