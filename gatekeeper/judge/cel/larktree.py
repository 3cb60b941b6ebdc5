"""The syntax tree from cel-python's parser, for platforms where cel-cpp has no wheel.

Names are checked here; types only between literals, since cel-python has no type checker.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from celpy.celparser import CELParseError
from lark import Token, Tree

from gatekeeper.judge.cel.complaints import DEPTH_TEXT, undeclared
from gatekeeper.judge.cel.fault import CelFault, fault_at, position
from gatekeeper.judge.cel.grammar import parse as parse_text
from gatekeeper.judge.cel.literals import literal
from gatekeeper.judge.cel.tree import Call, Const, Entries, Fold, Ident, Items, Node, Select
from gatekeeper.judge.cel.vocabulary import BOTH, TYPES

_BINARY = {
    "relation_lt": "_<_", "relation_le": "_<=_", "relation_gt": "_>_", "relation_ge": "_>=_", "relation_eq": "_==_",
    "relation_ne": "_!=_", "relation_in": "@in", "addition_add": "_+_", "addition_sub": "_-_",
    "multiplication_mul": "_*_", "multiplication_div": "_/_", "multiplication_mod": "_%_",
}  # fmt: skip
DEPTH_LIMIT = 400
"""Nodes of the parse tree above one another, about as deep as cel-cpp's 32 levels."""
_JUNCTIONS = {"conditionaland": "_&&_", "conditionalor": "_||_"}
_MACROS = {"all": (2,), "exists": (2,), "exists_one": (2,), "filter": (2,), "map": (2, 3)}
_COMPARING = frozenset(("_<_", "_<=_", "_>_", "_>=_", "_==_", "_!=_"))


def parse(source: str, names: Mapping[str, str]) -> tuple[Node, str]:
    """The tree, and the result type as far as a literal tells it. Raises CelFault."""
    try:
        parse_tree = parse_text(source)
        if _too_deep(parse_tree):
            raise RecursionError
        tree = _Converter(source, names).node(parse_tree, frozenset())
    except CELParseError as error:
        raise CelFault(*_complaint(error, source)) from None
    except RecursionError:
        raise CelFault(DEPTH_TEXT, remedy="Split it with a variable.") from None
    return tree, _type(tree)


def _too_deep(tree: Any) -> bool:
    """Whether evaluation would need more recursion than there is; chains of `&&` and `||` do not count."""
    waiting = [(tree, 0)]
    while waiting:
        node, depth = waiting.pop()
        if depth > DEPTH_LIMIT:
            return True
        below = depth + (node.data not in _JUNCTIONS)
        waiting += [(child, below) for child in node.children if isinstance(child, Tree)]
    return False


def _complaint(error: CELParseError, source: str) -> tuple[str, int, int]:
    line, column = error.line or 0, error.column or 0
    token = getattr(error.__context__, "token", None)
    if line < 1 or column < 1 or getattr(token, "type", "") == "$END":
        return "the expression ends too early", *position(source, len(source))
    return f"unexpected {source.split(chr(10))[line - 1][column - 1 : column]!r}", line, column


def _type(tree: Node) -> str:
    if isinstance(tree, Const):
        return tree.kind
    return "list" if isinstance(tree, Items) else "map" if isinstance(tree, Entries) else "dyn"


