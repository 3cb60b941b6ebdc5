"""What stands where, as `gatekeeper status` tells it. The field names are those of its JSON form, schema v1."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from gatekeeper.model.judgement import Waiting
from gatekeeper.model.promoted import ApprovedBy, Override, Requester, RolledBack

How = Literal["decided", "by hand", "nothing", "unreadable"]


class Newer(Struct, frozen=True, kw_only=True):
    """What an environment before has and this one has not: since when there, and why it has not moved.

    `verdict` is that of its recorded facts under this environment's policies, null where they could not be judged.
    """

    environment: str
    tag: str | None
    digest: str | None
    since: str
    decision: str
    rolled_back: bool = False
    verdict: str | None = None
    reasons: tuple[str, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    not_before: str | None = None


class Standing(Struct, frozen=True, kw_only=True):
    """One artifact of an environment. `how` says whether its newest record is of what the manifests name.

    `since`, `decision` and what follows are that record's. `differ` says that the manifests name several images, and
    `trouble` what could not be read.
    """

    artifact: str
    how: How
    image: str | None = None
    tag: str | None = None
    digest: str | None = None
    since: str | None = None
    decision: str | None = None
    verdict: str | None = None
    requester: Requester | None = None
    approvals: tuple[ApprovedBy, ...] = ()
    override: Override | None = None
    rollback: RolledBack | None = None
    holds: tuple[Waiting, ...] = ()
    newer: tuple[Newer, ...] = ()
    differ: bool = False
    trouble: str | None = None


class EnvironmentStatus(Struct, frozen=True, kw_only=True):
    """One environment, with those it comes after. `trouble` is why nothing could be said of it.

    `branch` is another one than was read, which rules this environment.
    """

    environment: str
    after: tuple[str, ...] = ()
    artifacts: tuple[Standing, ...] = ()
    branch: str | None = None
    trouble: str | None = None


class Status(Struct, frozen=True, kw_only=True):
    """All that was asked for: at which instant, and by which commit's files."""

    at: str
    commit: str | None
    environments: tuple[EnvironmentStatus, ...]

    @property
    def whole(self) -> bool:
        """Whether everything could be read."""
        rows = (row for one in self.environments for row in one.artifacts)
        return not any(one.trouble for one in self.environments) and not any(row.trouble for row in rows)
