"""Vulnerabilities as scanners report them, each counted once: what the readers of several scanners share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import UNSET, Struct

from gatekeeper.evidence.fields import plain
from gatekeeper.model.facts import Finding, Scan, SeverityCounts

MAX_FINDINGS = 5000

SEVERITIES = ("unknown", "low", "medium", "high", "critical")
RANKS = {name: rank for rank, name in enumerate(SEVERITIES)}


class Found(Struct):
    """Findings by id, package, installed version and target; of one met again the worst severity, fixable if ever."""

    by_key: dict[tuple[str, str, str, str], tuple[int, bool, str]] = {}

    def add(self, key: tuple[str, str, str, str], rank: int, fixable: bool, fixed: str = "") -> None:
        """One row of a report; `fixed` is the version that fixes it, where the report names one."""
        if key in self.by_key:
            before = self.by_key[key]
            rank, fixable, fixed = max(rank, before[0]), fixable or before[1], max(fixed, before[2])
        self.by_key[key] = (rank, fixable, fixed)

    def scan(self, targets: int, **more: Any) -> Scan:
        """The facts of the whole scan."""
        found = self.by_key
        return Scan(
            counts=_counts([rank for rank, _, _ in found.values()]),
            fixable=_counts([rank for rank, fixable, _ in found.values() if fixable]),
            targets=targets,
            findings=self._listed() if len(found) <= MAX_FINDINGS else UNSET,
            **more,
        )

    def _listed(self) -> tuple[Finding, ...]:
        return tuple(
            Finding(
                id=plain(known),
                severity=SEVERITIES[rank],
                package=plain(package),
                installed=plain(installed),
                fixed=plain(fixed) if fixed else UNSET,
            )
            for (known, package, installed, _), (rank, _, fixed) in sorted(self.by_key.items())
        )


def _counts(ranks: list[int]) -> SeverityCounts:
    return SeverityCounts(total=len(ranks), **{name: ranks.count(rank) for name, rank in RANKS.items()})


def lowest(versions: Iterable[Any]) -> str:
    """The first of the versions in their text's order; empty where there is none that is text."""
    return min((version.strip() for version in versions if isinstance(version, str) and version.strip()), default="")
