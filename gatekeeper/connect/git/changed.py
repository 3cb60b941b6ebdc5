"""Which files differ between two commits, by their trees alone."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.connect.git.objects import Entry
from gatekeeper.connect.git.tree import CommitTree

Folder = dict[str, Entry]


def changed(old: CommitTree, new: CommitTree) -> frozenset[str]:
    """The paths of all files, links and submodules that are in one of the two only, or differ."""
    return frozenset("/".join(parts) for parts in _changed(old, new, ()))


def _changed(old: CommitTree | None, new: CommitTree | None, parts: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Below a folder; None where a tree has no folder there."""
    before, after = _entries(old, parts), _entries(new, parts)
    for name in sorted({*before, *after}):
        one, other = before.get(name), after.get(name)
        if one == other:
            continue
        path = (*parts, name)
        if any(entry is not None and not entry.is_folder for entry in (one, other)):
            yield path
        yield from _changed(_below(old, one), _below(new, other), path)


def _entries(tree: CommitTree | None, parts: tuple[str, ...]) -> Folder:
    return {} if tree is None else tree.folder(parts) or {}


def _below(tree: CommitTree | None, entry: Entry | None) -> CommitTree | None:
    return tree if entry is not None and entry.is_folder else None
