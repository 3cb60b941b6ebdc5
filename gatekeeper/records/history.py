"""The records of one artifact in one environment, as a tree holds them, newest first."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from gatekeeper.ports import Tip
from gatekeeper.records.place import DIGITS, digits_of, newest_first, record_folder, record_path
from gatekeeper.records.statement import Record, RecordError, read_record

MAX_READ = 5000
_FIRST, _MOST = 1, 64


def latest_promotion(tree: Tip, environment: str, artifact: str) -> Record | None:
    """The newest record, when it is a whole one of a promotion of this environment and artifact; else None.

    It says what stands there: one that was overridden says so too, whatever its verdict.
    """
    return next(promotions(tree, environment, artifact), None)


def is_allowed(record: Record) -> bool:
    """Whether it was allowed and waited for nothing: what only an override let through, of either, was not allowed."""
    return record.judgement.verdict == "allowed" and not is_overridden(record)


def is_about(record: Record, digest: str) -> bool:
    """Whether the record's artifact has this digest."""
    artifact = record.judgement.artifact
    return artifact is not None and artifact.digest == digest


def promotions(tree: Tip, environment: str, artifact: str, head: str = "") -> Iterator[Record | None]:
    """The records, newest first; None for one that is broken, no promotion's, or lies where it does not belong.

    With `head`, only those whose decision begins with these hex digits.

    A promotion was allowed or overridden, and judged by the policies of a commit and not of a working tree.
    """
    folder = record_folder(environment, artifact)
    named = (name for name in tree.names(folder) if digits_of(name).startswith(head[:DIGITS]))
    names = newest_first(named)[:MAX_READ]
    size = _FIRST
    while names:
        batch, names = [f"{folder}/{name}" for name in names[:size]], names[size:]
        tree.prefetch(batch)
        yield from (_promotion(tree, path, environment, artifact) for path in batch)
        size = min(size * 4, _MOST)


def _promotion(tree: Tip, path: str, environment: str, artifact: str) -> Record | None:
    data = tree.read(path)
    try:
        record = read_record(data or b"")
    except RecordError:
        return None
    judgement = record.judgement
    named = judgement.artifact.name if judgement.artifact else None
    if not (is_allowed(record) or is_overridden(record)) or (judgement.environment, named) != (environment, artifact):
        return None
    return record if record.context.commit is not None and _belongs(path, record, environment, artifact) else None


def is_overridden(record: Record) -> bool:
    """Whether somebody let it through, whatever of it would not have gone."""
    return record.promotion is not None and record.promotion.override is not UNSET


def is_rollback(record: Record) -> bool:
    """Whether it put an earlier decision in force again."""
    return record.promotion is not None and record.promotion.rollback is not UNSET


def _belongs(path: str, record: Record, environment: str, artifact: str) -> bool:
    try:
        return path == record_path(environment, artifact, record.at, record.decision)
    except ValueError:
        return False
