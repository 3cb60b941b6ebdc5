"""What a record says of the promotion beside the judgement: who asked, who approved, and what was overridden."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

Level = Literal["asserted", "reviewed", "signed"]
"""What vouches for an approval: a file, the forge, or the approver's key."""


class Requester(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who asked. `name` is the person or machine of `trust.yaml`, null where it knows none; `vouched` says who told.

    `system` is the forge or CI system of the login, as `trust.yaml` calls it; `email` where it is an e-mail. `also` are
    others who had a hand in it, such as whoever ran a job again: a name of `trust.yaml`, else `system:login`.
    """

    login: str
    vouched: Literal["forge", "ci", "git"]
    name: str | None = None
    system: str | None = None
    also: tuple[str, ...] = ()


class ApprovedBy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An approval that counted: of whom, how it was vouched for, and the file's digest or the review's address."""

    by: str
    level: Level
    source: str


class Override(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What let through a judgement or conditions that would not have: by whom, for which reason, on which ticket."""

    by: str
    reason: str
    ticket: str
    over: tuple[str, ...]


class RolledBack(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A return to an earlier decision. `left` is the decision that was in force, null where nobody had decided it."""

    reason: str
    left: str | None = None


class Promoted(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The promotion that a record was written for. `at` is the instant in the record's path.

    `handed` is the decision of another environment whose facts were judged again (`promote --from`).
    """

    at: str
    requester: Requester | None = None
    approvals: tuple[ApprovedBy, ...] = ()
    override: Override | UnsetType = UNSET
    rollback: RolledBack | UnsetType = UNSET
    handed: str | UnsetType = UNSET
