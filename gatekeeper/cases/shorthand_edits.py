"""Small changes of a shorthand's keys: each limit moved, each key that may be left out left out, each boolean turned.

They are made on the plain values of the file and read again as any rule is, so that none can be made that a file
could not hold. A limit that has a default is moved though it is not written, for it is as much in force.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from msgspec import NODEFAULT, UNSET, Struct, UnsetType
from msgspec.structs import FieldInfo, fields

from gatekeeper.cases.digits import nudged, nudged_duration
from gatekeeper.cases.edits import edits
from gatekeeper.model.scalars import Duration
from gatekeeper.policy.tree import Step, Tree

At = tuple[Step, ...]


class Change(Struct, frozen=True, kw_only=True):
    """One change of a value below a rule; `value` UNSET leaves the key or item out.

    `at` is the value's place, `offset` where in its text the change stands, for an expression.
    """

    what: str
    label: str
    at: At
    value: Any
    old: str
    new: str
    offset: int | None = None


def changes(kind: type[Struct], raw: Any, at: At, tree: Tree) -> Iterator[Change]:
    """Every change of the mapping `raw`, which is of the type `kind` and stands at `at` in the file."""
    for field in fields(kind):
        name = field.encode_name
        if name in raw:
            yield from _written(field, raw[name], (*at, name), tree)
        elif _is_limit(field) and type(field.default) in (int, float):
            for new in nudged(str(field.default)):
                yield _moved(f"{name} (by default)", (*at, name), str(field.default), new)
        elif _type(field.type) is bool and isinstance(field.default, bool):
            yield _turned(name, (*at, name), field.default)


def _written(field: FieldInfo, value: Any, at: At, tree: Tree) -> Iterator[Change]:
    hint, name = _type(field.type), field.encode_name
    if isinstance(hint, type) and issubclass(hint, Struct):
        yield from changes(hint, value, at, tree)
    elif hint is bool:
        yield _turned(name, at, value)
    elif get_origin(hint) is tuple:
        yield from _items(name, hint, value, at)
    else:
        yield from _limits(field, value, at, tree)
        if field.default is not NODEFAULT and (_is_limit(field) or _is_duration(field)):
            yield Change(what="condition", label=name, at=at, value=UNSET, old=f"{name}: {value}", new="nothing")


def _limits(field: FieldInfo, value: Any, at: At, tree: Tree) -> Iterator[Change]:
    name = field.encode_name
    if _is_duration(field):
        for new in nudged_duration(str(value)):
            yield Change(what="limit", label=name, at=at, value=new, old=value, new=new)
    elif _is_limit(field) and isinstance(value, str):
        for one in edits(value):
            told = {"what": one.what, "old": one.old, "new": one.new}
            yield Change(label=name, at=at, value=one.text, offset=one.start, **told)
    elif _is_limit(field) and not isinstance(value, bool):
        for new_text in nudged(tree.raw(*at) or str(value)):
            yield _moved(name, at, tree.raw(*at) or str(value), new_text)


def _items(name: str, hint: Any, value: list[Any], at: At) -> Iterator[Change]:
    for index, item in enumerate(value):
        if isinstance(item, list):
            yield from _items(name, _type(get_args(hint)[0]), item, (*at, index))
        elif get_args(hint)[0] == Duration:
            for new in nudged_duration(str(item)):
                yield Change(what="limit", label=name, at=(*at, index), value=new, old=item, new=new)
        yield Change(what="condition", label=name, at=(*at, index), value=UNSET, old=str(item), new="nothing")


def _moved(name: str, at: At, old: str, new: str) -> Change:
    is_real = any(mark in new for mark in ".eE")
    return Change(what="limit", label=name, at=at, value=float(new) if is_real else int(new), old=old, new=new)


def _turned(name: str, at: At, value: bool) -> Change:
    words = ("true", "false") if value else ("false", "true")
    return Change(what="boolean", label=name, at=at, value=not value, old=words[0], new=words[1])


def _type(hint: Any) -> Any:
    """The type of a key that is there; a union stays where there are several."""
    arms = [arm for arm in get_args(hint) if arm is not UnsetType] if get_origin(hint) in (Union, UnionType) else [hint]
    bare = arms[0] if len(arms) == 1 else hint
    return get_args(bare)[0] if get_origin(bare) is Annotated else bare


def _is_limit(field: FieldInfo) -> bool:
    return float in get_args(field.type) and str in get_args(field.type)


def _is_duration(field: FieldInfo) -> bool:
    return field.type == Duration or Duration in get_args(field.type)
