"""What a rule compared where a fact is a map or a list: the members that differ, one by one, as a report shows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gatekeeper.policy.celtext import Path
from gatekeeper.policy.condition import Term

Compared = tuple[str, Any, Any, Path]
"""A label, the value, what it should be, and the way to it below the term's path."""


def members(term: Term, value: Any, limit: Any) -> Iterator[Compared]:
    """Each member that the term's form compares, by name; what is there has the type that the form asks."""
    if term.form == "size":
        yield term.label, len(value), limit, ()
    elif term.form == "entries":
        for key in sorted(limit):
            yield f"{term.label} {key}", value.get(key), limit[key], (key,)
    elif term.form == "only":
        yield term.label, _other(value, limit), limit, ()
    elif term.form == "some":
        for name, member in sorted(value.items()):
            inside = (name, term.field)
            yield f"{term.label} {name}", _other(member.get(term.field, []), limit), limit, inside


def _other(values: list[Any], limit: Any) -> Any:
    """The first that is not the limit; None where there is nothing at all."""
    return next((one for one in values if one != limit), limit if len(values) == 1 else None)
