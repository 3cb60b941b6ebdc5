"""Branches in memory, with a past: what a repository is for whoever counts how long something stayed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast

import msgspec
from msgspec import UNSET, UnsetType

from gatekeeper.model.image import parse_image
from gatekeeper.model.instants import format_instant
from gatekeeper.model.judgement import Result
from gatekeeper.model.promoted import Override, Promoted, RolledBack
from gatekeeper.ports.repository import Repository, Step
from gatekeeper.promotion.order import Preceding
from gatekeeper.records.place import record_path
from gatekeeper.records.statement import context, decision_id, record_bytes
from tests.app.judgements import ENGINE, judgement, row
from tests.trees import MemoryTree

MANIFEST = "environments/staging/churn/kustomization.yaml"


def kustomization(digest: str | None, tag: str = "1.0", more: str = "") -> bytes:
    """What names the image."""
    held = f"    digest: {digest}\n" if digest else ""
    return f"{more}images:\n  - name: registry.example/churn-model\n    newTag: '{tag}'\n{held}".encode()


def record(
    digest: str,
    at: datetime,
    *,
    allowed: bool = True,
    left: str | None = None,
    environment: str = "staging",
    waited: bool = True,
) -> tuple[str, bytes, str]:
    """A record's path, bytes and decision; with `left`, that of a rollback from there.

    What is not `allowed`, or has not `waited`, was overridden.
    """
    image = parse_image(f"registry.example/churn-model:1.0@{digest}")
    judged_at = format_instant(at if left is None else at - timedelta(hours=1))
    made = judgement(image, environment, "churn", judged_at=judged_at)
    if not allowed:
        made = _denied(made)
    over: Override | UnsetType = UNSET
    if not (allowed and waited):
        over = Override(by="alice", reason="r", ticket="T-1", over=("window" if allowed else "model-quality/accuracy",))
    rolled = UNSET if left is None else RolledBack(reason="r", left=left or None)
    promoted: Promoted | UnsetType = UNSET
    if over is not UNSET or rolled is not UNSET:
        promoted = Promoted(at=format_instant(at), override=over, rollback=rolled)
    data = record_bytes(made, context(ENGINE, "1.0", "c" * 40), promoted)
    return record_path(environment, "churn", format_instant(at), decision_id(made)), data, decision_id(made)


def _denied(made: Any) -> Any:
    results: tuple[Result, ...] = tuple(msgspec.structs.replace(one, result="fail") for one in made.results)
    counts = msgspec.structs.replace(made.counts, passed=0, fail=1)
    return msgspec.structs.replace(made, verdict="denied", results=results, counts=counts)


class CommitInMemory(MemoryTree):
    """A tree that may be prefetched."""

    def __init__(self, files: Mapping[str, Any], commit: str) -> None:
        super().__init__(files)
        self.commit = commit

    def prefetch(self, paths: Iterable[str]) -> None:
        """Everything is here."""


class Past:
    """A branch that is written commit by commit; each is given the date that somebody claims."""

    name = "memory"

    def __init__(self, files: Mapping[str, bytes], at: datetime) -> None:
        self.commits: list[tuple[datetime, dict[str, bytes]]] = [(at, dict(files))]
        self.asked: list[int] = []

    def land(self, at: datetime, files: Mapping[str, bytes | None]) -> None:
        """A commit on top."""
        whole: dict[str, bytes | None] = {**self.commits[-1][1], **files}
        self.commits.append((at, {path: data for path, data in whole.items() if data is not None}))

    def tip(self) -> CommitInMemory:
        """The last commit."""
        return self.at([str(len(self.commits) - 1)])[0]

    def at(self, commits: Iterable[str]) -> tuple[CommitInMemory, ...]:
        """These commits."""
        numbers = [int(commit) for commit in commits]
        self.asked += numbers
        return tuple(CommitInMemory(self.commits[number][1], str(number)) for number in numbers)

    def line(self, tip: Any, since: datetime) -> tuple[Step, ...]:
        """Back to the first one older."""
        steps = []
        for number in range(int(tip.commit), -1, -1):
            steps.append(Step(commit=str(number), at=self.commits[number][0]))
            if steps[-1].at < since:
                break
        return tuple(steps)

    def before(self, **more: Any) -> Preceding:
        """As what comes before: staging, with churn."""
        values = {"row": row("staging", "churn"), **more}
        return Preceding(repository=cast("Repository", self), tip=self.tip(), **values)
