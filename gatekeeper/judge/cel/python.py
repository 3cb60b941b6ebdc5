"""cel-python, the second and independent engine: 100 times slower than cel-cpp, and pure Python save for its RE2."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import celpy
from celpy import celtypes
from celpy.evaluation import Activation, CELEvalError

from gatekeeper.judge.cel.answer import FALSE, TRUE, Answer, failure, type_word
from gatekeeper.judge.cel.checking import Checked
from gatekeeper.judge.cel.failures import TOO_LONG
from gatekeeper.judge.cel.grammar import parsed
from gatekeeper.judge.cel.guards import DEPTH_LIMIT, check_plain
from gatekeeper.judge.cel.installed import installed_version
from gatekeeper.judge.cel.interpreter import Budget, BudgetError, Interpreter
from gatekeeper.judge.cel.operators import OPERATORS
from gatekeeper.judge.cel.vocabulary import BOTH

RECURSION = 6_000
"""Python frames for the deepest expression that cel-cpp takes: the grammar needs about forty for each level."""
_NO_VARIABLES: Mapping[str, Any] = {}
_REASONS = {
    "KeyError": ("missing_key", "a key is not there"),
    "IndexError": ("missing_key", "a list is shorter than the rule expects"),
    "ZeroDivisionError": ("argument", "division by zero"),
    "OverflowError": ("overflow", "a number grew out of its range"),
    "TypeError": ("type", "an operator or function cannot take what it was given"),
    "AttributeError": ("type", "an operator or function cannot take what it was given"),
    "ValueError": ("argument", "a value is not of the form that a function takes"),
}


class PythonEngine:
    """The second engine."""

    name = "cel-python"

    @property
    def version(self) -> str:
        """The version of cel-python."""
        return installed_version(celpy, "cel_python")

    def program(self, checked: Checked, names: Mapping[str, str]) -> PythonProgram:
        """Prepare a checked expression. What only cel-cpp has is found when it is evaluated, and fails there."""
        del names
        return PythonProgram(checked)

    def bind(self, data: Mapping[str, Any], *, plain: bool = False) -> dict[str, Any]:
        """One document in cel-python's types. Raises EvidenceError for what is not plain data."""
        for name, value in data.items() if not plain else ():
            if type(value) is not datetime:
                check_plain(value, name)
        return {name: _given(value) for name, value in data.items()}


def lacking(checked: Checked) -> tuple[str, ...]:
    """What an expression uses that cel-python does not have, as one writes it."""
    from gatekeeper.judge.cel.complaints import operator

    return tuple(operator(function) for function in checked.functions if function not in BOTH)


class PythonProgram:
    """One expression as cel-python's own tree."""

    def __init__(self, checked: Checked) -> None:
        self.variables = checked.variables
        with _deep():
            self.tree, self.unreadable = parsed(checked.source)
        self.activation = Activation(functions=OPERATORS)

    def evaluate(self, binding: Mapping[str, Any], variables: Mapping[str, Any] = _NO_VARIABLES) -> Answer:
        """The value for one document. Never raises."""
        if self.unreadable:
            return failure("engine", "cel-python cannot read this expression")
        context = dict(binding)
        if self.variables:
            passed = {name: variables[name] for name in self.variables if name in variables}
            context["variables"] = _given(passed)
        try:
            with _deep():
                interpreter = Interpreter(self.tree, self.activation, Budget())
                return _answer(interpreter.evaluate(context))
        except BudgetError:
            return TOO_LONG
        except RecursionError:
            return failure("limit", "the expression is nested too deeply")
        except CELEvalError as error:
            return _failed(error)
        except Exception:  # noqa: BLE001 - whatever comes out of the engine is an answer, and its text may quote evidence
            return failure("engine", "the expression cannot be evaluated")


@contextmanager
def _deep() -> Iterator[None]:
    """Room for recursion, given back afterwards."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _given(value: Any) -> Any:
    """A plain value in cel-python's types."""
    if isinstance(value, bool):
        return celtypes.BoolType(value)
    if isinstance(value, float):
        return celtypes.DoubleType(value)
    if isinstance(value, int):
        return celtypes.IntType(value)
    if isinstance(value, str):
        return celtypes.StringType(value)
    if isinstance(value, list):
        return celtypes.ListType([_given(part) for part in value])
    if isinstance(value, dict):
        return celtypes.MapType({celtypes.StringType(key): _given(part) for key, part in value.items()})
    return _other(value)


def _other(value: Any) -> Any:
    if isinstance(value, datetime):
        return celtypes.TimestampType(value)
    if isinstance(value, timedelta):
        return celtypes.DurationType(value)
    return celtypes.BytesType(value) if isinstance(value, bytes) else value


def _failed(error: CELEvalError) -> Answer:
    """Why, told by the kind of exception that cel-python met: its text may quote evidence."""
    for part in error.args:
        if isinstance(part, type) and part.__name__ in _REASONS:
            return failure(*_REASONS[part.__name__])
    return failure("engine", "the expression has no value for this evidence")


def _answer(value: Any) -> Answer:
    if isinstance(value, celtypes.BoolType):
        return TRUE if value else FALSE
    try:
        return Answer(value=_plain(value, 0))
    except TypeError:
        return failure("unrepresentable", "the result is of no type that a rule can use")


def _plain(value: Any, depth: int) -> Any:
    """The plain form of a result. Raises TypeError where it has none."""
    if depth > DEPTH_LIMIT:
        raise TypeError("depth")
    if isinstance(value, celtypes.BoolType):
        return bool(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, bytes):
        return bytes(value)
    if isinstance(value, int | float):
        return int(value) if isinstance(value, int) else float(value)
    if isinstance(value, list):
        return [_plain(part, depth + 1) for part in value]
    if isinstance(value, dict):
        return {_plain(key, depth + 1): _plain(part, depth + 1) for key, part in value.items()}
    return _plain_other(value)


def _plain_other(value: Any) -> Any:
    if isinstance(value, datetime):
        moment = datetime(*value.timetuple()[:6], value.microsecond, tzinfo=value.tzinfo)
        return moment.astimezone(UTC)
    if isinstance(value, timedelta):
        return timedelta(value.days, value.seconds, value.microseconds)
    if isinstance(value, type):
        return type_word(value.__name__.removesuffix("Type").lower())
    if value is None:
        return None
    raise TypeError("kind")