class _Converter:
    """One parse tree, from cel-python's grammar to our nodes; `scope` holds the macros' variables."""

    def __init__(self, source: str, names: Mapping[str, str]) -> None:
        self.source = source
        self.names = names
        self.roots = frozenset(name.partition(".")[0] for name in names)
        self.kinds: dict[str, Callable[[Any, frozenset[str]], Node]] = {
            "expr": self.ternary, "unary": self.unary, "member_dot": self.select, "member_dot_arg": self.method,
            "member_index": self.index, "member_object": self.message, "literal": self.literal, "ident": self.ident,
            "dot_ident": self.ident, "ident_arg": self.function, "dot_ident_arg": self.function,
            "list_lit": self.items, "map_lit": self.entries,
        }  # fmt: skip

    def node(self, tree: Any, scope: frozenset[str]) -> Node:
        """The node of a parse tree, steps of the grammar left out."""
        while len(tree.children) == 1 and tree.data not in _LEAVES:
            tree = tree.children[0]
        if tree.data in _JUNCTIONS:
            return self.junction(tree, scope)
        if tree.data in ("relation", "addition", "multiplication"):
            return self.binary(tree, scope)
        return self.kinds[tree.data](tree, scope)

    def junction(self, tree: Any, scope: frozenset[str]) -> Node:
        """A chain of `&&` or `||`, which may be long, as a tree that is not deep."""
        name, chain, at = tree.data, [], _start(tree)
        while tree.data == name and len(tree.children) == 2:
            chain.append(self.node(tree.children[1], scope))
            tree = tree.children[0]
        chain.append(self.node(tree, scope))
        return _balanced(_JUNCTIONS[name], chain[::-1], at)

    def binary(self, tree: Any, scope: frozenset[str]) -> Node:
        operation, right_tree = tree.children
        left, right = self.node(operation.children[0], scope), self.node(right_tree, scope)
        function = _BINARY[operation.data]
        if function in _COMPARING and isinstance(left, Const) and isinstance(right, Const) and left.kind != right.kind:
            text = f"{function.strip('_')} cannot take ({left.kind}, {right.kind})"
            raise fault_at(self.source, right.at, text, "type")
        return Call(function, None, (left, right), left.at)

    def ternary(self, tree: Any, scope: frozenset[str]) -> Node:
        parts = tuple(self.node(child, scope) for child in tree.children)
        return Call("_?_:_", None, parts, parts[0].at)

    def unary(self, tree: Any, scope: frozenset[str]) -> Node:
        sign, operand = tree.children
        inner = self.node(operand, scope)
        if sign.data == "unary_not":
            return Call("!_", None, (inner,), _start(tree))
        if isinstance(inner, Const) and inner.kind in ("int", "double"):
            return Const(inner.kind, -inner.value, _start(tree))  # type: ignore[operator]
        return Call("-_", None, (inner,), _start(tree))

    def ident(self, tree: Any, scope: frozenset[str]) -> Node:
        token = tree.children[0]
        name = str(token)
        if not (name in scope or name in self.roots or name in TYPES):
            raise self.unknown(name, token)
        return Ident(name, token.start_pos)

    def unknown(self, name: str, token: Token) -> CelFault:
        line, column = position(self.source, token.start_pos or 0)
        return undeclared(name, self.source, line, column, self.names)

    def select(self, tree: Any, scope: frozenset[str]) -> Node:
        operand = self.node(tree.children[0], scope)
        field = tree.children[1]
        if isinstance(operand, Ident) and operand.name == "variables" and f"variables.{field}" not in self.names:
            raise self.unknown(f"variables.{field}", field)
        return Select(operand, str(field), False, field.start_pos)

    def index(self, tree: Any, scope: frozenset[str]) -> Node:
        operand, key = (self.node(child, scope) for child in tree.children)
        return Call("_[_]", None, (operand, key), key.at)

    def method(self, tree: Any, scope: frozenset[str]) -> Node:
        name = tree.children[1]
        arguments = tree.children[2].children if len(tree.children) == 3 else []
        if len(arguments) in _MACROS.get(str(name), ()):
            return self.macro(tree, str(name), arguments, scope)
        self.available(name)
        target = self.node(tree.children[0], scope)
        return Call(str(name), target, tuple(self.node(each, scope) for each in arguments), name.start_pos)

    def function(self, tree: Any, scope: frozenset[str]) -> Node:
        name = tree.children[0]
        arguments = tree.children[1].children if len(tree.children) == 2 else []
        args = tuple(self.node(each, scope) for each in arguments)
        if str(name) != "has":
            self.available(name)
            return Call(str(name), None, args, name.start_pos)
        if len(args) != 1 or not isinstance(args[0], Select):
            raise fault_at(self.source, name.start_pos, "has() takes a field, as in has(evidence.x.y)", "syntax")
        return Select(args[0].operand, args[0].field, True, args[0].at)

    def available(self, name: Token) -> None:
        if str(name) not in BOTH:
            text = f"there is no function {name} in cel-python, the only engine on this platform"
            raise fault_at(self.source, name.start_pos or 0, text, "name")

    def macro(self, tree: Any, name: str, arguments: list[Any], scope: frozenset[str]) -> Node:
        """A macro expanded as cel-cpp does, as far as reads and guards go."""
        over, variable = self.node(tree.children[0], scope), self.node(arguments[0], scope | _any_ident(arguments[0]))
        if not isinstance(variable, Ident):
            raise fault_at(self.source, variable.at, f"{name}() takes the name of its variable first", "syntax")
        inner = scope | {variable.name}
        bodies = tuple(self.node(body, inner) for body in arguments[1:])
        at = variable.at
        init, step, result = _folded(name, variable, bodies, at)
        return Fold((variable.name,), over, "@result", init, Const("bool", True, at), step, result, at)

    def items(self, tree: Any, scope: frozenset[str]) -> Node:
        children = tree.children[0].children if tree.children else []
        return Items(tuple(self.node(child, scope) for child in children), _start(tree))

    def entries(self, tree: Any, scope: frozenset[str]) -> Node:
        children = [self.node(child, scope) for child in tree.children[0].children] if tree.children else []
        return Entries("", tuple(children[0::2]), tuple(children[1::2]), _start(tree))

    def message(self, tree: Any, scope: frozenset[str]) -> Node:
        del scope
        raise fault_at(self.source, _start(tree), "messages cannot be made in a rule", "syntax")

    def literal(self, tree: Any, scope: frozenset[str]) -> Node:
        del scope
        return literal(tree.children[0], self.source)


