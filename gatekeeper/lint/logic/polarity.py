"""Which parts of a condition push it towards true, and which towards false."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.judge.cel.tree import Call, Const, Node
from gatekeeper.lint.logic.inline import predicate_of
from gatekeeper.lint.logic.shape import JUNCTIONS

Part = tuple[Node, bool]


def parts(node: Node, wanted: bool) -> Iterator[Part]:
    """The boolean parts of a condition, each with the value by which it helps the whole to be `wanted`."""
    predicate = predicate_of(node)
    if predicate is not None:
        yield predicate[1], wanted
    if not isinstance(node, Call):
        return
    if node.function in JUNCTIONS:
        yield from ((part, wanted) for part in node.args)
    elif node.function == "!_":
        yield node.args[0], not wanted
    elif node.function == "_?_:_":
        yield from _branches(node, wanted)
    elif node.function in ("_==_", "_!=_"):
        yield from _equated(node, wanted)


def _branches(node: Call, wanted: bool) -> Iterator[Part]:
    """`c ? true : x` and `c ? x : false` push as c does, `c ? false : x` and `c ? x : true` the other way."""
    condition, yes, no = node.args
    for branch, same in ((yes, True), (no, False)):
        if isinstance(branch, Const) and isinstance(branch.value, bool):
            yield condition, wanted if branch.value is same else not wanted
            break
    yield yes, wanted
    yield no, wanted


def _equated(node: Call, wanted: bool) -> Iterator[Part]:
    """`c == true` is c, `c == false` and `c != true` are not c."""
    for one, other in (node.args, node.args[::-1]):
        if isinstance(other, Const) and isinstance(other.value, bool):
            yield one, wanted if other.value is (node.function == "_==_") else not wanted
            return


def pushing(root: Node, wanted: bool) -> Iterator[Part]:
    """Every boolean part below a root, itself included, each way once."""
    seen: set[tuple[int, bool]] = set()
    waiting: list[Part] = [(root, wanted)]
    while waiting:
        node, way = waiting.pop()
        if (id(node), way) not in seen:
            seen.add((id(node), way))
            yield node, way
            waiting += reversed(list(parts(node, way)))
