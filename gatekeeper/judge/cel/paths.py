"""What an expression reads: its static paths, those under a guard, and its plain comparisons.

A static path is one of fields or constant keys, rooted in a CEL name. It is guarded right of `&&` after `has()` of the
same path, or in the true branch of `has() ? … : …`. The walk sees this tree only, so it is the same on every engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from gatekeeper.judge.cel.fault import fault_at, unaskable
from gatekeeper.judge.cel.find import Path
from gatekeeper.judge.cel.tree import Call, Const, Entries, Fold, Ident, Items, Node, Select

COMPARATORS = {"_>=_": ">=", "_<=_": "<=", "_>_": ">", "_<_": "<", "_==_": "==", "_!=_": "!="}
_MIRRORED = {">=": "<=", "<=": ">=", ">": "<", "<": ">", "==": "==", "!=": "!="}
_OBSERVED = frozenset({"evidence", "stats", "champion", "variables", "artifact"})
_PATTERNS = frozenset({"matches", "regex.extract", "regex.extractAll", "regex.replace"})
_EVIDENCE = ("evidence",)
RANGE_LIMIT = 10_000
"""Elements of a `lists.range` at most, the number of loop steps that one evaluation has."""


class Comparison(Struct, frozen=True, kw_only=True):
    """`observed comparator limit`, with the path that was measured on the left whatever the text's order."""

    observed: Path
    comparator: str
    limit: Path | float | int | str | bool


class Found(Struct, frozen=True):
    """A static path in the text, and where each of its parts stands."""

    path: Path
    ats: tuple[int, ...]


Scope = Mapping[str, Found | None]
Guards = frozenset[Path]
NO_GUARDS: Guards = frozenset()


