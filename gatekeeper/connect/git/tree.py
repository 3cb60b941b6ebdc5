"""One commit as a `Tree`, read object by object."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from typing import Protocol

from gatekeeper.connect.git.objects import LINK, REGULAR, Entry, parse_commit, parse_tree
from gatekeeper.errors import CannotActError
from gatekeeper.model.paths import path_parts

MAX_FILE = 16 * 1024 * 1024
_MOST_FOLDERS = 16


class Source(Protocol):
    """Where objects come from."""

    def content(self, oid: str) -> bytes:
        """The object's content. Raises CannotActError when it cannot be had."""

    def want(self, folders: Iterable[str], files: Iterable[str]) -> None:
        """Get these objects in one go, since they will be asked for."""


Walk = Generator[tuple[list[str], list[str]], None, None]
"""Says level by level which trees and which files it needs; goes on when they are there."""


def together(source: Source, walks: Iterable[Walk]) -> None:
    """Let several walks go on, a level at a time: what they need is fetched for all of them in one go."""
    waiting = list(walks)
    while waiting:
        folders: list[str] = []
        files: list[str] = []
        going: list[Walk] = []
        for walk in waiting:
            level = next(walk, None)
            if level is not None:
                folders += level[0]
                files += level[1]
                going.append(walk)
        source.want(folders, files)
        waiting = going


class CommitTree:
    """The files of one commit. Symbolic links and submodules are refused: what they mean is not in the commit.

    What is prefetched in one of `family` is prefetched in all of them; of `beside` the first two levels come along.
    """

    def __init__(
        self,
        source: Source,
        commit: str,
        *,
        beside: CommitTree | None = None,
        known: dict[str, dict[str, Entry]] | None = None,
    ) -> None:
        self.commit: str = commit
        self.family: Sequence[CommitTree] = ()  # itself among them would keep it from being freed
        self._beside = beside
        self._source = source
        self._known = known if known is not None else {}
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
            oid = self.folder_id(parts)
            if oid is None:
                return None
            self._folders[key] = self._entries(oid)
        return self._folders[key]

    def _entries(self, oid: str) -> dict[str, Entry]:
        if oid not in self._known:
            self._known[oid] = {e.name: e for e in parse_tree(self._source.content(oid), len(self.commit) // 2)}
        return self._known[oid]

    def folder_id(self, parts: tuple[str, ...]) -> str | None:
        """The id of a folder's tree; None where it does not exist."""
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
        wanted = list(paths)
        walks = [tree.walk(wanted) for tree in self.family or (self,)]
        together(self._source, walks if self._beside is None else [*walks, self._beside.top()])

    def walk(self, paths: Iterable[str], *, files: bool = True) -> Walk:
        """Down to `paths`, or without `files` to the folders that they lie in."""
        level: _Level = {((), self._tree): [(path_parts(path.rstrip("/")), path.endswith("/")) for path in paths]}
        found: list[str] = []
        while level:
            yield [oid for _, oid in level], found
            found = []
            level = self._next(level, found if files else [])
        yield [], found

    def top(self) -> Walk:
        """The root and the folders directly in it, if they are few."""
        yield [self._tree], []
        folders = [entry.oid for entry in self._entries(self._tree).values() if entry.is_folder]
        yield folders[:_MOST_FOLDERS], []

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
