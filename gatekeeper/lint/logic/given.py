"""What holds wherever a rule applies at all: the equalities of its `when`."""

from __future__ import annotations

from gatekeeper.judge.cel.tree import Call, Node
from gatekeeper.lint.logic.evaluation import Evaluation
from gatekeeper.lint.logic.shape import flat
from gatekeeper.lint.logic.value import Known, Value


def given(when: Node, evaluation: Evaluation) -> dict[int, Value]:
    """By shape: the value that a path has, and the truth of each condition, where `when` holds."""
    held: dict[int, Value] = {}
    for conjunct in flat(when, "_&&_"):
        part, value = conjunct, True
        while isinstance(part, Call) and part.function == "!_":
            part, value = part.args[0], not value
        held[evaluation.shapes.of(part)] = Known(value)
        if isinstance(part, Call) and part.function == "_==_" and value:
            held.update(_equality(part, evaluation))
    return held


def _equality(node: Call, evaluation: Evaluation) -> dict[int, Value]:
    for one, other in (node.args, node.args[::-1]):
        value = evaluation.of(other)
        if isinstance(value, Known) and not isinstance(evaluation.of(one), Known):
            return {evaluation.shapes.of(one): value}
    return {}
