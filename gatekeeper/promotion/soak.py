"""How long a digest stayed in an environment without a break, by the history of its branch.

Rules, as dates of commits are only claims:
1. It counts from the commit by which an allowed record landed while every manifest of the row named the digest: from
   the latest of that commit's date, those of the commits before it that were looked at, and the record's own instant.
2. It ends at the first commit in which a manifest names another digest, or the newest record is about another: at the
   earliest of the dates of that commit and of all that follow, or now.
3. Where a manifest cannot hold a digest, its bytes must stay what they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate

from msgspec import Struct

from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.manifests import format_of, says_version
from gatekeeper.model.clocks import EARLIEST
from gatekeeper.model.environment import ArtifactRow, ManifestPlace
from gatekeeper.ports import Tip
from gatekeeper.ports.repository import Repository, Step
from gatekeeper.promotion.changes import target_of
from gatekeeper.promotion.counting import Run
from gatekeeper.records.place import newest_first

_MARGIN = timedelta(minutes=5)
_FURTHER = timedelta(days=30)
_FIRST, _MOST = 64, 1024


class Stay(Struct, frozen=True, kw_only=True):
    """A time without a break, as far as it can be believed. `lasts` says that it has not ended."""

    since: datetime
    until: datetime
    lasts: bool

    @property
    def length(self) -> timedelta:
        """How long it lasted; nothing where it is said to begin in the future."""
        return max(self.until - self.since, timedelta())


class Place(Struct, frozen=True, kw_only=True):
    """Where it is looked for: a branch at its tip, the row of the artifact there, and the folder of its records."""

    repository: Repository
    tip: Tip
    row: ArtifactRow
    folder: str


def stays(place: Place, run: Run, digest: str, soak: timedelta, now: datetime) -> Iterator[Stay]:
    """The times that the digest of a run of records stayed, in their order, up to the first that is long enough."""
    steps = _line(place, run)
    early = list(accumulate((step.at for step in reversed(steps)), min, initial=now))[::-1]
    watch = _Watch(place.row, digest, run)
    late, since = EARLIEST, None
    for n, (step, tree) in enumerate(zip(steps, _trees(place, run, steps), strict=True)):
        late = max(late, step.at)
        goes_on, landed = watch.look(tree, place.folder)
        if since is not None and (not goes_on or early[n] - since >= soak):
            yield Stay(since=since, until=early[n], lasts=goes_on)
            if early[n] - since >= soak:
                return
            since = None
        if since is None and landed is not None:
            since = max(late, landed)
    if since is not None:
        yield Stay(since=since, until=now, lasts=True)


class _Watch:
    """What is remembered from one commit to the next."""

    def __init__(self, row: ArtifactRow, digest: str, run: Run) -> None:
        self._row = row
        self._digest = digest
        self._about = {noted.name for noted in run}
        self._allowed = {noted.name: noted.at for noted in run if noted.allowed and noted.at is not None}
        self._seen: set[str] = set()
        self._names: tuple[str, ...] = ()
        self._newest = ""
        self._kept: list[bytes | None] = []
        self._told: dict[tuple[int, bytes], bool | None] = {}

    def look(self, tree: Tip, folder: str) -> tuple[bool, datetime | None]:
        """Whether it is still as at the landing, and the instant of an allowed record that landed here."""
        names = tree.names(folder)
        if names != self._names:
            self._names, self._newest = names, next(iter(newest_first(names)), "")
        there = self._about.intersection(names)
        new = [name for name in self._allowed if name in there and name not in self._seen]
        self._seen = there
        texts = [tree.read(place.path) for place in self._row.manifests]
        is_newest = self._newest in self._about
        goes_on = is_newest and bool(self._kept) and self._holds(texts, self._kept)
        if not goes_on:
            self._kept = texts if new and is_newest and self._holds(texts, texts) else []
        at = max((self._allowed[name] for name in new), default=None) if self._kept else None
        return goes_on, at

    def _holds(self, texts: list[bytes | None], kept: list[bytes | None]) -> bool:
        """Whether every manifest names the digest, or is what it was where it can name none."""
        for n, (place, text, was) in enumerate(zip(self._row.manifests, texts, kept, strict=True)):
            if text is None or was is None:
                return False
            if (n, text) not in self._told:
                self._told[n, text] = _names(text, place, self._row, self._digest)
            told = self._told[n, text]
            if told is False or (told is None and text != was):
                return False
        return True


def _names(text: bytes, place: ManifestPlace, row: ArtifactRow, digest: str) -> bool | None:
    """Whether the manifest names the digest; None where it can name none there."""
    try:
        target = target_of(place, row)
        found = format_of(place.format).current(text.decode(), target)
        if not says_version(place.format, target):
            return None
    except (CannotActError, InvalidRequestError, KeyError, UnicodeDecodeError):
        return False
    if found is None:
        return False
    return None if found.digest is None else found.digest == digest


def _line(place: Place, run: Run) -> tuple[Step, ...]:
    """The commits from one that has no record of the run, or the very first there is, to the tip, oldest first."""
    first = min(noted.at for noted in run if noted.at is not None)
    paths = [f"{place.folder}/{noted.name}" for noted in run]
    line: tuple[Step, ...] = ()
    for since in (_back(first, _MARGIN), _back(first, _FURTHER), EARLIEST):
        line = place.repository.line(place.tip, since)[::-1]
        (oldest,) = place.repository.at([line[0].commit])
        oldest.prefetch(paths)
        if not any(oldest.read(path) is not None for path in paths):
            break
    return line


def _back(instant: datetime, by: timedelta) -> datetime:
    return instant - by if instant - EARLIEST > by else EARLIEST


def _trees(place: Place, run: Run, steps: tuple[Step, ...]) -> Iterator[Tip]:
    """The commits as trees, many at a time, with all that is looked at in them."""
    paths = [manifest.path for manifest in place.row.manifests]
    paths += [f"{place.folder}/{noted.name}" for noted in run]
    size = _FIRST
    while steps:
        chunk, steps = place.repository.at([step.commit for step in steps[:size]]), steps[size:]
        chunk[0].prefetch(paths)
        yield from chunk
        size = min(size * 2, _MOST)
