"""Git's objects as bytes: trees, commits and loose files, as gitformat-pack(5) and git's own sources define them.

An object's id is checked nowhere here: git does that when it takes objects in.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from gatekeeper.errors import CannotActError

Kind = Literal["blob", "tree", "commit"]
FOLDER = "40000"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_SECONDS = 11  # to the year 5138: more than any clock says, and less than a datetime cannot hold
FILE = "100644"
REGULAR = frozenset({"100644", "100755", "100664"})
LINK = "120000"


class Entry(NamedTuple):
    """One name in a tree."""

    mode: str
    name: str
    oid: str

    @property
    def is_folder(self) -> bool:
        """Whether the entry is a tree."""
        return self.mode in {FOLDER, "040000"}


def parse_tree(data: bytes, width: int) -> tuple[Entry, ...]:
    """The entries of a tree whose ids have `width` bytes. Raises CannotActError for a broken one."""
    entries = []
    at = 0
    while at < len(data):
        end = data.find(b"\0", at)
        head, space, name = data[at:end].partition(b" ")
        if end < 0 or not space or len(data) < end + 1 + width:
            raise CannotActError("the repository holds a broken tree")
        oid = data[end + 1 : end + 1 + width].hex()
        entries.append(Entry(head.decode("ascii", "replace"), name.decode("utf-8", "surrogateescape"), oid))
        at = end + 1 + width
    return tuple(entries)


def format_tree(entries: Iterable[Entry]) -> bytes:
    """The bytes of a tree, in git's order: by name, a folder as if its name ended in `/`."""
    keyed = sorted((entry.name.encode("utf-8", "surrogateescape") + b"/" * entry.is_folder, entry) for entry in entries)
    return b"".join(
        entry.mode.encode() + b" " + entry.name.encode("utf-8", "surrogateescape") + b"\0" + bytes.fromhex(entry.oid)
        for _, entry in keyed
    )


class Commit(NamedTuple):
    """What a commit says of its place: its tree and its parents."""

    tree: str
    parents: tuple[str, ...]


def parse_commit(data: bytes) -> Commit:
    """The header of a commit. Raises CannotActError for a broken one."""
    head = data.partition(b"\n\n")[0].decode("utf-8", "replace").split("\n")
    trees = [line[5:] for line in head if line.startswith("tree ")]
    if len(trees) != 1:
        raise CannotActError("the repository holds a broken commit")
    return Commit(trees[0], tuple(line[7:] for line in head if line.startswith("parent ")))


def committed_at(data: bytes) -> datetime:
    """The committer's date, in UTC. Raises CannotActError for a broken one."""
    head = data.partition(b"\n\n")[0].decode("utf-8", "replace").split("\n")
    line = next((line for line in head if line.startswith("committer ")), "")
    word = line.rpartition("> ")[2].partition(" ")[0]
    if not word.isascii() or not word.isdigit() or len(word) > _LONGEST_SECONDS:
        raise CannotActError("the repository holds a commit without a date")
    return _EPOCH + timedelta(seconds=int(word))


class Item(NamedTuple):
    """An object as it is read: its kind, its content, its id."""

    kind: str
    content: bytes
    oid: str


class Loose(NamedTuple):
    """An object as it lies in the object folder: its id, and the compressed file."""

    oid: str
    data: bytes


def loose(kind: Kind, content: bytes, algorithm: str) -> Loose:
    """The loose form of an object, under `sha1` or `sha256`."""
    whole = f"{kind} {len(content)}\0".encode() + content
    digest = hashlib.new(algorithm, whole, usedforsecurity=False)
    return Loose(digest.hexdigest(), zlib.compress(whole, 1))
