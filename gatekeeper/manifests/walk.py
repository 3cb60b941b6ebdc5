"""Walking the values of a manifest as its readers see them: through aliases and merge keys (<<).

A mapping that overrides what it merges leaves that value without effect there; it is walked too, and known as such.
Aliases that multiply or turn in circles are refused before (yamlnodes.meaning), which bounds every walk.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gatekeeper.manifests.scalars import Path, Place
from gatekeeper.manifests.yamlnodes import Source, is_empty

_MERGE = "<<"


class Spot(NamedTuple):
    """A value, the number of its document, and the keys and indexes to it; `live` is false where it is overridden."""

    source: Source
    node: Node
    document: int
    path: Path = ()
    live: bool = True

    @property
    def place(self) -> Place:
        """The same, as changes of scalars take it."""
        return Place(self.document, self.path, self.node)

    def get(self, name: str) -> Iterator[Spot]:
        """The member called `name`, then those of the same name that are merged in; the first has effect."""
        live = self.live
        for spot in self._own(name):
            yield spot
            live = False
        for merged in self._merged():
            for spot in merged.get(name):
                yield spot._replace(live=spot.live and live)
                live = False

    def at(self, path: Path) -> Spot:
        """What stands at a path of keys and indexes that is there."""
        node = self.node
        for step in path:
            inner = (
                {str(key.value): value for key, value in node.value} if isinstance(node, MappingNode) else node.value
            )
            node = inner[step]
        return self._replace(node=node, path=(*self.path, *path))

    def walk(self, *steps: str) -> Iterator[Spot]:
        """All values at a path of member names, in which `[]` stands for every item and `*` for every member."""
        if not steps:
            yield self
            return
        for spot in self._step(steps[0]):
            yield from spot.walk(*steps[1:])

    def effective(self, *steps: str) -> Iterator[Spot]:
        """The values at such a path that nothing overrides."""
        return (spot for spot in self.walk(*steps) if spot.live)

    def text(self, name: str) -> str:
        """The text of the scalar member that has effect; empty where there is none."""
        for spot in self.get(name):
            if isinstance(spot.node, ScalarNode) and not is_empty(spot.node):
                return str(spot.node.value)
            break
        return ""

    def texts(self) -> dict[str, str]:
        """The texts of all scalar members that have effect, by name; empty for null."""
        found: dict[str, str] = {}
        for spot in self._members():
            if isinstance(spot.node, ScalarNode):
                found.setdefault(str(spot.path[-1]), "" if is_empty(spot.node) else str(spot.node.value))
        return found

    def _step(self, step: str) -> Iterator[Spot]:
        if step == "[]":
            return self.items()
        return self._members() if step == "*" else self.get(step)

    def items(self) -> Iterator[Spot]:
        """The items of a list; none of anything else."""
        if isinstance(self.node, SequenceNode):
            for index, node in enumerate(self.node.value):
                yield self._replace(node=node, path=(*self.path, index))

    def _members(self) -> Iterator[Spot]:
        """In one pass: a mapping may have a hundred thousand members."""
        pairs = self.node.value if isinstance(self.node, MappingNode) else ()
        names = {str(key.value) for key, _ in pairs}
        for key, value in pairs:
            if key.value != _MERGE:
                yield self._replace(node=value, path=(*self.path, str(key.value)))
        for merged in self._merged():
            for spot in merged._members():
                yield spot._replace(live=spot.live and spot.path[-1] not in names)

    def _own(self, name: str) -> Iterator[Spot]:
        for key, value in self.node.value if isinstance(self.node, MappingNode) else ():
            if key.value == name:
                yield self._replace(node=value, path=(*self.path, str(key.value)))

    def _merged(self) -> Iterator[Spot]:
        for spot in self._own(_MERGE):
            yield from spot.items() if isinstance(spot.node, SequenceNode) else (spot,)


def documents(source: Source) -> Iterator[Spot]:
    """The root of every document that is a mapping."""
    for number, root in enumerate(source.documents):
        if isinstance(root, MappingNode):
            yield Spot(source, root, number)


def objects(source: Source) -> Iterator[Spot]:
    """Every Kubernetes object: the documents, and in their place the items of those that are lists."""
    for root in documents(source):
        yield from _objects(root)


def _objects(spot: Spot) -> Iterator[Spot]:
    if not spot.text("kind").endswith("List"):
        yield spot
        return
    for item in spot.walk("items", "[]"):
        yield from _objects(item)


def group_kind(spot: Spot) -> tuple[str, str]:
    """The API group, empty for the core, and the kind."""
    group, slash, _ = spot.text("apiVersion").rpartition("/")
    return (group if slash else "", spot.text("kind"))
