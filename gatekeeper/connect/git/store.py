"""What was fetched: small packs in memory, and whatever git itself took in, in the workspace."""

from __future__ import annotations

from collections.abc import Iterable

from gatekeeper.connect.git import reader
from gatekeeper.connect.git.objects import Item, Kind, loose
from gatekeeper.connect.git.reader import ObjectFinder, ObjectReader
from gatekeeper.connect.git.workspace import Workspace
from gatekeeper.errors import CannotActError


class Store:
    """The objects of one remote repository that are here."""

    def __init__(self, address: str, algorithm: str = "sha1") -> None:
        self.address = address
        self._items: dict[str, Item] = {}
        self._used: dict[str, Item] = {}
        self._borrowed: list[Workspace] = []
        self.open(algorithm)

    def open(self, algorithm: str) -> None:
        """Begin anew with an empty workspace, for repositories whose ids are made by `algorithm`."""
        self.workspace = Workspace(self.address, algorithm)
        self._reader = ObjectReader(self.workspace.git_dir)
        self._finder = ObjectFinder(self.workspace.git_dir)
        self._on_disk = False

    def add(self, items: dict[str, Item]) -> None:
        """Keep objects whose ids were made from their contents."""
        self._items.update(items)

    def taken(self) -> None:
        """Say that git put objects into the workspace: only then is it asked for any."""
        self._on_disk = True

    def has(self, oid: str) -> bool:
        """Whether the object with this whole id is here. Raises CannotActError where git ends early."""
        return oid in self._items or (self._on_disk and self._finder.has(oid))

    def find(self, name: str) -> Item | None:
        """The object that `name` means, an id or one that git understands; None where it is not here."""
        item = self._items.get(name)
        if item is None and self._on_disk:
            found = self._reader.find(name)
            item = Item(found.kind, found.content, found.oid) if found else None
        if item is not None and len(item.content) > reader.MAX_OBJECT:
            raise CannotActError(
                f"object {name} has {len(item.content)} bytes; more than {reader.MAX_OBJECT} are not read"
            )
        if item is not None:
            self._used[item.oid] = item
        return item

    def borrow(self) -> Workspace:
        """An empty workspace whose objects are seen in this one, too."""
        fresh = Workspace(self.address, self.workspace.algorithm)
        self._borrowed.append(fresh)
        self.workspace.see([work.objects for work in self._borrowed])
        self._reader.close()  # what runs does not look at other folders than it began with
        self._finder.close()
        return fresh

    def write(self, oid: str) -> None:
        """Put the object where git finds it: to push, it reads what the new commit stands on."""
        item = self._items.get(oid)
        if item is not None:
            self.workspace.store(loose(_kind(item.kind), item.content, self.workspace.algorithm))

    def held(self) -> dict[str, Item]:
        """The objects in memory."""
        return self._items

    def use(self, oids: Iterable[str]) -> None:
        """Count these among the used ones, as far as they are in memory."""
        self._used.update({oid: self._items[oid] for oid in oids if oid in self._items})

    def used(self) -> Iterable[Item]:
        """The objects that were asked for, in memory or not."""
        return self._used.values()

    def close(self) -> None:
        """End the reading processes and remove what was fetched."""
        self._reader.close()
        self._finder.close()
        for work in (self.workspace, *self._borrowed):
            work.close()


def _kind(word: str) -> Kind:
    for kind in ("blob", "tree", "commit"):
        if word == kind:
            return kind
    raise AssertionError(word)
