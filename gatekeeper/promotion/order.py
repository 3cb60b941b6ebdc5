"""The environments in which a digest must have been first, and how long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from msgspec import UNSET, Struct

from gatekeeper.model.environment import After, ArtifactRow
from gatekeeper.model.instants import format_instant, parse_duration
from gatekeeper.model.judgement import Waiting
from gatekeeper.ports import Tip
from gatekeeper.ports.repository import Repository
from gatekeeper.promotion.counting import Noted, Run, counting, runs
from gatekeeper.records.place import record_folder

if TYPE_CHECKING:
    from gatekeeper.promotion.soak import Stay

_MOST_RUNS = 10
_BEYOND = 200


class Preceding(Struct, frozen=True, kw_only=True):
    """An environment that comes before: its branch at its tip, its row of the artifact, and the holds that stand on it.

    `row` is null where it has none of that name now.
    """

    repository: Repository
    tip: Tip
    row: ArtifactRow | None
    holds: tuple[Waiting, ...] = ()


def find_waiting(
    after: tuple[After, ...], before: Mapping[str, Preceding], artifact: str, digest: str, now: datetime
) -> tuple[Waiting, ...]:
    """Where the digest has not been by an allowed decision, was rolled back or is held, or has not stayed long enough.

    `before` holds every environment that `after` names. Raises CannotActError where a history cannot be read.
    """
    found = (_unmet(one, before[one.environment], artifact, digest, now) for one in after)
    return tuple(waiting for waiting in found if waiting is not None)


def _subject(artifact: str, digest: str) -> str:
    """Short: the whole digest stands beside it in every report."""
    return f"{artifact} at {digest[:19]}"


def _unmet(after: After, before: Preceding, artifact: str, digest: str, now: datetime) -> Waiting | None:
    where, subject = after.environment, _subject(artifact, digest)
    if before.holds:
        hold = max(before.holds, key=lambda one: (one.until is None, one.until or ""))
        return Waiting(condition="after", message=f"{artifact} is on hold in {where}: {hold.message}", until=hold.until)
    records = _Reading(counting(before.tip, where, artifact, digest))
    if after.soak is not UNSET and before.row is not None:
        return _unsoaked(after, before, records, artifact, digest, now)
    if not any(noted.about and noted.allowed for noted in records):
        return _never(records.last, where, subject)
    if after.soak is UNSET:
        return None
    return Waiting(condition="soak", message=f"{where} has no artifact {artifact} now: nobody can tell how long")


class _Reading:
    """Records as they are read, no further than needed: once the digest was met, a bounded number beyond it."""

    def __init__(self, records: Iterator[Noted]) -> None:
        self._records = records
        self._left: int | None = None
        self.last: Noted | None = None

    def __iter__(self) -> Iterator[Noted]:
        for noted in self._records:
            self.last = noted
            yield noted
            if noted.about and noted.allowed:
                self._left = _BEYOND
            elif self._left is not None:
                self._left -= 1
            if self._left == 0:
                return


def _never(last: Noted | None, where: str, subject: str) -> Waiting:
    ended = f": {last.ends}" if last is not None and last.ends else ""
    message = f"{subject} has not been promoted to {where} by an allowed decision{' that counts' if ended else ''}"
    return Waiting(condition="after", message=message + ended)


def _unsoaked(
    after: After, before: Preceding, records: _Reading, artifact: str, digest: str, now: datetime
) -> Waiting | None:
    from gatekeeper.promotion.soak import Place, stays  # what has no soak reads no history

    assert before.row is not None
    soak = parse_duration(str(after.soak))
    folder = record_folder(after.environment, artifact)
    place = Place(repository=before.repository, tip=before.tip, row=before.row, folder=folder)
    found: list[Stay] = []
    run: Run = ()
    for run in islice(runs(records), _MOST_RUNS):
        oldest = min(noted.at for noted in run if noted.allowed and noted.at is not None)
        if now - oldest >= soak or not found:  # what is younger than the soak is looked at for its message alone
            found += stays(place, run, digest, soak, now)
        if any(stay.length >= soak for stay in found):
            return None
    if not run:
        return _never(records.last, after.environment, _subject(artifact, digest))
    best = max(found, key=lambda stay: (stay.lasts, stay.length), default=None)
    return _short(best, _subject(artifact, digest), after, soak)


def _short(best: Stay | None, subject: str, after: After, soak: timedelta) -> Waiting:
    where = after.environment
    if best is None:
        return Waiting(
            condition="soak",
            message=f"{subject} has a record in {where}, but its manifests there did not name it when that landed",
        )
    told = f"{span_text(best.length)} of {after.soak}"
    if not best.lasts:
        ended = f"until {format_instant(best.until)}"
        return Waiting(
            condition="soak", message=f"{subject} stayed in {where} for {told}, {ended}, and is to stay anew"
        )
    message = f"{subject} has been in {where} since {format_instant(best.since)}: {told}"
    try:
        return Waiting(condition="soak", message=message, until=format_instant(best.since + soak))
    except OverflowError:
        return Waiting(condition="soak", message=message)


def span_text(span: timedelta) -> str:
    """A length of time in its two largest units, cut: `3d 4h`, `59m 10s`, `0s`."""
    seconds = int(span.total_seconds())
    parts: list[str] = []
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60), ("s", 1)):
        count, seconds = divmod(seconds, size)
        if count or (unit == "s" and not parts):
            parts.append(f"{count}{unit}")
    return " ".join(parts[:2])
