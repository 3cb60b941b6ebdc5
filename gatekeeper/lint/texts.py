"""The expressions that people wrote in a policy, each opened into one tree and with its place in the file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Any, get_args

from msgspec import Struct

from gatekeeper.errors import InvalidRequestError
from gatekeeper.judge.cel import Checked, Path
from gatekeeper.judge.cel.checking import parsed
from gatekeeper.judge.cel.fault import CelFault, position
from gatekeeper.judge.cel.tree import Fold, Node
from gatekeeper.judge.expressions import Compiler, Position
from gatekeeper.judge.prepared import Expression
from gatekeeper.lint.logic.inline import Inliner, everything, path_of
from gatekeeper.lint.logic.shape import Shapes
from gatekeeper.model.policy import Rule
from gatekeeper.policy.compile import compile_rule, shorthand_of
from gatekeeper.policy.condition import Condition
from gatekeeper.policy.documents import Document


class Text(Struct, frozen=True, kw_only=True, eq=False):
    """One expression. `role` is variable, require, when, message, limit, or only_while for a waiver of the rule.

    `document` is the file that it is written in, `rule` the rule that it stands in or waives.
    """

    role: str
    document: Document
    at: Position
    source: str
    base: int
    node: Node
    expression: Expression
    rule: Rule | None = None

    @property
    def checked(self) -> Checked:
        """The expression as it was checked."""
        return self.expression.checked


class Compiled(Struct, frozen=True, kw_only=True, eq=False):
    """A rule with what it compiles to: `node` is the opened tree of its pass condition."""

    rule: Rule
    at: Position
    shorthand: str | None
    condition: Condition
    expressions: tuple[Expression, ...]
    node: Node


class PolicyTexts:
    """All expressions of one policy, on one scale of positions."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.policy = document.policy
        self.shapes = Shapes()
        self.texts: list[Text] = []
        self.rules: list[Compiled] = []
        self.loops: dict[str, Path] = {}
        """By the name of a macro's variable, the static path of the list that it runs over."""
        self._compiler = Compiler(document, ())
        self._inliner = Inliner()
        self._bases: list[int] = []
        self._end = 0
        self._read()

    def place(self, at: int) -> tuple[Text, int, int]:
        """The text that holds a position on the common scale, and line and column of it in that text's file."""
        text = self.texts[bisect_right(self._bases, at) - 1]
        inside = position(text.source, min(max(at - text.base, 0), len(text.source)))
        return (text, *text.document.inside(*inside, *text.at))

    def add_waiver(self, document: Document) -> None:
        """Take in the condition of a waiver of one of the rules."""
        spec = document.waiver.spec
        rule = next((rule for rule in self.policy.spec.rules if rule.id == spec.rule), None)
        if isinstance(spec.only_while, str) and rule is not None:
            self._text("only_while", ("spec", "only_while"), spec.only_while, rule, document)

    def of(self, *roles: str) -> Iterator[Text]:
        """The texts of some roles."""
        return (text for text in self.texts if text.role in roles)

    def _read(self) -> None:
        for name, source in self.policy.spec.variables.items():
            expression = self._compiler.variable(name, source, ("spec", "variables", name))
            if expression is not None and (text := self._text("variable", ("spec", "variables", name), source)):
                self._inliner.variables[name] = text.node
        for index, rule in enumerate(self.policy.spec.rules):
            self._rule(rule, ("spec", "rules", index))

    def _rule(self, rule: Rule, at: Position) -> None:
        for key in ("require", "when", "message"):
            if isinstance(source := getattr(rule, key), str):
                self._text(key, (*at, key), source, rule)
        shorthand = shorthand_of(rule)
        if shorthand is not None:
            for place, source in limit_texts(getattr(rule, shorthand), (*at, shorthand)):
                self._text("limit", place, source, rule)
        self._compiled(rule, at, shorthand)

    def _compiled(self, rule: Rule, at: Position, shorthand: str | None) -> None:
        try:
            condition = compile_rule(rule, self.policy.spec)
        except InvalidRequestError:
            return  # an error of the file, told as one
        sources = [condition.pass_if, *([] if condition.fail_if is None else [condition.fail_if])]
        expressions = tuple(
            found for source in sources if (found := self._compiler.expression(source, (*at, shorthand or "require")))
        )
        node = self._node(condition.pass_if, self._end)
        if node is not None and len(expressions) == len(sources):
            self.rules.append(
                Compiled(rule=rule, at=at, shorthand=shorthand, condition=condition, expressions=expressions, node=node)
            )

    def _text(
        self, role: str, at: Position, source: str, rule: Rule | None = None, document: Document | None = None
    ) -> Text | None:
        expression = self._compiler.expression(source, at)
        base = self._end
        node = None if expression is None else self._node(source, base)
        if node is None or expression is None:
            return None
        self._end += len(source) + 1
        text = Text(
            role=role,
            document=document or self.document,
            at=at,
            source=source,
            base=base,
            node=node,
            expression=expression,
            rule=rule,
        )
        self.texts.append(text)
        self._bases.append(base)
        self._note_loops(node)
        return text

    def _note_loops(self, node: Node) -> None:
        for fold in everything(node):
            if isinstance(fold, Fold) and (over := path_of(fold.range)) is not None:
                self.loops.update(dict.fromkeys(fold.variables, over))

    def _node(self, source: str, base: int) -> Node | None:
        try:
            return self._inliner.tree(parsed(source, self._compiler.names)[0], base)
        except CelFault:
            return None


def limit_texts(body: Any, at: Position) -> Iterator[tuple[Position, str]]:
    """The limits of a shorthand that are CEL, with their places."""
    for name, hint in type(body).__annotations__.items():
        value, key = getattr(body, name), name.rstrip("_")
        if isinstance(value, Struct):
            yield from limit_texts(value, (*at, key))
        elif isinstance(value, str) and float in get_args(hint):
            yield (*at, key), value
