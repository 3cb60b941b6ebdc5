"""What holds wherever a rule applies at all: the equalities and bounds of its `when`."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from gatekeeper.judge.cel.tree import Call, Node
from gatekeeper.lint.logic.evaluation import COMPARISONS, Evaluation
from gatekeeper.lint.logic.shape import flat
from gatekeeper.lint.logic.value import Known, Range, Value, number


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
        elif isinstance(part, Call) and part.function in COMPARISONS and value:
            for shape, span in _bounds(part, evaluation):
                held[shape] = _within(held.get(shape, Range()), span)
    return held


def _bounds(node: Call, evaluation: Evaluation) -> Iterator[tuple[int, Range]]:
    """A comparison with a number bounds the other side, the number itself included."""
    for place, (one, other) in enumerate((node.args, node.args[::-1])):
        value = evaluation.of(other)
        bound = number(value)
        if bound is not None and isinstance(value, Known) and not isinstance(evaluation.of(one), Known):
            is_floor = (node.function in ("_>_", "_>=_")) is (place == 0)
            yield evaluation.shapes.of(one), Range(bound.low, inf) if is_floor else Range(-inf, bound.low)


def _within(held: Value, span: Range) -> Value:
    if not isinstance(held, Range):
        return held
    low, high = max(held.low, span.low), min(held.high, span.high)
    return Range(low, high) if low <= high else held


def _equality(node: Call, evaluation: Evaluation) -> dict[int, Value]:
    for one, other in (node.args, node.args[::-1]):
        value = evaluation.of(other)
        if isinstance(value, Known) and not isinstance(evaluation.of(one), Known):
            return {evaluation.shapes.of(one): value}
    return {}
