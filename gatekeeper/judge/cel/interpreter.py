"""cel-python's interpreter with the macros of the language definition and a budget of loop steps.

The interpreter, not its compiler: that one writes Python source from the policy's text and runs it.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from celpy import celtypes
from celpy.evaluation import Activation, CELEvalError, Evaluator, NameContainer
from celpy.evaluation import logger as evaluation_logger
from lark import Token, Tree

from gatekeeper.judge.cel.failures import STEPS
from gatekeeper.judge.cel.literals import bytes_of, text_of
from gatekeeper.judge.cel.operators import no_overload

MACROS = {"all": (2,), "exists": (2,), "exists_one": (2,), "filter": (2,), "map": (2, 3)}
"""How many arguments each has."""
_KEYS = (celtypes.StringType, celtypes.IntType, celtypes.UintType, celtypes.BoolType)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)

for _logger in (evaluation_logger, Evaluator.logger, NameContainer.logger, celtypes.logger):
    _logger.disabled = True  # what went wrong is an answer here, and its text may quote evidence


class BudgetError(Exception):
    """More loop steps than one evaluation has; nothing may absorb it."""


class Budget:
    """Loop steps left."""

    def __init__(self) -> None:
        self.left = STEPS

    def spend(self) -> None:
        """One step. Raises BudgetError."""
        self.left -= 1
        if self.left < 0:
            raise BudgetError


class Interpreter(Evaluator):
    """One evaluation."""

    def __init__(self, ast: Tree[Token], activation: Activation, budget: Budget) -> None:
        super().__init__(ast, activation)
        self.budget = budget

    def sub_evaluator(self, ast: Tree[Token]) -> Interpreter:
        """An interpreter of a macro's body, on the same budget."""
        return Interpreter(ast, self.activation, self.budget)

    def function_eval(self, name_token: Token, exprlist: Any = None) -> Any:
        """A function. cel-python's timestamp() guesses at many forms; CEL knows one, RFC 3339 with an offset."""
        if str(name_token) == "timestamp" and isinstance(exprlist, list) and len(exprlist) == 1:
            return _moment(exprlist[0])
        return super().function_eval(name_token, exprlist)

    def literal(self, tree: Tree[Token]) -> Any:
        """A literal. cel-python's own strings know neither every escape nor a line's end."""
        token = str(tree.children[0])
        kind = getattr(tree.children[0], "type", "")
        try:
            if kind in ("STRING_LIT", "MLSTRING_LIT"):
                return celtypes.StringType(text_of(token))
            if kind == "BYTES_LIT":
                return celtypes.BytesType(bytes_of(token))
        except (ValueError, OverflowError):
            return CELEvalError("literal", ValueError, ())
        return super().literal(tree)

    def mapinits(self, tree: Tree[Token]) -> Any:
        """A map's entries: an error among them is the map's, and a key is a string, a whole number or a boolean."""
        made = super().mapinits(tree)
        if not isinstance(made, celtypes.MapType):
            return made
        for part in (*made, *made.values()):
            if isinstance(part, CELEvalError):
                return part
        return made if all(isinstance(key, _KEYS) for key in made) else no_overload()

    def macro_has_eval(self, exprlist: Tree[Token]) -> Any:
        """`has(e.f)`: whether the map e has f; an error where e is one, or is no map."""
        selection = _innermost(exprlist)
        if selection.data != "member_dot":
            return no_overload()
        member, name = selection.children
        found: Any = self.visit(member)  # type: ignore[arg-type]
        if isinstance(found, CELEvalError):
            return found
        return celtypes.BoolType(str(name) in found) if isinstance(found, celtypes.MapType) else no_overload()

    def member_dot_arg(self, tree: Tree[Token]) -> Any:
        """A macro, or a method."""
        name = str(tree.children[1])
        if name in ("reduce", "min"):  # cel-python's own macros, which are no CEL
            return no_overload()
        if name not in MACROS:
            return super().member_dot_arg(tree)
        member, args = _called(tree)
        elements: Any = self.visit(member)
        if isinstance(elements, CELEvalError):
            return elements
        variable = _identifier(args[0]) if len(args) in MACROS[name] else None
        if variable is None or not isinstance(elements, celtypes.ListType | celtypes.MapType):
            return no_overload()
        bodies = [self.sub_evaluator(body) for body in args[1:]]
        return getattr(self, f"macro_{name}")(list(elements), variable, *bodies)

    def step(self, body: Interpreter, variable: str, element: Any) -> Any:
        """The body's value for one element, an error as a value."""
        self.budget.spend()
        try:
            return body.evaluate({variable: element})
        except CELEvalError as error:
            return error

    def macro_all(self, elements: list[Any], variable: str, body: Interpreter) -> Any:
        return self.joined(elements, variable, body, decisive=False)

    def macro_exists(self, elements: list[Any], variable: str, body: Interpreter) -> Any:
        return self.joined(elements, variable, body, decisive=True)

    def joined(self, elements: list[Any], variable: str, body: Interpreter, decisive: bool) -> Any:
        """The elements' values joined by `||` or `&&`: an error counts only where no other value decides."""
        fault = None
        for element in elements:
            value = self.step(body, variable, element)
            if not isinstance(value, celtypes.BoolType):
                fault = fault or (value if isinstance(value, CELEvalError) else no_overload())
            elif bool(value) is decisive:
                return celtypes.BoolType(decisive)
        return fault or celtypes.BoolType(not decisive)

    def macro_exists_one(self, elements: list[Any], variable: str, body: Interpreter) -> Any:
        kept = self.macro_filter(elements, variable, body)
        return kept if isinstance(kept, CELEvalError) else celtypes.BoolType(len(kept) == 1)

    def macro_filter(self, elements: list[Any], variable: str, body: Interpreter) -> Any:
        kept = celtypes.ListType()
        for element in elements:
            value = self.step(body, variable, element)
            if not isinstance(value, celtypes.BoolType):
                return value if isinstance(value, CELEvalError) else no_overload()
            if value:
                kept.append(element)
        return kept

    def macro_map(self, elements: list[Any], variable: str, *bodies: Interpreter) -> Any:
        if len(bodies) == 2:
            kept = self.macro_filter(elements, variable, bodies[0])
            if isinstance(kept, CELEvalError):
                return kept
            elements = kept
        made = celtypes.ListType()
        for element in elements:
            value = self.step(bodies[-1], variable, element)
            if isinstance(value, CELEvalError):
                return value
            made.append(value)
        return made


def _moment(given: Any) -> Any:
    """`timestamp()` of a string, of seconds since 1970, or of a timestamp."""
    if isinstance(given, CELEvalError | celtypes.TimestampType):
        return given
    try:
        if isinstance(given, celtypes.IntType):
            return celtypes.TimestampType(datetime.fromtimestamp(int(given), UTC))
        if isinstance(given, str) and _INSTANT.fullmatch(given):
            return celtypes.TimestampType(given)
    except (ValueError, OverflowError, OSError):
        pass
    return CELEvalError("timestamp", ValueError, ())


def _called(tree: Any) -> tuple[Tree[Token], list[Tree[Token]]]:
    """What a method is called on, and its arguments."""
    return tree.children[0], tree.children[2].children if len(tree.children) == 3 else []


def _innermost(tree: Tree[Token]) -> Tree[Token]:
    """The first node below that is more than a step of the grammar."""
    while len(tree.children) == 1 and isinstance(tree.children[0], Tree):
        tree = tree.children[0]
    return tree


def _identifier(tree: Tree[Token]) -> str | None:
    """The name that a macro's first argument is, or None."""
    inner = _innermost(tree)
    return str(inner.children[0]) if inner.data == "ident" else None
