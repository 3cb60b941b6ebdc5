"""What the environments before have that this one has not, and why it has not moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from msgspec import UNSET
from msgspec.structs import replace

from gatekeeper.app.earlier import Past
from gatekeeper.app.evaluate import Judged
from gatekeeper.app.gathering import gather
from gatekeeper.app.look import Look
from gatekeeper.errors import GatekeeperError
from gatekeeper.model.instants import parse_instant
from gatekeeper.model.judgement import Result
from gatekeeper.model.status import Newer, Standing
from gatekeeper.promotion.windows import not_before
from gatekeeper.records.statement import Record

JudgeFrom = Callable[[Look, str, str, str], Judged]
"""Judges for an environment what stands of an artifact in another, by its recorded facts; in this order."""

_SHOWN = 5


def find_newer(
    look: Look,
    past: Past,
    standing: Standing,
    before: Mapping[str, Mapping[str, tuple[Past, Record | None]]],
    judge: JudgeFrom,
    now: datetime,
) -> tuple[Newer, ...]:
    """By the records in `before`, by environment and artifact. What cannot be judged is said in its reasons."""
    name = past.row.name
    there = {environment: records[name] for environment, records in before.items() if name in records}
    return tuple(_why(look, past, one, judge, now) for one in _candidates(standing, there))


def _candidates(standing: Standing, before: Mapping[str, tuple[Past, Record | None]]) -> Iterator[Newer]:
    for name, (there, record) in before.items():
        artifact = None if record is None else record.judgement.artifact
        if record is None or artifact is None or artifact.digest == standing.digest or not _is_there(there, record):
            continue
        if standing.since is not None and parse_instant(record.at) <= parse_instant(standing.since):
            continue
        yield Newer(
            environment=name,
            tag=artifact.tag,
            digest=artifact.digest,
            since=record.at,
            decision=record.decision,
            rolled_back=record.promotion is not None and record.promotion.rollback is not UNSET,
        )


def _is_there(past: Past, record: Record) -> bool:
    try:
        return past.stands(record)
    except GatekeeperError:
        return False  # its own row says so


def _why(look: Look, past: Past, newer: Newer, judge: JudgeFrom, now: datetime) -> Newer:
    """The verdict of its recorded facts here, and what it would wait for."""
    try:
        judged = judge(look, past.environment.metadata.name, past.row.name, newer.environment)
        verdict = judged.report.judgement.verdict
        found = gather(look, judged, look.site(past.environment), None, now)
    except GatekeeperError as fault:
        return replace(newer, reasons=(" ".join(fault.message.split()),))
    results = [_told(result) for result in judged.report.judgement.results if _blocks(result)]
    more = [f"{len(results) - _SHOWN} more rules"] if len(results) > _SHOWN else []
    return replace(
        newer,
        verdict=verdict,
        reasons=(*results[:_SHOWN], *more),
        waiting=found.waiting,
        not_before=not_before(found.waiting, past.environment.spec.windows) if found.waiting else None,
    )


def _blocks(result: Result) -> bool:
    return result.enforcement == "deny" and result.result not in ("pass", "skipped") and result.waived is None


def _told(result: Result) -> str:
    return f"{result.policy}/{result.rule} ({result.result}): {result.message}"