def _folded(name: str, variable: Node, bodies: tuple[Node, ...], at: int) -> tuple[Node, Node, Node]:
    """What a macro's loop starts as, makes of each element, and gives in the end."""
    result = Ident("@result", at)
    if name in ("all", "exists"):
        step = Call("_&&_" if name == "all" else "_||_", None, (result, bodies[0]), at)
        return Const("bool", name == "all", at), step, result
    if name == "exists_one":
        one = Const("int", 1, at)
        more = Call("_?_:_", None, (bodies[0], Call("_+_", None, (result, one), at), result), at)
        return Const("int", 0, at), more, Call("_==_", None, (result, one), at)
    kept = variable if name == "filter" else bodies[-1]
    added: Node = Call("_+_", None, (result, Items((kept,), at)), at)
    if name == "filter" or len(bodies) == 2:
        added = Call("_?_:_", None, (bodies[0], added, result), at)
    return Items((), at), added, result


def _start(tree: Any) -> int:
    """Where a tree's text begins; a literal at its front does not tell."""
    return getattr(tree.meta, "start_pos", None) or 0


_LEAVES = frozenset(("literal", "ident", "dot_ident", "ident_arg", "dot_ident_arg", "list_lit", "map_lit"))


def _any_ident(tree: Any) -> frozenset[str]:
    """The name that a macro declares, so that reading it as a name finds it."""
    return frozenset(str(token) for token in tree.scan_values(lambda value: isinstance(value, Token)))


def _balanced(function: str, nodes: list[Node], at: int) -> Node:
    if len(nodes) == 1:
        return nodes[0]
    middle = (len(nodes) + 1) // 2
    parts = (_balanced(function, nodes[:middle], at), _balanced(function, nodes[middle:], at))
    return Call(function, None, parts, at)
