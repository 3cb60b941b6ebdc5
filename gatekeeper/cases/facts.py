"""Facts as a case writes them: any part of a kind's facts, of the right types, with what a producer always gives.

A whole number becomes a double where the kind has a double. A field that a producer cannot leave out, because its type
has a value of its own for "nothing", has that value; every other field that is not written is absent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
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


def type_at(kind: str, path: Sequence[str | int]) -> Any:
    """The type of what is at a path of the kind's facts; Any where the kind leaves it open or has nothing there."""
    here: Any = facts_type(kind)
    for part in path:
        if get_origin(here) in (dict, tuple):
            here = bare(get_args(here)[1 if get_origin(here) is dict else 0])
        else:
            here = _known(here)[part].kind if _is_struct(here) and part in _known(here) else Any
    return here


def holder_of(kind: str) -> str | None:
    """The first map of the kind that every report has, such as the values of metrics; None where it has none."""
    return next((str(name) for name, field in _known(facts_type(kind)).items() if isinstance(field.usual, dict)), None)


class _Field(Struct, frozen=True):
    """A fact's bare type, and what it is where a case leaves it out."""

    kind: Any
    usual: Any


@cache
def _known(kind: type[Struct]) -> dict[str | int, _Field]:
    return {field.name: _Field(bare(field.type), _usual(field)) for field in fields(kind)}


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


def _struct(kind: type[Struct], raw: dict[str, Any], at: At, complain: Complain) -> dict[str, Any]:
    known = _known(kind)
    for key in raw:
        if key not in known:
            remedy = near(key, map(str, known)) or f"There is {', '.join(map(str, known))}."
            complain((*at, key), f"there is no fact `{key}` here", remedy)
    found: dict[str, Any] = {}
    for name, field in known.items():
        if name in raw:
            found[str(name)] = _value(field.kind, raw[str(name)], (*at, name), complain)
        elif field.usual is not UNSET:
            found[str(name)] = field.usual
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
    is_empty = _is_struct(kind) and not any(one.required for one in fields(kind))
    return to_builtins(kind()) if is_empty else UNSET


def _value(kind: Any, value: Any, at: At, complain: Complain) -> Any:
    if kind is Any:
        return value
    if get_origin(kind) is dict or _is_struct(kind):
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
