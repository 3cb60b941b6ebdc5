"""Expressions as trees that can be compared: variables put in place, and one text for one meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from gatekeeper.errors import InvalidRequestError
from gatekeeper.judge.cel.checking import parsed
from gatekeeper.judge.cel.tree import MAYBE, Call, Const, Entries, Fold, Ident, Items, Node, Select
from gatekeeper.policy.celtext import is_identifier, number_text, string_text

INFIX = {
    "_&&_": "&&",
    "_||_": "||",
    "_==_": "==",
    "_!=_": "!=",
    "_<_": "<",
    "_<=_": "<=",
    "_>_": ">",
    "_>=_": ">=",
    "@in": "in",
    "_+_": "+",
    "_-_": "-",
    "_*_": "*",
    "_/_": "/",
    "_%_": "%",
}
_LOOPS = {"_&&_": "all", "_||_": "exists"}


MOST_NODES, DEEPEST = 20_000, 200


class Unfolded(Struct, frozen=True):
    """What a variable stands for, and how large and deep that is with all its own variables in place."""

    tree: Node
    nodes: int
    depth: int


def unfolded(source: str, names: Mapping[str, str], variables: Mapping[str, Unfolded]) -> Unfolded:
    """The tree of a checked expression, each variable that it reads replaced by what it stands for.

    Raises InvalidRequestError where variables that read each other unfold to too much: doubling thirty times is easily
    written.
    """
    tree, _ = parsed(source, names)
    nodes, depth = _measured(tree, variables)
    if nodes > MOST_NODES or depth > DEEPEST:
        raise InvalidRequestError("with its variables in place, the expression is too large to be compared")
    return Unfolded(inlined(tree, {name: one.tree for name, one in variables.items()}), nodes, depth)


def _measured(node: Node, variables: Mapping[str, Unfolded]) -> tuple[int, int]:
    if (name := _variable(node)) in variables:
        return variables[str(name)].nodes, variables[str(name)].depth
    parts = [_measured(part, variables) for part in inside(node)]
    return 1 + sum(nodes for nodes, _ in parts), 1 + max((depth for _, depth in parts), default=0)


def _variable(node: Node) -> str | None:
    is_one = isinstance(node, Select) and isinstance(node.operand, Ident) and node.operand.name == "variables"
    return node.field if is_one and isinstance(node, Select) else None


def inlined(node: Node, variables: Mapping[str, Node]) -> Node:
    """The tree with `variables.x` replaced; those given have theirs replaced already."""
    if (name := _variable(node)) in variables:
        return variables[str(name)]
    if isinstance(node, Select):
        return replace(node, operand=inlined(node.operand, variables))
    if isinstance(node, Call):
        target = None if node.target is None else inlined(node.target, variables)
        return replace(node, target=target, args=_all_inlined(node.args, variables))
    if isinstance(node, Items):
        return replace(node, items=_all_inlined(node.items, variables))
    if isinstance(node, Entries):
        keys, values = _all_inlined(node.keys, variables), _all_inlined(node.values, variables)
        return replace(node, keys=keys, values=values)
    if isinstance(node, Fold):
        parts = ("range", "init", "condition", "step", "result")
        return replace(node, **{part: inlined(getattr(node, part), variables) for part in parts})
    return node


def _all_inlined(nodes: tuple[Node, ...], variables: Mapping[str, Node]) -> tuple[Node, ...]:
    return tuple(inlined(node, variables) for node in nodes)


def conjuncts(node: Node) -> tuple[Node, ...]:
    """The operands of `&&` at the top, in order; the node alone where it is no conjunction."""
    if isinstance(node, Call) and node.function == "_&&_":
        return tuple(part for side in node.args for part in conjuncts(side))
    return (node,)


def inside(node: Node) -> Iterator[Node]:
    """The node's own parts."""
    if isinstance(node, Select):
        yield node.operand
    elif isinstance(node, Call):
        yield from (() if node.target is None else (node.target,))
        yield from node.args
    elif isinstance(node, Items):
        yield from node.items
    elif isinstance(node, Entries):
        yield from (*node.keys, *node.values)
    elif isinstance(node, Fold):
        yield from (node.range, node.init, node.condition, node.step, node.result)


def parameter(node: Node) -> str | None:
    """The parameter that the node reads and is nothing but, or None."""
    if isinstance(node, Select) and not node.test and isinstance(node.operand, Ident) and node.operand.name == "params":
        return node.field
    if isinstance(node, Call) and node.function == "_[_]" and isinstance(node.args[0], Ident):
        key = node.args[1]
        if node.args[0].name == "params" and isinstance(key, Const) and isinstance(key.value, str):
            return key.value
    return None


