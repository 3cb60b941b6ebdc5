"""What `policy show` tells: the field names are those of its JSON."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

SCHEMA = "gatekeeper.policy-show/v1"


class ShownLimit(Struct, frozen=True, kw_only=True):
    """One comparison of a rule. `limit` is its number, where that is known before judging; `written` is its text."""

    label: str
    path: str
    comparator: str
    limit: float | int | None
    written: str


class ShownRule(Struct, frozen=True, kw_only=True):
    """One rule: what must hold to pass, what makes it fail where that is not simply the opposite.

    `enforcement` is that of today: a rule whose `effective_on` has not come only warns. `waivers` are in force now.
    """

    id: str
    severity: str
    why: str
    remedy: str
    pass_if: str
    file: str
    line: int
    enforcement: str
    limits: tuple[ShownLimit, ...] = ()
    fail_if: str | None = None
    when: str | None = None
    effective_on: str | None = None
    waivable: bool = True
    optional: bool = False
    waivers: tuple[str, ...] = ()


class ShownPolicy(Struct, frozen=True, kw_only=True):
    """One policy in force.

    A parameter has `value`, `origin` (policy, environment or artifact), `file` and `line` where it was written, and its
    `default` and bounds. `applied_at` and `enforced_at` are places; `enforced_at` is null for the usual enforcement.
    `versions` are those of this name that there are, `range` the one that was asked for.
    """

    name: str
    version: str
    digest: str
    enforcement: str
    file: str
    parameters: dict[str, dict[str, Any]]
    variables: dict[str, str]
    evidence: dict[str, dict[str, Any]]
    rules: tuple[ShownRule, ...]
    applied_at: str | None = None
    enforced_at: str | None = None
    range: str | None = None
    versions: tuple[str, ...] = ()


class ShownWaiver(Struct, frozen=True, kw_only=True):
    """A waiver of the environment; `state` is `active`, or why it does not count."""

    waiver: str
    policy: str
    rule: str
    state: str
    covers: tuple[str, ...]
    ticket: str
    approved_by: str
    expires: str
    file: str
    line: int


class Shown(Struct, frozen=True, kw_only=True):
    """What applies to one artifact of an environment; both null for policy files alone."""

    schema: str = SCHEMA
    environment: str | None
    artifact: str | None
    policies: tuple[ShownPolicy, ...]
    after: tuple[str, ...] = ()
    waivers: tuple[ShownWaiver, ...] = ()
    as_of: str | None = None
