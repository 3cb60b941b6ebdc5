"""A rule as CEL text: `require` as it stands, a shorthand through its own file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import UNSET

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.policy import SHORTHANDS, PolicySpec, Rule
from gatekeeper.policy.condition import Condition
from gatekeeper.policy.shorthands import command, fairness, latency, lint, metric, scan, tests

_COMPILERS: dict[str, tuple[str, Callable[[Any, str], Condition]]] = {
    "metric": (metric.KIND, metric.compile_rule),
    "fairness": (fairness.KIND, fairness.compile_rule),
    "scan": (scan.KIND, scan.compile_rule),
    "tests": (tests.KIND, tests.compile_rule),
    "lint": (lint.KIND, lint.compile_rule),
    "latency": (latency.KIND, latency.compile_rule),
    "command": (command.KIND, command.compile_rule),
}


def shorthand_of(rule: Rule) -> str | None:
    """The shorthand that a rule is written with; None for `require`."""
    return next((key for key in SHORTHANDS if getattr(rule, key) is not UNSET), None)


def compile_rule(rule: Rule, spec: PolicySpec) -> Condition:
    """The rule's condition. Raises InvalidRequestError where the keys contradict each other or name no evidence."""
    key = shorthand_of(rule)
    if key is None:
        return Condition(pass_if=str(rule.require))
    kind, compiler = _COMPILERS[key]
    body = getattr(rule, key)
    return compiler(body, _evidence_name(key, kind, body.in_, spec))


def _evidence_name(key: str, kind: str, given: Any, spec: PolicySpec) -> str:
    fitting = [name for name, requirement in spec.evidence.items() if requirement.kind == kind]
    if given is not UNSET:
        if given in fitting:
            return str(given)
        raise InvalidRequestError(
            f"`{key}` reads {kind}, and the policy's evidence has no {kind} named {given!r}",
            f"Evidence of kind {kind} here: {', '.join(fitting) or 'none'}.",
        )
    if len(fitting) == 1:
        return fitting[0]
    raise InvalidRequestError(
        f"`{key}` reads {kind}, of which the policy declares {', '.join(fitting) or 'none'}",
        "Say which with `in:`." if fitting else f"Declare evidence of kind {kind}.",
    )
