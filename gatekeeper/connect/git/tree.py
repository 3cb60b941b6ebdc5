"""One commit as a `Tree`, read object by object."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from gatekeeper.connect.git.objects import LINK, REGULAR, Entry, parse_commit, parse_tree
from gatekeeper.errors import CannotActError
from gatekeeper.model.paths import path_parts

MAX_FILE = 16 * 1024 * 1024


class Source(Protocol):
    """Where objects come from."""

    def content(self, oid: str) -> bytes:
        """The object's content. Raises CannotActError when it cannot be had."""

    def want(self, folders: Iterable[str], files: Iterable[str]) -> None:
        """Get these objects in one go, since they will be asked for."""


class CommitTree:
    """The files of one commit. Symbolic links and submodules are refused: what they mean is not in the commit."""

    def __init__(self, source: Source, commit: str) -> None:
        self.commit: str = commit
        self._source = source
        self._folders: dict[str, dict[str, Entry]] = {}
        self._tree = parse_commit(source.content(commit)).tree

    def read(self, path: str) -> bytes | None:
        """The bytes of the file at `path`, or None where there is none. Raises CannotActError."""
        entry = self.entry(path)
        if entry is None or entry.is_folder:
            return None
        _check_regular(entry, path)
        data = self._source.content(entry.oid)
        if len(data) > MAX_FILE:
            raise CannotActError(f"{path} is larger than {MAX_FILE} bytes")
        return data

    def names(self, folder: str) -> tuple[str, ...]:
        """Sorted names of what is directly in `folder` and is no folder. Raises CannotActError."""
        parts = path_parts(folder)
        entries = self.folder(parts)
        return () if entries is None else tuple(sorted(e.name for e in entries.values() if not e.is_folder))

    def folders(self, folder: str) -> tuple[str, ...]:
        """Sorted names of the folders directly in `folder`. Raises CannotActError."""
        entries = self.folder(path_parts(folder))
        return () if entries is None else tuple(sorted(e.name for e in entries.values() if e.is_folder))

    def entry(self, path: str) -> Entry | None:
        """The tree entry at `path`, or None."""
        parts = path_parts(path)
        entries = self.folder(parts[:-1]) if parts else None
        return entries.get(parts[-1]) if entries else None

    def folder(self, parts: tuple[str, ...]) -> dict[str, Entry] | None:
        """The entries of a folder by name; None where it does not exist."""
        key = "/".join(parts)
        if key not in self._folders:
            oid = self._folder_id(parts)
            if oid is None:
                return None
            self._folders[key] = {e.name: e for e in parse_tree(self._source.content(oid), len(self.commit) // 2)}
        return self._folders[key]

    def _folder_id(self, parts: tuple[str, ...]) -> str | None:
        if not parts:
            return self._tree
        parent = self.folder(parts[:-1])
        entry = parent.get(parts[-1]) if parent else None
        if entry is None or entry.mode in REGULAR:
            return None
        if not entry.is_folder:
            _check_regular(entry, "/".join(parts))
        return entry.oid

    def prefetch(self, paths: Iterable[str]) -> None:
        """Get what lies on the way to `paths` with few requests: level by level, and at last the files.

        A path that ends in `/` asks for all files directly in that folder. What does not exist is passed over.
        """
        level: _Level = {((), self._tree): [(path_parts(path.rstrip("/")), path.endswith("/")) for path in paths]}
        files: list[str] = []
        while level:
            self._source.want([oid for _, oid in level], files)
            files = []
            level = self._next(level, files)
        self._source.want([], files)

    def _next(self, level: _Level, files: list[str]) -> _Level:
        below: _Level = {}
        for (parts, _), wanted in level.items():
            entries = self.folder(parts) or {}
            for path, whole in wanted:
                if len(path) == len(parts):
                    files.extend(e.oid for e in entries.values() if whole and e.mode in REGULAR)
                    continue
                entry = entries.get(path[len(parts)])
                if entry is None:
                    continue
                if entry.is_folder:
                    below.setdefault(((*parts, entry.name), entry.oid), []).append((path, whole))
                elif entry.mode in REGULAR:
                    files.append(entry.oid)
        return below


_Level = dict[tuple[tuple[str, ...], str], list[tuple[tuple[str, ...], bool]]]


def _check_regular(entry: Entry, path: str) -> None:
    if entry.mode == LINK:
        raise CannotActError(f"{path} is a symbolic link; what it means is not in the commit")
    if entry.mode not in REGULAR:
        raise CannotActError(f"{path} is a submodule, not a file")
