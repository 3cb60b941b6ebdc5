"""When two pieces of an expression say the same: each piece gets a number, equal for equal meaning.

Positions, the order of `&&`, `||`, `==` and `!=`, and the side on which a comparison is written do not count; `dyn(x)`
and `!!x` are x.
"""

from __future__ import annotations

from typing import Any

from gatekeeper.judge.cel.tree import Call, Const, Entries, Fold, Ident, Items, Node, Select

JUNCTIONS = ("_&&_", "_||_")
_EITHER_WAY = ("_==_", "_!=_")
_MIRRORED = {"_>_": "_<_", "_>=_": "_<=_"}


class Shapes:
    """The numbers given so far. Nodes are shared between expressions, so each is looked at once."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}
        self._seen: dict[int, tuple[Node, int]] = {}

    def of(self, node: Node) -> int:
        """The number of a node."""
        found = self._seen.get(id(node))
        if found is None:
            found = self._seen[id(node)] = (node, self._made(node))
        return found[1]

    def field(self, operand: int, field: str) -> int:
        """The number of `operand.field`, where the operand's number is known."""
        return self._number(("select", operand, field, False))

    def at(self, operand: int, key: int) -> int:
        """The number of `operand[key]`."""
        return self._number(("call", "_[_]", None, (operand, key)))

    def presence(self, node: Node) -> int | None:
        """The number of the path whose presence a node asks: `has(p)`, `a.?b`, `a[?k]`, `'b' in a`; else None."""
        if isinstance(node, Select):
            return self.field(self.of(node.operand), node.field) if node.test else None
        if not isinstance(node, Call) or len(node.args) != 2:
            return None
        if node.function in ("_?._", "_[?_]"):
            return self._member(self.opened(node.args[0]), node.args[1])
        if node.function == "@in":
            return self._member(self.of(node.args[1]), node.args[0])
        return None

    def opened(self, node: Node) -> int:
        """The number of what an optional selection looks into: of `a.?b` that of `a.b`."""
        asked = self.presence(node) if isinstance(node, Call) and node.function != "@in" else None
        if asked is None and isinstance(node, Select) and not node.test:
            return self.field(self.opened(node.operand), node.field)
        return self.of(node) if asked is None else asked

    def _member(self, base: int, key: Node) -> int:
        if isinstance(key, Const) and isinstance(key.value, str):
            return self.field(base, key.value)
        return self.at(base, self.of(key))

    def _number(self, key: Any) -> int:
        return self._numbers.setdefault(key, len(self._numbers))

    def _made(self, node: Node) -> int:
        if isinstance(node, Const):
            value = float(node.value) if node.kind in ("int", "uint", "double") else node.value  # type: ignore[arg-type]
            return self._number(("const", node.kind in ("int", "uint", "double") or node.kind, value))
        if isinstance(node, Ident):
            return self._number(("ident", node.name))
        if isinstance(node, Select):
            return self._number(("select", self.of(node.operand), node.field, node.test))
        return self._call(node) if isinstance(node, Call) else self._number(self._container(node))

    def _call(self, node: Call) -> int:
        function, target = node.function, None if node.target is None else self.of(node.target)
        if function == "dyn" and len(node.args) == 1:
            return self.of(node.args[0])
        if function == "!_" and isinstance(inner := node.args[0], Call) and inner.function == "!_":
            return self.of(inner.args[0])
        args = tuple(self.of(arg) for arg in node.args)
        if function in JUNCTIONS:
            args = tuple(sorted({self.of(part) for part in flat(node, function)}))
        elif function in _EITHER_WAY:
            args = tuple(sorted(args))
        elif function in _MIRRORED:
            function, args = _MIRRORED[function], args[::-1]
        return args[0] if function in JUNCTIONS and len(args) == 1 else self._number(("call", function, target, args))

    def _container(self, node: Node) -> Any:
        if isinstance(node, Items):
            return "items", tuple(self.of(item) for item in node.items)
        if isinstance(node, Entries):
            return "entries", node.message, tuple(map(self.of, node.keys)), tuple(map(self.of, node.values))
        assert isinstance(node, Fold)
        parts = (node.range, node.init, node.condition, node.step, node.result)
        return "fold", node.variables, node.accumulator, tuple(self.of(part) for part in parts)


def flat(node: Node, function: str) -> list[Node]:
    """The parts of a chain of one junction, from left to right."""
    found, waiting = [], [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Call) and part.function == function:
            waiting += reversed(part.args)
        else:
            found.append(part)
    return found
