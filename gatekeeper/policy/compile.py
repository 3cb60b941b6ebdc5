"""A rule as CEL text: `require` as it stands, a shorthand through its own file."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from msgspec import UNSET

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.policy import SHORTHANDS, PolicySpec, Rule
from gatekeeper.policy.condition import Condition


def shorthand_of(rule: Rule) -> str | None:
    """The shorthand that a rule is written with; None for `require`."""
    return next((key for key in SHORTHANDS if getattr(rule, key) is not UNSET), None)


def compile_rule(rule: Rule, spec: PolicySpec) -> Condition:
    """The rule's condition. Raises InvalidRequestError where the keys contradict each other or name no evidence."""
    key = shorthand_of(rule)
    if key is None:
        return Condition(pass_if=str(rule.require))
    # Each shorthand has its own file, loaded when a rule is written with it: most policies need few of them.
    shorthand = import_module(f"gatekeeper.policy.shorthands.{key}")
    body = getattr(rule, key)
    condition: Condition = shorthand.compile_rule(body, _evidence_name(key, shorthand.KIND, body.in_, spec))
    return condition


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
