"""What `policy check` says: findings, each at its place, and what was looked at."""

from typing import Literal

from msgspec import Struct

from gatekeeper.errors import Problem

Level = Literal["info", "warning", "error"]
LEVELS: tuple[Level, ...] = ("error", "warning", "info")
"""From the gravest; `info` never makes a check fail."""


INVALID = "invalid-file"
"""The id under which formats that need one tell what cannot be used at all."""


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that a reviewer should see. `allowed` is the reason written beside it, where it was let through.

    `lines` are those beside which a comment may let it through: its own, and that of the key that holds it.
    """

    id: str
    severity: Level
    message: str
    remedy: str
    file: str
    line: int
    column: int
    policy: str | None = None
    rule: str | None = None
    lines: tuple[int, ...] = ()
    allowed: str | None = None


class Looked(Struct, frozen=True, kw_only=True):
    """How much was checked; `compared` is the commit that versions were compared with, None where there was none."""

    policies: int
    environments: int
    waivers: int
    compared: str | None
    checked_at: str


class CheckReport(Struct, frozen=True, kw_only=True):
    """Problems, where files cannot be used at all, or else findings; `ids` is each finding's one-sentence meaning."""

    looked: Looked
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()
    ids: dict[str, str] = {}

    @property
    def standing(self) -> tuple[Finding, ...]:
        """The findings that no comment allows."""
        return tuple(finding for finding in self.findings if finding.allowed is None)

    @property
    def fails(self) -> bool:
        """Whether any of them is a warning or worse."""
        return any(finding.severity != "info" for finding in self.standing)
