"""Comparisons whose sides can never be equal, so that it makes no difference whether equality fits.

`1.0 - x < 0.1` and `1.0 - x <= 0.1` are the same policy: no double x gives 0.1 exactly. Proved is this only for one
fact that is a double and stands in sums, differences and products with numbers alone. These never fall where x rises,
or never rise, in double arithmetic too; so where the difference of the sides has one sign for some x and the other for
the next double, it is 0 for none.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import isfinite, nextafter
from typing import Any

from gatekeeper.cases.facts import type_at
from gatekeeper.cases.tokens import tokens
from gatekeeper.judge.cel import Engine, Path
from gatekeeper.judge.expressions import Compiler
from gatekeeper.judge.prepared import Expression, ReadyPolicy
from gatekeeper.judge.running import Run

_MONOTONE = frozenset("+-*().[]")
_FAR = 1e9
_STEPS = 200

Difference = Callable[[float], float | None]


def never_equal(sides: tuple[str, str], base: ReadyPolicy, compiler: Compiler, engine: Engine) -> bool:
    """Whether it is proved that the two CEL texts are equal for no evidence."""
    left, right = sides
    expression = compiler.expression(f"({left}\n) - ({right}\n)", ())
    compiler.problems.clear()
    if expression is None or not _is_monotone([left, right], expression, base):
        return False
    (path,) = _facts(expression)
    kind = base.requirements[str(path[1])][0].kind
    return type_at(kind, path[2:]) is float and _jumps_over_zero(_difference(expression, path, base, engine))


def _facts(expression: Expression) -> tuple[Path, ...]:
    return tuple(path for path in expression.reads if path[0] != "variables")


def _is_monotone(sides: list[str], expression: Expression, base: ReadyPolicy) -> bool:
    """Whether one fact stands once in it, and nothing but sums, differences and products with numbers around it."""
    texts = [*sides, *(base.variables[name].checked.source for name in expression.variables)]
    found = [token for text in texts for token in tokens(text)]
    roots = [token.text for token in found if token.kind == "name" and token.text in ("evidence", "params", "artifact")]
    signs = {token.text for token in found if token.kind == "sign"}
    variables = sum(token.text == "variables" for token in found)
    called = {one.text for one, other in pairwise(found) if one.kind == "name" and other.text == "("}
    is_once = roots == ["evidence"] and variables == len(expression.variables) and len(_facts(expression)) == 1
    return (
        is_once
        and signs <= _MONOTONE
        and called <= {"double"}
        and not any(token.text in ("now", "environment") for token in found)
    )


def _difference(expression: Expression, path: Path, base: ReadyPolicy, engine: Engine) -> Difference:
    def at(x: float) -> float | None:
        data: Any = x
        for part in reversed(path):
            data = {part: data}
        answer = Run([engine], {**data, "params": base.params}, base.variables, plain=True).answer(expression)
        return answer.value if not answer.failed and isinstance(answer.value, float) else None

    return at


def _jumps_over_zero(difference: Difference) -> bool:
    """Halve the way between two signs down to neighbouring doubles; False where a 0 is met, or no two signs are."""
    low, high = -_FAR, _FAR
    below, above = difference(low), difference(high)
    if below is None or above is None or below * above >= 0:
        return False
    for _ in range(_STEPS):
        middle = low + (high - low) / 2
        if middle in (low, high):
            break
        value = difference(middle)
        if value is None or value == 0 or not isfinite(value):
            return False
        low, high = (middle, high) if (value < 0) is (below < 0) else (low, middle)
    return nextafter(low, high) == high
