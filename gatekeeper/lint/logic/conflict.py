"""Conditions that cannot hold together: `x > 5 && x < 3`, `c && !c`, `e == 'a' && e == 'b'`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from typing import Protocol

from gatekeeper.judge.cel.tree import Call, Node
from gatekeeper.lint.logic.shape import Shapes
from gatekeeper.lint.logic.value import Known, Value, number

_OPPOSITE = {"_<_": "_>=_", "_>=_": "_<_", "_>_": "_<=_", "_<=_": "_>_", "_==_": "_!=_", "_!=_": "_==_"}
_MIRRORED = {"_<_": "_>_", "_>_": "_<_", "_<=_": "_>=_", "_>=_": "_<=_", "_==_": "_==_", "_!=_": "_!=_"}

Atom = tuple[int, str, object]


class Evaluating(Protocol):
    """What gives the values of nodes."""

    shapes: Shapes

    def of(self, node: Node) -> Value:
        """What the node gives."""


def conflicting(parts: Sequence[Node], evaluation: Evaluating, *, negated: bool) -> bool:
    """Whether not all parts can be true at once; or, `negated`, not all false."""
    held = _Held()
    return any(held.refuses(atom) for part in parts for atom in _atoms(part, evaluation, negated))


class _Held:
    """What has been claimed of each shape so far."""

    def __init__(self) -> None:
        self.truths: dict[int, bool] = {}
        self.equal: dict[int, object] = {}
        self.unequal: dict[int, set[object]] = {}
        self.low: dict[int, tuple[float, bool]] = {}
        self.high: dict[int, tuple[float, bool]] = {}

    def refuses(self, atom: Atom) -> bool:
        """Note one more claim; True where it cannot hold beside the others."""
        shape, relation, value = atom
        if relation == "is":
            return self.truths.setdefault(shape, bool(value)) is not value
        if relation == "_==_":
            other = self.equal.setdefault(shape, value)
            return other != value or value in self.unequal.get(shape, ()) or self._outside(shape)
        if relation == "_!=_":
            self.unequal.setdefault(shape, set()).add(value)
            return shape in self.equal and self.equal[shape] == value
        return self._bound(shape, relation, value)

    def _bound(self, shape: int, relation: str, value: object) -> bool:
        assert isinstance(value, float)
        strict = relation in ("_<_", "_>_")
        if relation in ("_<_", "_<=_"):
            have = self.high.get(shape, (inf, False))
            self.high[shape] = min(have, (value, strict), key=lambda bound: (bound[0], not bound[1]))
        else:
            have = self.low.get(shape, (-inf, False))
            self.low[shape] = max(have, (value, strict), key=lambda bound: (bound[0], bound[1]))
        (low, above), (high, below) = self.low.get(shape, (-inf, False)), self.high.get(shape, (inf, False))
        return low > high or (low == high and (above or below)) or self._outside(shape)

    def _outside(self, shape: int) -> bool:
        value = self.equal.get(shape)
        if not isinstance(value, float):
            return False
        (low, above), (high, below) = self.low.get(shape, (-inf, False)), self.high.get(shape, (inf, False))
        return value < low or value > high or (value == low and above) or (value == high and below)


def _atoms(node: Node, evaluation: Evaluating, negated: bool) -> Iterator[Atom]:
    """The claims that one condition makes."""
    while isinstance(node, Call) and node.function == "!_":
        node, negated = node.args[0], not negated
    yield evaluation.shapes.of(node), "is", not negated
    if not isinstance(node, Call) or node.function not in _OPPOSITE:
        return
    left, right = node.args
    relation = _OPPOSITE[node.function] if negated else node.function
    value = _constant(right, evaluation)
    if value is None:
        left, value, relation = right, _constant(left, evaluation), _MIRRORED[relation]
    if value is not None and (isinstance(value, float) or relation in ("_==_", "_!=_")):
        yield evaluation.shapes.of(_bare(left)), relation, value


def _constant(node: Node, evaluation: Evaluating) -> object:
    value = evaluation.of(node)
    if not isinstance(value, Known) or value.value is None:
        return None
    bounds = number(value)
    return value.value if bounds is None else bounds.low


def _bare(node: Node) -> Node:
    """`double(x)` is x, where it is compared with a number."""
    while isinstance(node, Call) and node.function in ("double", "dyn") and len(node.args) == 1:
        node = node.args[0]
    return node