def parameters(node: Node) -> frozenset[str]:
    """The names of all parameters that a tree reads."""
    own = parameter(node)
    return frozenset(() if own is None else (own,)).union(*map(parameters, inside(node)))


def roots(node: Node) -> frozenset[str]:
    """The CEL names that a tree reads: `evidence`, `params`, a macro's variable …"""
    own = frozenset((node.name,)) if isinstance(node, Ident) else frozenset()
    return own.union(*map(roots, inside(node)))


def bare(node: Node) -> Node:
    """The node without `double()` around it, which changes no number that is compared."""
    while isinstance(node, Call) and node.function == "double" and node.target is None and len(node.args) == 1:
        node = node.args[0]
    return node


def rendered(node: Node) -> str:
    """The tree as CEL text; equal texts mean the same. A macro other than `all` and `exists` keeps its inner form."""
    if isinstance(node, Const):
        return _constant(node)
    if isinstance(node, Ident):
        return node.name
    if isinstance(node, Select):
        return _selection(node)
    if isinstance(node, Call):
        return _call(node)
    if isinstance(node, Items):
        return f"[{', '.join(map(rendered, node.items))}]"
    if isinstance(node, Entries):
        pairs = zip(map(rendered, node.keys), map(rendered, node.values), strict=False)
        return f"{node.message}{{{', '.join(f'{key}: {value}' for key, value in pairs)}}}"
    return _loop(node)


def _constant(node: Const) -> str:
    if isinstance(node.value, bool) or node.value is None:
        return {True: "true", False: "false", None: "null"}[node.value]
    if isinstance(node.value, str):
        return string_text(node.value)
    if isinstance(node.value, float):
        return number_text(node.value)
    return f"{node.value!r}u" if node.kind == "uint" else repr(node.value)


def _selection(node: Select) -> str:
    step = f".{node.field}" if is_identifier(node.field) else f"[{string_text(node.field)}]"
    text = f"{_tight(node.operand)}{step}"
    return f"has({text})" if node.test else text


def _call(node: Call) -> str:
    arguments = [rendered(argument) for argument in node.args]
    if node.function in INFIX:
        return f" {INFIX[node.function]} ".join(_operand(node, index) for index in range(len(node.args)))
    if node.function == "_[_]":
        return f"{_tight(node.args[0])}{_key(node.args[1])}"
    if node.function in ("!_", "-_", MAYBE):
        return f"{node.function[0]}{_tight(node.args[0])}"
    if node.function == "_?_:_":
        return f"{_tight(node.args[0])} ? {_tight(node.args[1])} : {_tight(node.args[2])}"
    head = "" if node.target is None else f"{_tight(node.target)}."
    return f"{head}{node.function}({', '.join(arguments)})"


def _key(node: Node) -> str:
    """A constant key that is an identifier, as the field that it also is."""
    if isinstance(node, Const) and isinstance(node.value, str) and is_identifier(node.value):
        return f".{node.value}"
    return f"[{rendered(node)}]"


def _operand(node: Call, index: int) -> str:
    """`a && b && c` needs no parentheses; else what is infix gets them, so that equal text is equal meaning."""
    part = node.args[index]
    is_same = isinstance(part, Call) and part.function == node.function and node.function in ("_&&_", "_||_")
    return rendered(part) if is_same or _is_comparison_in_logic(node, part) else _tight(part)


def _is_comparison_in_logic(node: Call, part: Node) -> bool:
    logic = ("_&&_", "_||_")
    return node.function in logic and isinstance(part, Call) and part.function in INFIX and part.function not in logic


def _tight(node: Node) -> str:
    text = rendered(node)
    loose = isinstance(node, Call) and (node.function in INFIX or node.function == "_?_:_")
    return f"({text})" if loose else text


def _loop(node: Fold) -> str:
    step = node.step
    if isinstance(step, Call) and step.function in _LOOPS and len(node.variables) == 1:
        return f"{_tight(node.range)}.{_LOOPS[step.function]}({node.variables[0]}, {rendered(step.args[1])})"
    parts = ", ".join(map(rendered, (node.init, node.condition, node.step, node.result)))
    return f"{_tight(node.range)}.fold({', '.join(node.variables)}, {node.accumulator}, {parts})"
