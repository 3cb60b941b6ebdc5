"""The engines that evaluate, behind one small face."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from gatekeeper.errors import InvalidRequestError
from gatekeeper.judge.cel.answer import Answer
from gatekeeper.judge.cel.checking import Checked

NAMES = ("cel-cpp", "cel-python")
Binding = Any
"""One document as an engine holds it; made by `bind`, read by no one else."""


class Program(Protocol):
    """An expression, ready to be evaluated."""

    def evaluate(self, binding: Binding, variables: Mapping[str, Any] = ...) -> Answer:
        """The value for one document; a variable that is not passed is an error where it is read. Never raises."""


class Engine(Protocol):
    """An implementation of CEL."""

    @property
    def name(self) -> str:
        """One of NAMES."""

    @property
    def version(self) -> str:
        """The installed version, for the record."""

    def program(self, checked: Checked, names: Mapping[str, str]) -> Program:
        """Prepare a checked expression, with the names that it was checked against."""

    def bind(self, data: Mapping[str, Any], *, plain: bool = ...) -> Binding:
        """Prepare one document, by CEL name, for all its rules. Raises EvidenceError for what is not plain data.

        `plain` says that the data was checked before, as by the door that all evidence comes through.
        """


def load_engine(name: str | None = None) -> Engine:
    """The engine asked for; None is cel-cpp, or cel-python where that has no wheel. Raises InvalidRequestError."""
    if name is not None and name not in NAMES:
        raise InvalidRequestError(f"There is no engine {name}.", f"There are: {', '.join(NAMES)}.")
    if name != "cel-python":
        try:
            from gatekeeper.judge.cel.cpp import CppEngine  # each engine is loaded only when it is chosen

            return CppEngine()
        except ImportError:
            if name is not None:
                raise InvalidRequestError(
                    "The engine cel-cpp cannot be loaded here.", "Install cel-expr-python, or use --engine cel-python."
                ) from None
    try:
        from gatekeeper.judge.cel.python import PythonEngine
    except ImportError:
        raise InvalidRequestError("The engine cel-python cannot be loaded here.", "Install cel-python.") from None
    return PythonEngine()
