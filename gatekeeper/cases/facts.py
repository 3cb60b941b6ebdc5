"""Facts as a case writes them: any part of a kind's facts, of the right types, with what a producer always gives.

A whole number becomes a double where the kind has a double. A field that a producer cannot leave out, because its type
has a value of its own for "nothing", has that value; every other field that is not written is absent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args, get_origin

from msgspec import NODEFAULT, UNSET, Struct, to_builtins
from msgspec.structs import FieldInfo, fields

from gatekeeper.evidence.kinds import bare
from gatekeeper.model.facts import LintCounts, SeverityCounts, facts_type
from gatekeeper.policy.near import near

At = tuple[str | int, ...]
Complain = Callable[[At, str, str], None]
"""Hears of a fault: where below the facts, what, and what to do."""

_NAMES = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}
_SUMMED = (SeverityCounts, LintCounts)


def facts_of(kind: str, raw: dict[str, Any], complain: Complain) -> dict[str, Any]:
    """The facts, as plain values; what does not fit is told to `complain` and left out. No facts stay no facts."""
    return _struct(facts_type(kind), raw, (), complain) if raw else {}


def _struct(kind: type[Struct], raw: dict[str, Any], at: At, complain: Complain) -> dict[str, Any]:
    known = {field.name: field for field in fields(kind)}
    for name in raw:
        if name not in known:
            remedy = near(name, known) or f"There is {', '.join(known)}."
            complain((*at, name), f"there is no fact `{name}` here", remedy)
    found: dict[str, Any] = {}
    for name, field in known.items():
        if name in raw:
            found[name] = _value(bare(field.type), raw[name], (*at, name), complain)
        elif (usual := _usual(field)) is not UNSET:
            found[name] = usual
    if kind in _SUMMED and "total" not in raw:
        found["total"] = sum(value for name, value in found.items() if name != "total" and isinstance(value, int))
    return found


def _usual(field: FieldInfo) -> Any:
    """What a field holds that a case leaves out; UNSET for absent."""
    if field.default is not NODEFAULT:
        return to_builtins(field.default) if field.default is not UNSET else UNSET
    if field.default_factory is not NODEFAULT:
        return to_builtins(field.default_factory())
    kind = bare(field.type)
    if get_origin(kind) is dict:
        return {}
    is_empty = isinstance(kind, type) and issubclass(kind, Struct) and not any(one.required for one in fields(kind))
    return to_builtins(kind()) if is_empty else UNSET


def _value(kind: Any, value: Any, at: At, complain: Complain) -> Any:
    if kind is Any:
        return value
    if get_origin(kind) is dict or (isinstance(kind, type) and issubclass(kind, Struct)):
        if not isinstance(value, dict):
            return _misfit("a mapping", at, complain)
        return _mapping(kind, value, at, complain)
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            return _misfit("a list", at, complain)
        item = bare(get_args(kind)[0])
        return [_value(item, member, (*at, index), complain) for index, member in enumerate(value)]
    return _scalar(kind, value, at, complain)


def _mapping(kind: Any, value: dict[str, Any], at: At, complain: Complain) -> dict[str, Any]:
    if get_origin(kind) is not dict:
        return _struct(kind, value, at, complain)
    member = bare(get_args(kind)[1])
    return {key: _value(member, part, (*at, key), complain) for key, part in value.items()}


def _scalar(kind: Any, value: Any, at: At, complain: Complain) -> Any:
    if kind is float and type(value) in (int, float):
        return float(value)
    return value if type(value) is kind else _misfit(_NAMES[kind], at, complain)


def _misfit(wanted: str, at: At, complain: Complain) -> None:
    complain(at, f"`{at[-1]}` must be {wanted}", "")
