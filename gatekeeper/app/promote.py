"""Promoting: read the tip, judge by what it says, derive the commit, and put it there if the tip is still the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

import msgspec
from msgspec import Struct

from gatekeeper.app.evaluate import Judged
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.manifests.edited import Wish
from gatekeeper.model.environment import ArtifactRow, Environment
from gatekeeper.model.image import ImageRef
from gatekeeper.model.instants import parse_instant
from gatekeeper.model.judgement import Promotion, Report, Waiting
from gatekeeper.ports import Tip, Tree
from gatekeeper.ports.repository import Branch
from gatekeeper.promotion.changes import Changes, find_changes, model_uri, wished_image
from gatekeeper.promotion.message import Part, commit_message
from gatekeeper.promotion.order import find_waiting
from gatekeeper.records.history import is_about, is_allowed, latest_promotion, was_promoted
from gatekeeper.records.place import newest_instant, record_folder, record_path
from gatekeeper.records.statement import RecordError, context, decision_id, read_record, record_bytes


class Means(Struct, frozen=True, kw_only=True):
    """What a promotion takes from the world beside the repository.

    `judge(tree, now)` judges by the policies of `tree`; it is called again on every attempt. `jitter(most)` gives a
    random number of seconds up to `most`. `hints` are the paths that judging will read.
    """

    judge: Callable[[Tree, datetime], Judged]
    now: Callable[[], datetime]
    elapsed: Callable[[], float]
    sleep: Callable[[float], None]
    jitter: Callable[[float], float]
    version: str
    hints: tuple[str, ...] = ()
    deadline: float = 120.0
    longest_pause: float = 30.0


_TICK = 0.001


class Plan(Struct, frozen=True, kw_only=True):
    """What is to be done at one tip: `action`, and for a commit its files and message.

    `early` says by how many seconds the newest record there is not older than this judgement; None when it is older.
    """

    report: Report
    promotion: Promotion
    files: dict[str, bytes] = {}
    message: str = ""
    early: float | None = None


def plan(repository: Branch, branch: str, means: Means) -> Report:
    """All that `promote` would do now, with its diff; nothing is written."""
    made = _plan(repository.tip(), branch, means, shows_diff=True)
    return msgspec.structs.replace(made.report, promotion=msgspec.structs.replace(made.promotion, attempts=1))


def promote(repository: Branch, branch: str, means: Means) -> Report:
    """Judge, and commit what is allowed and waits for nothing.

    Everything is read and judged again whenever the branch moved in between. Raises CannotActError when the commit is
    refused, or when others were faster until the deadline; then nothing was written.
    """
    started = means.elapsed()
    attempt = 1
    while True:
        begun = means.elapsed()
        tip = repository.tip()
        made = _plan(tip, branch, means, shows_diff=False)
        promotion = msgspec.structs.replace(made.promotion, attempts=attempt)
        if promotion.action != "committed":
            return msgspec.structs.replace(made.report, promotion=promotion)
        if made.early is not None:
            trouble = f"this clock does not pass that of the newest record on {branch}"
            _pause(means, made.early + _TICK, means.elapsed() - started, trouble)
        else:
            landing = repository.commit(tip, made.files, made.message)
            if not landing.moved:
                return msgspec.structs.replace(
                    made.report, promotion=msgspec.structs.replace(promotion, commit=landing.commit)
                )
            _wait(means, attempt, begun, started, branch)
        attempt += 1


def _wait(means: Means, attempt: int, begun: float, started: float, branch: str) -> None:
    """Full jitter, on the scale of what an attempt takes here: writers that lost together do not meet again."""
    now = means.elapsed()
    most = min((now - begun) * 2**attempt, means.longest_pause)
    trouble = f"others were faster on {branch} for {means.deadline:.0f} s and {attempt} attempts"
    _pause(means, means.jitter(most), now - started, trouble)


def _pause(means: Means, seconds: float, spent: float, trouble: str) -> None:
    if spent + seconds > means.deadline:
        raise CannotActError(f"{trouble}; nothing was written", "Run it again.")
    means.sleep(seconds)


def _plan(tip: Tip, branch: str, means: Means, *, shows_diff: bool) -> Plan:
    tip.prefetch(means.hints)
    judged = means.judge(tip, means.now())
    if judged.environment is None or judged.row is None:
        raise InvalidRequestError("a promotion needs an environment", "Name it with --env.")
    _check_branch(judged.environment, judged.before, branch)
    if judged.report.judgement.verdict != "allowed":
        return Plan(report=judged.report, promotion=Promotion(action="none"))
    return _allowed(tip, judged.report, judged.environment, judged.row, means, shows_diff=shows_diff)


def _check_branch(environment: Environment, before: tuple[Environment, ...], branch: str) -> None:
    name, wished = environment.metadata.name, environment.spec.delivery.branch
    if wished != branch:
        raise InvalidRequestError(f"{name} is delivered to {wished}, as {branch} says; this promotion reads {branch}")
    for other in before:
        if other.spec.delivery.branch != branch:
            raise InvalidRequestError(
                f"{name} comes after {other.metadata.name}, which is delivered to {other.spec.delivery.branch}: "
                f"its records are there, and this version reads those of {branch} only"
            )


def _allowed(
    tip: Tip, report: Report, environment: Environment, row: ArtifactRow, means: Means, *, shows_diff: bool
) -> Plan:
    spec, name = environment.spec, environment.metadata.name
    new = wished_image(row, report.judgement.artifact)
    tip.prefetch([*(place.path for place in row.manifests), *_record_folders(environment, row)])
    changes = find_changes(tip, row, Wish(image=new, pin=spec.pin, model_uri=model_uri(report.judgement.artifact)))
    if changes.held and _is_recorded(tip, name, row, new):
        return Plan(report=report, promotion=Promotion(action="already", notes=_retagged(changes)))
    waiting = find_waiting(spec.after, row.name, str(new.digest), partial(was_promoted, tip))
    made = _commit(tip, report, name, row, changes, means)
    promotion = _promotion(made, changes, waiting, shows_diff=shows_diff)
    early = None if waiting else _early(tip, record_folder(name, row.name), report.judgement.judged_at, means)
    return msgspec.structs.replace(made, promotion=promotion, early=early)


def _early(tip: Tip, folder: str, judged_at: str, means: Means) -> float | None:
    """Records are written in the order of their instants, by which they are read.

    Clocks that differ a little are waited for. Raises CannotActError for one that differs more.
    """
    newest = newest_instant(tip.names(folder))
    if newest is None:
        return None
    ahead = (parse_instant(newest) - parse_instant(judged_at)).total_seconds()
    if ahead > means.longest_pause:
        raise CannotActError(
            f"{folder} holds a record of {newest}, and the clock here says {judged_at}; nothing was written",
            "Set the clock right. If that record is wrong, take it away by a reviewed commit.",
        )
    return ahead if ahead >= 0 else None


def _record_folders(environment: Environment, row: ArtifactRow) -> list[str]:
    names = [environment.metadata.name, *(after.environment for after in environment.spec.after)]
    return [record_folder(name, row.name) for name in names]


def _is_recorded(tip: Tip, environment: str, row: ArtifactRow, new: ImageRef) -> bool:
    """By the newest record: an older one of the same digest says nothing about what somebody put back by hand."""
    record = latest_promotion(tip, environment, row.name)
    return record is not None and is_allowed(record) and is_about(record, str(new.digest))


def _retagged(changes: Changes) -> tuple[str, ...]:
    return tuple(
        f"{change.path} names this digest as {change.before}; nothing was written"
        for change in changes.manifests
        if change.new != change.old
    )


def _commit(tip: Tip, report: Report, environment: str, row: ArtifactRow, changes: Changes, means: Means) -> Plan:
    judgement = report.judgement
    decision = decision_id(judgement)
    path = record_path(environment, row.name, judgement.judged_at, decision)
    record = record_bytes(judgement, context(report.engine, means.version, tip.commit, report.sources))
    _check_record(record)
    message = commit_message([Part(judgement, decision, environment, row.name, changes.manifests[0])])
    return Plan(
        report=report,
        promotion=Promotion(action="committed", record=path, notes=changes.notes),
        files={**changes.files, path: record},
        message=message,
    )


def _check_record(record: bytes) -> None:
    """What would not be believed later must not be written: the promotion would be made again and again."""
    try:
        read_record(record)
    except RecordError as fault:
        raise CannotActError(f"this decision cannot be recorded: {fault.message}; nothing was written") from fault


def _promotion(made: Plan, changes: Changes, waiting: tuple[Waiting, ...], *, shows_diff: bool) -> Promotion:
    action = "waiting" if waiting else "committed"
    diff = _diff(changes) if shows_diff else None
    record = None if waiting else made.promotion.record
    return msgspec.structs.replace(made.promotion, action=action, waiting=waiting, diff=diff, record=record)


def _diff(changes: Changes) -> str:
    from difflib import unified_diff  # only a plan shows it

    lines = (
        line
        for change in changes.manifests
        for line in unified_diff(_lines(change.old), _lines(change.new), f"a/{change.path}", f"b/{change.path}")
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """As git sees them: only a line feed ends one."""
    return [f"{line}\n" for line in text.split("\n")[:-1]] + [text.rpartition("\n")[2]] * (not text.endswith("\n"))
