"""The parts of a condition that never change: each as large as it is."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.judge.cel.tree import Call, Const, Node
from gatekeeper.lint.logic.evaluation import Evaluation
from gatekeeper.lint.logic.inline import predicate_of
from gatekeeper.lint.logic.shape import JUNCTIONS
from gatekeeper.lint.logic.value import truth


def constants(root: Node, evaluation: Evaluation) -> Iterator[tuple[Node, bool]]:
    """The largest boolean parts that are constant, with their value; a literal counts only as the whole."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        known = truth(evaluation.of(node))
        if known is None:
            waiting += reversed(_below(node))
        elif node is root or not _is_literal(node):
            yield node, known


def _is_literal(node: Node) -> bool:
    return isinstance(node, Const) or (isinstance(node, Call) and node.function == "dyn" and _is_literal(node.args[0]))


def _below(node: Node) -> list[Node]:
    """The boolean parts of a condition."""
    predicate = predicate_of(node)
    if predicate is not None:
        return [predicate[1]]
    if not isinstance(node, Call):
        return []
    if node.function in (*JUNCTIONS, "!_", "_?_:_"):
        return list(node.args)
    if node.function in ("_==_", "_!=_"):
        return [arg for arg in node.args if isinstance(arg, Call)]
    return []
