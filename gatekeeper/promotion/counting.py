"""What the records of an environment say about one digest: which still count, and what ended the others.

Rules: a rollback that left the digest ends all that was recorded about it before. So does a record that cannot be
believed: nobody knows whether it was one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby

from msgspec import UNSET, Struct

from gatekeeper.model.instants import parse_instant
from gatekeeper.ports import Tip
from gatekeeper.records.history import MAX_READ, is_about, is_allowed, is_rollback, promotions
from gatekeeper.records.place import newest_first, record_folder
from gatekeeper.records.statement import Record


class Noted(Struct, frozen=True, kw_only=True):
    """A record by its file's name: whether it is about the digest, and allowed it; `ends` says why no older counts."""

    name: str
    at: datetime | None = None
    about: bool = False
    allowed: bool = False
    ends: str = ""


Run = tuple[Noted, ...]


def counting(tip: Tip, environment: str, artifact: str, digest: str) -> Iterator[Noted]:
    """The records, newest first, until one ends what older ones say about the digest; that one comes last."""
    names = newest_first(tip.names(record_folder(environment, artifact)))[:MAX_READ]
    left: set[str] = set()
    back = False
    for name, record in zip(names, promotions(tip, environment, artifact), strict=False):
        if record is None:
            yield Noted(name=name, ends=f"its record {name} there cannot be believed")
            return
        about = is_about(record, digest)
        if about and (back or record.decision in left):
            yield Noted(name=name, ends="it was rolled back there")
            return
        yield _noted(name, record, about)
        back = is_rollback(record)
        if back and not about and _left(record) is None:
            yield Noted(name=name, ends=f"{name} there rolled back what nobody had decided")
            return
        left |= {_left(record) or ""}


def runs(records: Iterable[Noted]) -> Iterator[Run]:
    """The records about the digest that stand one after another, the newest first, where one of them allowed it."""
    for about, found in groupby(records, key=lambda noted: noted.about):
        run = tuple(found)
        if about and any(noted.allowed for noted in run):
            yield run


def _noted(name: str, record: Record, about: bool) -> Noted:
    at = max(parse_instant(record.at), parse_instant(record.judgement.judged_at))
    return Noted(name=name, at=at, about=about, allowed=is_allowed(record))


def _left(record: Record) -> str | None:
    if record.promotion is None or record.promotion.rollback is UNSET:
        return None
    return record.promotion.rollback.left
