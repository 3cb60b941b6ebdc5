"""What a project was found to have: the evidence that a first gate is made from."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class FoundMetrics(Struct, frozen=True, kw_only=True):
    """A metrics file: its path from the project's folder, and the estimates in it."""

    path: str
    values: Mapping[str, float]


class FoundTests(Struct, frozen=True, kw_only=True):
    """A JUnit file: its path from the project's folder, and its counts."""

    path: str
    ran: int
    skipped: int
    failures: int
    errors: int

    @property
    def is_green(self) -> bool:
        """Whether nothing failed."""
        return not self.failures and not self.errors


class Found(Struct, frozen=True, kw_only=True):
    """All of it; with neither, the gate asks for the recorded exit status of a command."""

    metrics: FoundMetrics | None = None
    tests: FoundTests | None = None
