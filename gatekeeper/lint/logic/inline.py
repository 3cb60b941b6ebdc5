"""One tree out of an expression and all that it reads through variables and `cel.bind`.

The trees of one policy share one scale of positions: each text begins where the one before ended.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from gatekeeper.judge.cel.tree import MAYBE, Call, Const, Entries, Fold, Ident, Items, Node, Select

DEEPEST = 80
"""Levels of a tree beyond which a variable stays closed: what it holds is then anything at all."""

UNROLLED = 16
"""Elements of a list written out that a macro over it is unrolled for."""

Scope = Mapping[str, Node]


class Inliner:
    """Opens the variables it was told, and gives each macro's variable a name of its own."""

    def __init__(self) -> None:
        self.variables: dict[str, Node] = {}
        self._depths: dict[int, int] = {}
        self._loops = 0

    def tree(self, node: Node, base: int) -> Node:
        """The opened tree of a text that begins at `base`."""
        return self._node(node, base, {})

    def depth(self, node: Node) -> int:
        """Levels of an opened tree."""
        if id(node) not in self._depths:
            self._depths[id(node)] = 1 + max((self.depth(child) for child in children(node)), default=0)
        return self._depths[id(node)]

    def _node(self, node: Node, base: int, scope: Scope) -> Node:
        if isinstance(node, Const):
            return replace(node, at=node.at + base)
        if isinstance(node, Ident):
            return scope.get(node.name) or replace(node, at=node.at + base)
        if isinstance(node, Select):
            return self._variable(node, base, scope) or self._select(node, base, scope)
        if isinstance(node, Call):
            return self._call(node, base, scope)
        if isinstance(node, Items):
            return Items(tuple(self._node(item, base, scope) for item in node.items), node.at + base)
        if isinstance(node, Entries):
            keys, values = (tuple(self._node(n, base, scope) for n in part) for part in (node.keys, node.values))
            return Entries(node.message, keys, values, node.at + base)
        return self._fold(node, base, scope)

    def _select(self, node: Select, base: int, scope: Scope) -> Node:
        return Select(self._node(node.operand, base, scope), node.field, node.test, node.at + base)

    def _variable(self, node: Select, base: int, scope: Scope) -> Node | None:
        operand = node.operand
        if not isinstance(operand, Ident) or operand.name != "variables" or operand.name in scope or node.test:
            return None
        found = self.variables.get(node.field)
        if found is None or self.depth(found) > DEEPEST:
            return Ident(f"variables.{node.field}", node.at + base)
        return found

    def _call(self, node: Call, base: int, scope: Scope) -> Node:
        if node.function == "_[_]" and isinstance(node.args[1], Const) and isinstance(node.args[1].value, str):
            key = node.args[1]
            assert isinstance(key.value, str)
            return self._node(Select(node.args[0], key.value, False, key.at), base, scope)
        target = None if node.target is None else self._node(node.target, base, scope)
        return Call(node.function, target, tuple(self._node(arg, base, scope) for arg in node.args), node.at + base)

    def _fold(self, node: Fold, base: int, scope: Scope) -> Node:
        init = self._node(node.init, base, scope)
        if node.binds:
            return self._node(node.result, base, {**scope, node.accumulator: init})
        over = self._node(node.range, base, scope)
        if isinstance(over, Items) and (whole := self._unrolled(node, over, base, scope)) is not None:
            return whole
        self._loops += 1
        names = {name: f"{name}@{self._loops}" for name in node.variables}
        inner = {**scope, **{name: Ident(own, node.at + base) for name, own in names.items()}}
        inner[node.accumulator] = Ident("@result", node.at + base)
        condition, step, result = (self._node(part, base, inner) for part in (node.condition, node.step, node.result))
        return Fold(tuple(names.values()), over, "@result", init, condition, step, result, node.at + base)

    def _unrolled(self, node: Fold, over: Items, base: int, scope: Scope) -> Node | None:
        """`[a, b].all(x, p)` as p of a and p of b; so with `exists`. None for other macros, and for long lists."""
        found = predicate_of(node)
        if (
            found is None
            or not 0 < len(over.items) <= UNROLLED
            or len(node.variables) != 1
            or any(map(is_maybe, over.items))
        ):
            return None
        every = [self._node(found[1], base, {**scope, node.variables[0]: item}) for item in over.items]
        function = "_&&_" if found[0] else "_||_"
        whole = every[0]
        for one in every[1:]:
            whole = Call(function, None, (whole, one), node.at + base)
        return whole


def predicate_of(node: Node) -> tuple[bool, Node] | None:
    """For `all` (True) and `exists` (False): what the macro gives over nothing, and its predicate."""
    if not isinstance(node, Fold) or not isinstance(node.init, Const) or not isinstance(node.init.value, bool):
        return None
    wanted, step = "_&&_" if node.init.value else "_||_", node.step
    if isinstance(step, Call) and step.function == wanted and isinstance(step.args[0], Ident):
        return node.init.value, step.args[1]
    return None


def is_maybe(node: Node) -> bool:
    """Whether an element of a list or map is only there where an optional has a value: `[?x]`."""
    return isinstance(node, Call) and node.function == MAYBE


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below one, in the order of the text."""
    if isinstance(node, Select):
        return (node.operand,)
    if isinstance(node, Call):
        return node.args if node.target is None else (node.target, *node.args)
    if isinstance(node, Items):
        return node.items
    if isinstance(node, Entries):
        return (*node.keys, *node.values)
    if isinstance(node, Fold):
        return node.range, node.init, node.condition, node.step, node.result
    return ()


def everything(*roots: Node) -> list[Node]:
    """Every node below the roots, each once, however often it is reached."""
    found: dict[int, Node] = {}
    waiting = list(reversed(roots))
    while waiting:
        node = waiting.pop()
        if id(node) not in found:
            found[id(node)] = node
            waiting += reversed(children(node))
    return list(found.values())


def path_of(node: Node) -> tuple[str | int, ...] | None:
    """The static path that a node is, or None."""
    if isinstance(node, Ident):
        return (node.name,)
    if isinstance(node, Select) and not node.test:
        above = path_of(node.operand)
        return None if above is None else (*above, node.field)
    if isinstance(node, Call) and node.function == "_[_]" and isinstance(node.args[1], Const):
        above, key = path_of(node.args[0]), node.args[1].value
        return None if above is None or not isinstance(key, int) or isinstance(key, bool) else (*above, key)
    return None
