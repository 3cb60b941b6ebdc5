"""Which parts of a tree speak of which shapes at all, so that the rest need not be evaluated again."""

from __future__ import annotations

from collections.abc import Iterable

from gatekeeper.judge.cel.tree import Node
from gatekeeper.lint.logic.inline import children
from gatekeeper.lint.logic.shape import Shapes


class Marks:
    """One bit for each shape; a node has the bits of the shapes that it is, asks about, or holds."""

    def __init__(self, root: Node, shapes: Shapes, marked: Iterable[int]) -> None:
        self._bits = {shape: 1 << place for place, shape in enumerate(dict.fromkeys(marked))}
        self._of: dict[int, int] = {}
        for node in _upwards(root):
            own = self._bits.get(shapes.of(node), 0) | self._bits.get(_asked(node, shapes), 0)
            for child in children(node):
                own |= self._of[id(child)]
            self._of[id(node)] = own

    def bits(self, shapes: Iterable[int]) -> int:
        """The bits of some shapes together."""
        together = 0
        for shape in shapes:
            together |= self._bits[shape]
        return together

    def touches(self, node: Node, bits: int) -> bool:
        """Whether a node speaks of any of them."""
        return bool(self._of.get(id(node), bits) & bits)


def _asked(node: Node, shapes: Shapes) -> int:
    asked = shapes.presence(node)
    return -1 if asked is None else asked


def _upwards(root: Node) -> list[Node]:
    """Every node after all that are below it."""
    done: dict[int, Node] = {}
    waiting = [root]
    while waiting:
        node = waiting[-1]
        below = [child for child in children(node) if id(child) not in done] if id(node) not in done else []
        if below:
            waiting += below
        else:
            done[id(waiting.pop())] = node
    return list(done.values())
