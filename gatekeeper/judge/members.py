"""What a rule compared where a fact is a map or a list: the members that differ, one by one, as a report shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gatekeeper.judge.cel import find
from gatekeeper.policy.celtext import Path
from gatekeeper.policy.condition import Term

Compared = tuple[str, Any, Any, Path]
"""A label, the value, what it should be, and the value's path."""


def absent(data: Mapping[str, Any], term: Term, limit: Path) -> str | None:
    """The first entry of the map at `limit` that neither the fact nor the map beside it has; None where all are."""
    held, wanted = _entries(data, term), find(data, limit)
    return next((key for key in sorted(wanted) if key not in held), None) if isinstance(wanted, dict) else None


def _entries(data: Mapping[str, Any], term: Term) -> dict[str, tuple[Any, Path]]:
    """By name, the value and its path; the fact's own before those of the map beside it."""
    found: dict[str, tuple[Any, Path]] = {}
    for path in (term.observed, (*term.observed[:-1], term.field)):
        held = find(data, path)
        for key, value in held.items() if isinstance(held, dict) else ():
            found.setdefault(key, (value, (*path, key)))
    return found


def members(data: Mapping[str, Any], term: Term, value: Any, limit: Any) -> Iterator[Compared]:
    """Each member that the term's form compares, by name; what is there has the type that the form asks."""
    if term.form == "size":
        yield term.label, len(value), limit, term.observed
    elif term.form == "chosen":
        yield term.label, sum(_is_chosen(term, *one) for one in value.items()), limit, term.observed
    elif term.form == "entries":
        held = _entries(data, term)
        for key in sorted(limit):
            is_, path = held.get(key, (None, (*term.observed, key)))
            yield f"{term.label} {key}", is_, limit[key], path
    elif term.form == "only":
        yield term.label, _other(value, limit), limit, term.observed
    elif term.form == "some":
        for name, member in sorted(value.items()):
            path = (*term.observed, name, term.field)
            yield f"{term.label} {name}", _other(member.get(term.field, []), limit), limit, path


def _is_chosen(term: Term, key: str, member: Any) -> bool:
    return (not term.keys or key in term.keys) and member.get(term.field) in term.chosen


def _other(values: list[Any], limit: Any) -> Any:
    """The first that is not the limit; None where there is nothing at all."""
    return next((one for one in values if one != limit), limit if len(values) == 1 else None)
