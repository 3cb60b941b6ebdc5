"""Whether raising a parameter can only make a condition harder, or only easier, to pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from gatekeeper.comparison.trees import bare, inside, parameter
from gatekeeper.judge.cel.tree import Call, Const, Node

UNKNOWN = 2
"""Raising the parameter may do either; 1, -1 and 0 say that it raises, lowers, or does not touch the value."""


def polarity(node: Node, name: str) -> int:
    """What raising `params.<name>` does to the value of `node`, where false is below true: 1, -1, 0 or UNKNOWN."""
    if parameter(node) == name:
        return 1
    if isinstance(node, Call) and node.function in _RULES and node.target is None:
        return _RULES[node.function](node, name)
    return UNKNOWN if any(polarity(part, name) for part in inside(node)) else 0


def combined(signs: Iterable[int]) -> int:
    """The sign of what depends on all of these: theirs where they agree, else UNKNOWN."""
    found = set(signs) - {0}
    return 0 if not found else found.pop() if len(found) == 1 else UNKNOWN


def opposite(sign: int) -> int:
    """The sign of the negated value."""
    return sign if sign == UNKNOWN else -sign


def _each(node: Call, name: str) -> int:
    return combined(polarity(part, name) for part in node.args)


def _negated(node: Call, name: str) -> int:
    return opposite(polarity(node.args[0], name))


def _rising(node: Call, name: str) -> int:
    """`a - b`, `a > b`: as `a`, and against `b`."""
    left, right = node.args
    return combined((polarity(left, name), opposite(polarity(right, name))))


def _falling(node: Call, name: str) -> int:
    return opposite(_rising(node, name))


def _product(node: Call, name: str) -> int:
    """Known where the other factor, or the divisor, is a number written out."""
    left, right = node.args
    if factor := _number(right):
        sign = polarity(left, name)
        return sign if factor > 0 else opposite(sign)
    if (factor := _number(left)) and node.function == "_*_":
        sign = polarity(right, name)
        return sign if factor > 0 else opposite(sign)
    return UNKNOWN if _each(node, name) else 0


def _number(node: Node) -> float:
    inner = bare(node)
    is_number = isinstance(inner, Const) and inner.kind in ("int", "uint", "double")
    return float(inner.value) if is_number and isinstance(inner, Const) else 0.0  # type: ignore[arg-type]


def _choice(node: Call, name: str) -> int:
    condition, yes, no = node.args
    return UNKNOWN if polarity(condition, name) else combined((polarity(yes, name), polarity(no, name)))


_RULES: dict[str, Callable[[Call, str], int]] = {
    **dict.fromkeys(("_&&_", "_||_", "_+_", "double", "duration", "int", "math.@max", "math.@min"), _each),
    **dict.fromkeys(("!_", "-_"), _negated),
    **dict.fromkeys(("_-_", "_>_", "_>=_"), _rising),
    **dict.fromkeys(("_<_", "_<=_"), _falling),
    **dict.fromkeys(("_*_", "_/_"), _product),
    "_?_:_": _choice,
}
