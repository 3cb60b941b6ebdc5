"""New trees on top of a commit, leaf to root; everything that is not named keeps its id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from gatekeeper.connect.git.objects import FILE, FOLDER, REGULAR, Entry, format_tree, loose
from gatekeeper.connect.git.tree import CommitTree
from gatekeeper.connect.git.workspace import Workspace
from gatekeeper.errors import CannotActError
from gatekeeper.model.paths import path_parts

_Files = Mapping[tuple[str, ...], bytes | None]


class Writable(Protocol):
    """Where the objects that are built upon come from."""

    def write(self, oid: str) -> None:
        """Put an object where git finds it when it pushes."""


def write_tree(work: Workspace, source: Writable, base: CommitTree | None, files: Mapping[str, bytes | None]) -> str:
    """The id of the new root tree. Files that are None are removed, and folders that they leave empty.

    Raises CannotActError where a file's place is taken by something else.
    """
    if base is not None:
        source.write(base.commit)
    writer = _Writer(work, source, base)
    return writer.folder((), {path_parts(path): data for path, data in files.items()}) or writer.store({})


class _Writer:
    def __init__(self, work: Workspace, source: Writable, base: CommitTree | None) -> None:
        self._work = work
        self._source = source
        self._base = base

    def folder(self, parts: tuple[str, ...], files: _Files) -> str | None:
        """The new tree of a folder; None where nothing is left in it."""
        entries = self._before(parts)
        below: dict[str, dict[tuple[str, ...], bytes | None]] = {}
        for path, data in files.items():
            if len(path) == len(parts) + 1:
                self._set(entries, path, data)
            else:
                below.setdefault(path[len(parts)], {})[path] = data
        for name, inner in below.items():
            self._descend(entries, (*parts, name), inner)
        return self.store(entries) if entries else None

    def _before(self, parts: tuple[str, ...]) -> dict[str, Entry]:
        oid = self._base.folder_id(parts) if self._base is not None else None
        if self._base is None or oid is None:
            return {}
        entries = dict(self._base.folder(parts) or {})
        self._source.write(oid)
        return entries

    def _descend(self, entries: dict[str, Entry], parts: tuple[str, ...], files: _Files) -> None:
        name, there = parts[-1], entries.get(parts[-1])
        if there is not None and not there.is_folder:
            raise CannotActError(f"{'/'.join(parts)} is there, but it is not a folder")
        tree = self.folder(parts, files)
        if tree is not None:
            entries[name] = Entry(FOLDER, name, tree)
        elif there is not None:
            del entries[name]

    def _set(self, entries: dict[str, Entry], path: tuple[str, ...], data: bytes | None) -> None:
        name, there = path[-1], entries.get(path[-1])
        if there is not None and there.mode not in REGULAR:
            raise CannotActError(f"{'/'.join(path)} is there, but it is not a file")
        if data is None:
            entries.pop(name, None)
            return
        oid = self._work.store(loose("blob", data, self._work.algorithm))
        entries[name] = Entry(there.mode if there else FILE, name, oid)

    def store(self, entries: Mapping[str, Entry]) -> str:
        """Put a tree in the workspace."""
        return self._work.store(loose("tree", format_tree(entries.values()), self._work.algorithm))