class Walk:
    """One walk over one tree; raises CelFault for what no rule may do."""

    def __init__(self, source: str, roots: frozenset[str]) -> None:
        self.source = source
        self.roots = roots
        self.uses: dict[tuple[Path, Guards], Found] = {}
        self.asked: dict[Path, Found] = {}
        self.patterns: dict[str, int] = {}
        self.functions: dict[str, None] = {}
        self.built: dict[Path, None] = {}
        self.builds_computed = False
        self.everything = False

    def visit(self, node: Node, scope: Scope, guards: Guards) -> None:
        """Record all that `node` reads where `guards` hold."""
        found = self.static(node, scope)
        if found:
            self.uses.setdefault((found.path, guards), found)
            self.everything = self.everything or found.path == _EVIDENCE
        elif isinstance(node, Call):
            self.call(node, scope, guards)
        elif isinstance(node, Select):
            self.select(node, scope, guards)
        elif isinstance(node, Fold):
            self.fold(node, scope, guards)
        elif isinstance(node, Items):
            self.each(node.items, scope, guards)
        elif isinstance(node, Entries):
            self.entries(node, scope, guards)
        elif isinstance(node, Ident) and node.name == "variables" and node.name not in scope and self.roots:
            raise fault_at(self.source, node.at, "variables are read one by one, as variables.<name>", "name")

    def asking(self, node: Node, asked: Found | None, scope: Scope, guards: Guards) -> None:
        """Visit what is asked for a path. Evidence that is asked for by its name reads nothing of any other."""
        before = self.everything
        self.visit(node, scope, guards)
        if asked and asked.path[:-1] == _EVIDENCE:
            self.everything = before

    def each(self, nodes: Iterable[Node], scope: Scope, guards: Guards) -> None:
        for node in nodes:
            self.visit(node, scope, guards)

    def static(self, node: Node, scope: Scope) -> Found | None:
        """The static path that `node` wholly is, or None."""
        if isinstance(node, Ident):
            return self.root(node, scope)
        if isinstance(node, Select) and not node.test:
            return self.extended(node.operand, node.field, node.at, scope)
        if isinstance(node, Call) and node.function == "_[_]":
            operand, key = node.args
            if isinstance(key, Const) and self.static(operand, scope):
                return self.extended(operand, self.key(key), key.at, scope)
        return None

    def root(self, node: Ident, scope: Scope) -> Found | None:
        if node.name in scope:
            return scope[node.name]
        if node.name in self.roots and node.name != "variables":
            return Found((node.name,), (node.at,))
        return None

    def extended(self, operand: Node, step: str | int, at: int, scope: Scope) -> Found | None:
        """`operand` and one step more; `variables` alone is not a path, `variables.x` is."""
        if isinstance(operand, Ident) and operand.name == "variables" and operand.name not in scope:
            if "variables" not in self.roots or not isinstance(step, str):
                return None
            return Found(("variables", step), (operand.at, at))
        base = self.static(operand, scope)
        return Found((*base.path, step), (*base.ats, at)) if base else None

    def key(self, key: Const) -> str | int:
        value = key.value
        if key.kind in ("string", "int", "uint"):
            return value  # type: ignore[return-value]
        if isinstance(value, float) and value.is_integer():
            return int(value)
        raise fault_at(self.source, key.at, f"a key must be a string or a whole number, not {key.kind}", "type")

    def select(self, node: Select, scope: Scope, guards: Guards) -> None:
        """`has(p)` reads p's parent, and p is known though not needed; a field of no static path reads its operand."""
        if node.test and isinstance(node.operand, Ident) and node.operand.name == "variables":
            raise fault_at(self.source, node.at, *unaskable(node.field))
        asked = tested(node, self, scope) if node.test else self.optional(node, scope)
        if asked:
            self.asked.setdefault(asked.path, asked)
        self.asking(node.operand, asked, scope, guards)

    def optional(self, node: Node, scope: Scope) -> Found | None:
        """The path that an optional selection may find; it is known, and not needed."""
        if isinstance(node, Select):
            base = self.opened(node.operand, scope)
            return Found((*base.path, node.field), (*base.ats, node.at)) if base else None
        if isinstance(node, Call) and node.function in ("_?._", "_[?_]", "_[_]") and isinstance(node.args[1], Const):
            base, key = self.opened(node.args[0], scope), node.args[1]
            return Found((*base.path, self.key(key)), (*base.ats, max(node.at, key.at))) if base else None
        return None

    def opened(self, node: Node, scope: Scope) -> Found | None:
        return self.static(node, scope) or self.optional(node, scope)

    def call(self, node: Call, scope: Scope, guards: Guards) -> None:
        self.functions.setdefault(node.function)
        if node.function == "_&&_":
            left, right = node.args
            self.visit(left, scope, guards)
            self.visit(right, scope, guards | self.proved(left, scope))
        elif node.function == "_?_:_":
            condition, yes, no = node.args
            self.visit(condition, scope, guards)
            self.visit(yes, scope, guards | self.proved(condition, scope))
            self.visit(no, scope, guards)
        else:
            self.plain(node, scope, guards)

    def plain(self, node: Call, scope: Scope, guards: Guards) -> None:
        asked = self.optional(node, scope)
        if asked:
            self.asked.setdefault(asked.path, asked)
        self.bounded(node)
        if node.target is not None:
            self.visit(node.target, scope, guards)
        if asked:
            self.asking(node.args[0], asked, scope, guards)
        self.each(node.args[1:] if asked else node.args, scope, guards)

    def bounded(self, node: Call) -> None:
        """Note constant patterns; refuse what can only fail, and a list whose length nobody can tell before."""
        if node.function in _PATTERNS:
            pattern = node.args[0 if node.target is not None else 1] if node.args else None
            if isinstance(pattern, Const) and isinstance(pattern.value, str):
                self.patterns.setdefault(pattern.value, pattern.at)
        if node.function.startswith("cel.@mapInsert"):
            text = "transformMap() and transformMapEntry() do not run on cel-cpp as it is bound to Python"
            raise fault_at(self.source, node.at, text, "name", "Use transformList().")
        if node.function == "lists.range":
            size = node.args[-1]
            if not (isinstance(size, Const) and isinstance(size.value, int) and size.value <= RANGE_LIMIT):
                text = f"lists.range takes a number written out, {RANGE_LIMIT} at most"
                raise fault_at(self.source, node.at, text, "type")

    def entries(self, node: Entries, scope: Scope, guards: Guards) -> None:
        self.each(node.keys, scope, guards)
        self.each(node.values, scope, guards)

    def fold(self, node: Fold, scope: Scope, guards: Guards) -> None:
        """A macro: its variables hide nothing of ours, and what they hold is no static path, save for `cel.bind`."""
        self.unshadowed(node)
        self.visit(node.range, scope, guards)
        self.visit(node.init, scope, guards)
        if node.binds:
            self.functions.setdefault("cel.bind")
            self.visit(node.result, {**scope, node.accumulator: self.static(node.init, scope)}, guards)
            return
        if len(node.variables) > 1:
            self.functions.setdefault("two-variable macro")
        self.building(node, scope)
        inner = {**scope, **dict.fromkeys((*node.variables, node.accumulator))}
        self.each((node.condition, node.step, node.result), inner, guards)

    def unshadowed(self, node: Fold) -> None:
        for name in (*node.variables, node.accumulator):
            if name in self.roots or name == "variables":
                text = f"the macro's variable {name} hides the name {name}"
                at = max(self.source.find(name, node.at), node.at)
                raise fault_at(self.source, at, text, "name", "Give the macro's variable another name.")

    def building(self, node: Fold, scope: Scope) -> None:
        """Note what a list-making macro runs over: its cost grows with the square of what it keeps."""
        over = node.range
        if not node.builds or isinstance(over, Items) or (isinstance(over, Fold) and over.builds):
            return
        found = self.static(over, scope)
        if found:
            self.built.setdefault(found.path)
        else:
            self.builds_computed = True

    def proved(self, node: Node, scope: Scope) -> Guards:
        """The paths that are there wherever `node` is true."""
        if isinstance(node, Call) and node.function == "_&&_":
            return self.proved(node.args[0], scope) | self.proved(node.args[1], scope)
        asked = tested(node, self, scope)
        return frozenset((asked.path,)) if asked else NO_GUARDS


def tested(node: Node, walk: Walk, scope: Scope) -> Found | None:
    """The static path p of `has(p)`, or None."""
    if isinstance(node, Select) and node.test:
        return walk.extended(node.operand, node.field, node.at, scope)
    return None


def comparisons(node: Node, walk: Walk) -> tuple[Comparison, ...]:
    """The conjuncts at the top that compare a static path with a literal or with another."""
    if isinstance(node, Call) and node.function == "_&&_":
        return comparisons(node.args[0], walk) + comparisons(node.args[1], walk)
    if isinstance(node, Call) and node.function in COMPARATORS:
        left, right = (_side(side, walk) for side in node.args)
        comparator = COMPARATORS[node.function]
        if _measured(left) < _measured(right):
            left, right, comparator = right, left, _MIRRORED[comparator]
        if isinstance(left, tuple) and right is not None:
            return (Comparison(observed=left, comparator=comparator, limit=right),)
    return ()


def _side(node: Node, walk: Walk) -> Path | float | int | str | bool | None:
    if isinstance(node, Const):
        return node.value if isinstance(node.value, bool | int | float | str) else None
    found = walk.static(node, {})
    return found.path if found else None


def _measured(side: object) -> int:
    """2 for what was measured, 1 for another path such as a parameter, 0 for a literal."""
    return 0 if not isinstance(side, tuple) else 2 if side[0] in _OBSERVED else 1
