"""A YAML document as plain values, and where each of them stands in the file."""

from __future__ import annotations

from typing import Any

from gatekeeper.errors import Problem

Step = str | int
Place = tuple[int, int]


class Tree:
    """One document: its plain `value`, the `problems` found while reading it, and PyYAML's nodes under `root`.

    A refused value stands in `value` as its text, so that the rest of the document can be explained too.
    """

    __slots__ = ("_pairs", "problems", "root", "text", "value")

    def __init__(self, root: Any, text: str) -> None:
        self.root = root
        self.text = text
        self.problems: list[Problem] = []
        self.value: Any = None
        self._pairs: dict[int, dict[str, tuple[Any, Any]]] = {}

    def place(self, *path: Step) -> Place:
        """Line and column of the value at `path`, or of its key where it has none; else of the nearest parent's."""
        node, place = self.root, start_of(self.root)
        for step in path:
            key, child = self._child(node, step)
            if child is None:
                return place
            node, place = child, _value_place(node, key, child)
        return place

    def key_place(self, *path: Step) -> Place:
        """Line and column of the key at `path`; the value's where there is no such key."""
        key = self._child(self.node(*path[:-1]), path[-1])[0] if path else None
        return self.place(*path) if key is None else start_of(key)

    def inside(self, line: int, column: int, *path: Step) -> Place:
        """Where a place within the text at `path` stands in the file; the text's own place where that is hidden."""
        from gatekeeper.policy.within import place_within  # only for a mistake in an expression

        node = self.node(*path)
        found = place_within(self.text, node, line, column) if node is not None and node.id == "scalar" else None
        return found or self.place(*path)

    def node(self, *path: Step) -> Any:
        """The PyYAML node at `path`, or None."""
        node = self.root
        for step in path:
            node = self._child(node, step)[1]
        return node

    def raw(self, *path: Step) -> str | None:
        """The text of the unquoted scalar at `path`; None for everything else."""
        node = self.node(*path)
        return node.value if node is not None and node.id == "scalar" and not node.style else None

    def _child(self, node: Any, step: Step) -> tuple[Any, Any]:
        if node is None:
            return None, None
        if node.id == "mapping" and isinstance(step, str):
            return self._pairs_of(node).get(step, (None, None))
        if node.id == "sequence" and isinstance(step, int) and 0 <= step < len(node.value):
            return None, node.value[step]
        return None, None

    def _pairs_of(self, node: Any) -> dict[str, tuple[Any, Any]]:
        """Key and value node by key, kept, because a wrong file may ask for thousands of places in one mapping."""
        pairs = self._pairs.get(id(node))
        if pairs is None:
            pairs = self._pairs[id(node)] = {pair[0].value: pair for pair in node.value if pair[0].id == "scalar"}
        return pairs


def start_of(node: Any) -> Place:
    """Line and column of a node's first character, both from 1."""
    return node.start_mark.line + 1, node.start_mark.column + 1


def _value_place(parent: Any, key: Any, value: Any) -> Place:
    """Of an alias the node is that of its anchor, which stands before: there the key, or the list, is the place."""
    near = key if key is not None else parent
    absent = value.id == "scalar" and not value.style and not value.value
    return start_of(near if absent or value.start_mark.index < near.start_mark.index else value)
