"""Running a policy's expressions on one document of data: variables computed when first used, each once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gatekeeper.judge.cel import MISSING, Answer, Engine, Path, agree, find
from gatekeeper.judge.cel.answer import failure
from gatekeeper.judge.prepared import Expression

DISAGREEMENT, NOT_FINITE = "disagreement", "not_finite"
"""The codes of failures that are never absorbed, not even in a variable whose value `||` would not need."""


class Run:
    """The data of one judgement under one policy, bound to each engine."""

    def __init__(
        self,
        engines: Sequence[Engine],
        data: Mapping[str, Any],
        variables: Mapping[str, Expression],
        *,
        plain: bool = False,
    ) -> None:
        self.data = data
        self._bindings = [engine.bind(data, plain=plain) for engine in engines]
        self._names = [engine.name for engine in engines]
        self._variables = variables
        self._values: list[dict[str, Any]] = [{} for _ in engines]
        self._computed: set[str] = set()
        self._refused: dict[str, Answer] = {}

    def answer(self, expression: Expression) -> Answer:
        """The value or failure; with two engines, a failure that tells both answers where they differ."""
        if expression.variables:
            self._compute(expression.variables)
            for name in expression.variables:
                if name in self._refused:
                    return self._refused[name]
        if len(self._bindings) == 1:
            return expression.programs[0].evaluate(self._bindings[0], self._values[0])
        answers = [
            program.evaluate(binding, values)
            for program, binding, values in zip(expression.programs, self._bindings, self._values, strict=True)
        ]
        first = answers[0]
        for name, other in zip(self._names[1:], answers[1:], strict=True):
            if not agree(first, other):
                return failure(DISAGREEMENT, _differing(self._names[0], first, name, other))
        return first

    def missing(self, paths: Sequence[Path]) -> Path | None:
        """The first static path that the data does not hold."""
        data = self.data
        for path in paths:
            if path[0] != "variables" and find(data, path) is MISSING:
                return path
        return None

    def _compute(self, names: Sequence[str]) -> None:
        for name in names:
            if name in self._computed:
                continue
            self._computed.add(name)
            expression = self._variables[name]
            answer = self.answer(expression)
            if not answer.failed and not finite(answer.value):
                answer = failure(NOT_FINITE, f"variables.{name} is not a finite number")
            if answer.failed:
                if answer.code in (DISAGREEMENT, NOT_FINITE):
                    self._refused[name] = answer
                continue
            for values, program, binding in zip(self._values, expression.programs, self._bindings, strict=True):
                own = answer if len(self._values) == 1 else program.evaluate(binding, values)
                if not own.failed:
                    values[name] = own.value


def finite(value: Any) -> bool:
    """Whether this is anything but NaN or an infinity, which division by zero gives and which fool comparisons."""
    return not isinstance(value, float) or value - value == 0.0


def _differing(one: str, first: Answer, two: str, second: Answer) -> str:
    return f"the engines disagree: {one} gives {_told(first)}, {two} gives {_told(second)}"


def _told(answer: Answer) -> str:
    return f"an error ({answer.message})" if answer.failed else repr(answer.value)[:100]
