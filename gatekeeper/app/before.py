"""The policies as they were at an earlier commit, to compare versions with."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from gatekeeper.errors import InvalidFileError
from gatekeeper.policy.documents import Document, load
from gatekeeper.ports import Tree


class Before(Struct, frozen=True, kw_only=True):
    """How things were: a commit, and the folder of it that corresponds to the project's own."""

    tree: Tree
    folder: str = ""


def earlier(before: Before, folder: str) -> tuple[Document, ...]:
    """The policies as they were."""
    whole = f"{before.folder}/{folder}" if before.folder else folder
    names = [name for name in before.tree.names(whole) if name.endswith(".yaml")]
    return read_earlier(before, [f"{folder}/{name}" for name in names])


def read_earlier(before: Before, paths: Iterable[str]) -> tuple[Document, ...]:
    """Earlier policies by their paths; one that could not be read then cannot be compared with."""
    documents: list[Document] = []
    for path in paths:
        data = before.tree.read(f"{before.folder}/{path}" if before.folder else path)
        try:
            documents += load(data, path, frozenset({"Policy"})) if data is not None else ()
        except InvalidFileError:
            continue
    return tuple(documents)
