"""The fields of each kind of evidence, out of the types of its facts: for load-time checks and for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from msgspec import Meta, Struct, UnsetType

from gatekeeper.model.facts import facts_type

KEY = "NAME"
"""Stands in a field's path for the keys of a map."""
ITEM = "INDEX"
"""Stands in a field's path for the places of a list."""

_NAMES = {int: "integer", float: "number", str: "string", bool: "boolean", Any: "any"}


class Field(Struct, frozen=True):
    """One field of a kind. `required` says that it is there wherever what it stands in is there."""

    path: str
    type: str
    required: bool
    description: str


def known_path(kind: str, path: Sequence[str | int]) -> tuple[str, ...] | None:
    """None where the kind's facts may have something at `path`; else the near names of the first part that is unknown.

    The keys of a map are data, so any will do. Nothing is inside a number, text or boolean. Raises KeyError for a kind
    that there is not.
    """
    here: Any = facts_type(kind)
    for part in path:
        inside = _inside(here, part)
        if inside is None:
            return _near(part, _members(here))
        here = inside
    return None


def _inside(here: Any, part: str | int) -> Any:
    """The type of what is at one part of a path; None where nothing can be there."""
    if here is Any:
        return Any
    origin = get_origin(here)
    if origin is dict:
        return bare(get_args(here)[1]) if isinstance(part, str) else None
    if origin is tuple:
        return bare(get_args(here)[0]) if isinstance(part, int) and not isinstance(part, bool) else None
    return _members(here).get(part) if isinstance(part, str) else None


_seen: dict[Any, dict[str, Any]] = {}


def _members(here: Any) -> dict[str, Any]:
    if not (isinstance(here, type) and issubclass(here, Struct)):
        return {}
    if here not in _seen:
        # As they are written: `model.facts` has no annotations in strings, and `get_type_hints` takes its time.
        _seen[here] = {name: bare(hint) for name, hint in here.__annotations__.items()}
    return _seen[here]


def bare(hint: Any) -> Any:
    """The type without annotations, and without the absent side of a union."""
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (arm for arm in get_args(hint) if arm not in (UnsetType, NoneType))
    return hint


def _near(part: str | int, names: dict[str, Any]) -> tuple[str, ...]:
    from difflib import get_close_matches  # only after a mistake; not worth its time at every start

    found = tuple(get_close_matches(str(part), names, n=3, cutoff=0.6))
    return found or ((f"values.{part}",) if "values" in names else ())


def fields(kind: str) -> tuple[Field, ...]:
    """Every field of a kind, in the order of its type. Raises KeyError for a kind that there is not."""
    return tuple(_of_struct(facts_type(kind), ""))


def _of_struct(struct: type[Struct], above: str) -> Iterator[Field]:
    for name, hint in get_type_hints(struct, include_extras=True).items():
        yield from _of_type(f"{above}{name}", bare(hint), UnsetType not in _arms(hint), _description(hint))


def _of_type(path: str, here: Any, required: bool, description: str) -> Iterator[Field]:
    if get_origin(here) is dict:
        yield from _of_type(f"{path}[{KEY}]", bare(get_args(here)[1]), False, description)
    elif get_origin(here) is tuple:
        yield from _of_type(f"{path}[{ITEM}]", bare(get_args(here)[0]), False, description)
    elif isinstance(here, type) and issubclass(here, Struct):
        yield Field(path, "object", required, description or summary(here))
        yield from _of_struct(here, f"{path}.")
    else:
        yield Field(path, _NAMES[here], required, description)


def summary(struct: type[Struct]) -> str:
    """What a type says of itself, on one line."""
    return " ".join((struct.__doc__ or "").split())


def _arms(hint: Any) -> tuple[Any, ...]:
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _description(hint: Any) -> str:
    metas = get_args(hint)[1:] if get_origin(hint) is Annotated else ()
    return next((meta.description for meta in metas if isinstance(meta, Meta) and meta.description), "")
