"""Parameters: the default of the policy or the value of the environment, typed and bounded, with where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, Struct

from gatekeeper.model.instants import parse_duration
from gatekeeper.model.policy import Parameter
from gatekeeper.policy.celtext import seconds
from gatekeeper.policy.near import near

EXACT = 2**53 - 1
"""The largest whole number that every JSON reader, and so the record, holds exactly."""


class Setting(Struct, frozen=True, kw_only=True):
    """One parameter in force. `value` is as written; `seen` what CEL sees; `origin` is `policy` or `environment`."""

    value: Any
    seen: Any
    origin: str


class BadParameterError(Exception):
    """A parameter's name or value does not fit; carries the name, whether the environment set it, and a remedy."""

    def __init__(self, name: str, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.name, self.message, self.remedy = name, message, remedy


def settle(declared: Mapping[str, Parameter], given: Mapping[str, Any]) -> dict[str, Setting]:
    """Every declared parameter's setting, in declared order. Raises BadParameterError."""
    for name in given:
        if name not in declared:
            hint = near(name, declared) or f"Parameters here: {', '.join(declared) or 'none'}."
            raise BadParameterError(name, f"the policy has no parameter {name!r}", hint)
    return {name: _setting(name, parameter, given) for name, parameter in declared.items()}


def check_default(name: str, parameter: Parameter) -> None:
    """Raises BadParameterError where a default does not fit its own type or bounds."""
    if parameter.default is not UNSET:
        _fitted(name, parameter, parameter.default)


def _setting(name: str, parameter: Parameter, given: Mapping[str, Any]) -> Setting:
    if name in given:
        value = _fitted(name, parameter, given[name])
        return Setting(value=given[name], seen=value, origin="environment")
    if parameter.default is UNSET:
        raise BadParameterError(name, f"parameter {name!r} has no default and must be set by the environment")
    return Setting(value=parameter.default, seen=_fitted(name, parameter, parameter.default), origin="policy")


def _fitted(name: str, parameter: Parameter, value: Any) -> Any:
    seen = _typed(name, parameter.type, value)
    if parameter.choices is not UNSET and value not in parameter.choices:
        choices = ", ".join(map(str, parameter.choices))
        raise BadParameterError(name, f"{name} is {value!r}; it must be one of {choices}")
    if isinstance(seen, float | int) and not isinstance(seen, bool):
        if parameter.minimum is not UNSET and seen < parameter.minimum:
            raise BadParameterError(name, f"{name} is {value}, below its minimum {parameter.minimum}")
        if parameter.maximum is not UNSET and seen > parameter.maximum:
            raise BadParameterError(name, f"{name} is {value}, above its maximum {parameter.maximum}")
    return seen


def _typed(name: str, kind: str, value: Any) -> Any:
    fits = {
        "number": isinstance(value, int | float) and not isinstance(value, bool),
        "integer": isinstance(value, int) and not isinstance(value, bool),
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "duration": isinstance(value, str) and _is_duration(value),
    }
    if not fits[kind]:
        shown = {True: "true", False: "false"}.get(value, repr(value)) if isinstance(value, bool) else repr(value)
        raise BadParameterError(
            name, f"{name} is {shown}, which is no {kind}", "An unquoted yes, no, on or off is a boolean."
        )
    if isinstance(value, int | float) and abs(value) > EXACT:
        raise BadParameterError(name, f"{name} is {value}; numbers beyond 2^53 - 1 are not exact in JSON")
    if kind == "number":
        return float(value)
    return f"{seconds(value)}s" if kind == "duration" else value


def _is_duration(text: str) -> bool:
    try:
        parse_duration(text)
    except ValueError:
        return False
    return True
