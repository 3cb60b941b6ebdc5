"""Evidence in as many reports as a policy expects: the first holds all, the others add nothing to it."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET
from msgspec.structs import fields, replace

from gatekeeper.evidence.kinds import bare
from gatekeeper.model.evidence import Envelope
from gatekeeper.model.facts import ADDING, facts_type

_COPIED = ("os_end_of_life", "db_updated_at", "duration_seconds")
"""Facts that the whole has only where every part has them."""


def in_parts(envelope: Envelope, count: int) -> tuple[Envelope, ...]:
    """The envelope alone, or with `count` - 1 others of the same kind whose counts are all 0.

    Of a kind that does not add up they are the same again, which no judgement takes.
    """
    if count == 1 or envelope.status != "evaluated":
        return (envelope,)
    if envelope.kind not in ADDING:
        return (replace(envelope, digest=None),) * count
    nothing = _nothing(envelope.kind)
    first = replace(envelope, facts={**nothing, **envelope.facts}, digest=None)
    others = {**nothing, **{key: envelope.facts[key] for key in _COPIED if key in envelope.facts}}
    if "findings" in envelope.facts:
        others["findings"] = []
    return (first, *[replace(first, facts=others, counts={})] * (count - 1))


def _nothing(kind: str) -> dict[str, Any]:
    """A report of this kind over nothing: counts of 0, and maps without entries."""
    found: dict[str, Any] = {}
    for field in fields(facts_type(kind)):
        hint = bare(field.type)
        if hint is int and field.default is not UNSET:
            found[field.name] = 0
        elif hint is float and field.required:
            found[field.name] = 0.0
        elif hint is not int and hint is not float and field.default is not UNSET:
            found[field.name] = _empty(hint)
    return found


def _empty(hint: Any) -> Any:
    from gatekeeper.model.facts import LintCounts, SeverityCounts

    if hint in (LintCounts, SeverityCounts):
        return {field.name: 0 for field in fields(hint)}
    return {}
