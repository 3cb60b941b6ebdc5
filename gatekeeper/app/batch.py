"""All artifacts of one promotion together: what goes, in one commit, or why nothing does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec import UNSET, Struct
from msgspec.structs import replace

from gatekeeper.app.asked import Asked
from gatekeeper.app.held import Put, holds_for
from gatekeeper.app.item import Item, is_proposed
from gatekeeper.app.keeping import kept_of
from gatekeeper.app.look import Look, Site
from gatekeeper.errors import CannotActError
from gatekeeper.ports import Tip
from gatekeeper.promotion.changes import find_changes
from gatekeeper.promotion.message import Part, commit_message
from gatekeeper.records.keeping import Kept
from gatekeeper.records.place import record_path
from gatekeeper.records.statement import Context, RecordError, context, read_record, record_bytes


class Batch(Struct, frozen=True, kw_only=True):
    """The items, and of those that go the files that change, the facts that are kept, and the message.

    `held` are the holds that come with them, by artifact. `look` and `now` are those that it was found at.
    """

    items: tuple[Item, ...]
    look: Look | None = None
    now: datetime | None = None
    going: tuple[Item, ...] = ()
    files: dict[str, bytes | None] = {}
    keep: dict[str, bytes] = {}
    message: str = ""
    held: dict[str, Put] = {}

    @property
    def site(self) -> Site:
        """Where all of them are delivered."""
        return self.items[0].site

    @property
    def apart(self) -> dict[str, bytes | None]:
        """Holds that are put first, where the rules are: what goes is delivered to another repository."""
        return {put.path: put.data for put in self.held.values() if put.apart}

    @property
    def going_images(self) -> tuple[tuple[str, str], ...]:
        """The names and digests of what goes."""
        return tuple((item.row.name, str(item.wish.image.digest)) for item in self.going if item.wish is not None)

    @property
    def has_moved(self) -> bool:
        """Whether a branch that was judged by, or that is delivered to, is at another commit by now."""
        sites = {id(site.repository): site for site in (self.site, self.items[0].home)}
        return any(site.repository.tip().commit != site.tip.commit for site in sites.values())

    @property
    def by_pull_request(self) -> bool:
        """Whether what goes is proposed instead of being committed."""
        return any(is_proposed(item) for item in self.going)

    @property
    def early(self) -> float | None:
        """The longest that must be waited before the records can follow those that are there."""
        return max((item.early for item in self.going if item.early is not None), default=None)


def make_batch(items: tuple[Item, ...], asked: Asked, version: str) -> Batch:
    """What goes: all or none, unless only what is ready was asked for. Raises CannotActError, ManifestError."""
    stuck = [item for item in items if item.state not in {"ready", "already"}]
    going = tuple(item for item in items if item.state == "ready")
    if not going or (stuck and not asked.all_ready):
        return Batch(items=items)
    return _written(items, _together(going), asked, version)


def _together(going: tuple[Item, ...]) -> tuple[Item, ...]:
    """Each derived on top of the others: several artifacts may be named in one file."""
    if len(going) == 1:
        return going
    tree = _Overlay(going[0].site.tip)
    made = []
    for item in going:
        assert item.wish is not None
        changes = find_changes(tree, item.row, item.wish)
        tree.files.update(changes.files)
        made.append(replace(item, changes=changes))
    return tuple(made)


class _Overlay:
    """A tip with some files as they will be."""

    def __init__(self, tip: Tip) -> None:
        self._tip = tip
        self.commit = tip.commit
        self.files: dict[str, bytes] = {}

    def read(self, path: str) -> bytes | None:
        return self.files[path] if path in self.files else self._tip.read(path)

    def names(self, folder: str) -> tuple[str, ...]:
        return self._tip.names(folder)

    def folders(self, folder: str) -> tuple[str, ...]:
        return self._tip.folders(folder)


def _written(items: tuple[Item, ...], going: tuple[Item, ...], asked: Asked, version: str) -> Batch:
    files: dict[str, bytes | None] = {}
    keep: dict[str, bytes] = {}
    for item in going:
        assert item.changes is not None
        kept = kept_of(item.judged) if item.judged.envelopes else Kept()
        keep.update(kept.files)
        files.update(item.changes.files)
        files[record_of(item)] = _record(item, version, kept)
    held = holds_for(going, asked)
    files.update({put.path: put.data for put in held.values() if not put.apart})
    message = commit_message([part_of(item) for item in going], template_of(going[0]))
    return Batch(items=items, going=going, files=files, keep=keep, message=message, held=held)


def part_of(item: Item) -> Part:
    """What the commit's message says of it."""
    assert item.changes is not None
    name = item.environment.metadata.name
    judgement = item.report.judgement
    return Part(judgement, item.report.decision, name, item.row.name, item.changes.manifests[0], item.promoted)


def template_of(item: Item) -> str | None:
    """The environment's own head of messages."""
    message = item.environment.spec.delivery.message
    return None if message is UNSET else message


def record_of(item: Item) -> str:
    """The path of its record."""
    assert item.promoted is not None
    return record_path(item.environment.metadata.name, item.row.name, item.promoted.at, item.report.decision)


def _record(item: Item, version: str, kept: Kept) -> bytes:
    """The record's file. What would not be believed later must not be written: it would be made again and again."""
    assert item.promoted is not None
    record = record_bytes(item.report.judgement, _context(item, version, kept), item.promoted)
    try:
        read_record(record)
    except RecordError as fault:
        raise CannotActError(f"this decision cannot be recorded: {fault.message}; nothing was written") from fault
    return record


def _context(item: Item, version: str, kept: Kept) -> Context:
    if item.repeated is not None:
        return item.repeated
    facts = kept.digests if kept.files else UNSET
    return context(item.report.engine, version, item.rules, item.report.sources, facts)


def named(items: Iterable[Item]) -> str:
    """The artifacts' names, for messages."""
    return ", ".join(item.row.name for item in items)
