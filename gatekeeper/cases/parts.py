"""Evidence in as many reports as a policy expects: the first holds all, the others add nothing to it."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, to_builtins
from msgspec.structs import fields, replace

from gatekeeper.evidence.kinds import bare
from gatekeeper.model.evidence import Envelope
from gatekeeper.model.facts import ADDING, LintCounts, SeverityCounts, facts_type

_COPIED = ("os_end_of_life", "db_updated_at", "duration_seconds")
_EMPTY: dict[str, Any] = {"fixable": to_builtins(SeverityCounts()), "findings": []}
"""Facts that the whole has only where every part has them: the same in every part, or none of them in the others."""

_JOINED: dict[str, dict[str, Any]] = {"fairness": {"attributes": {}}, "lineage": {"data": {}, "outputs": {}}}
"""What every report has of the kinds that join, and do not add up."""


def in_parts(envelope: Envelope, count: int) -> tuple[Envelope, ...]:
    """The envelope alone, or with `count` - 1 others of the same kind whose counts are all 0.

    The others of `fairness` have no attribute. Of a kind that does not add up they are the same again: of `lineage`
    that agrees, and no judgement takes it of any other.
    """
    if count == 1 or envelope.status != "evaluated":
        return (envelope,)
    envelope = replace(envelope, digest=None, payload=None)  # which the others do not have as well
    if envelope.kind not in ADDING:
        usual = _JOINED.get(str(envelope.kind), {})
        first = replace(envelope, facts={**usual, **envelope.facts})
        other = replace(first, facts=usual, counts={}) if envelope.kind == "fairness" else first
        return (first, *[other] * (count - 1))
    usual = _nothing(envelope.kind)
    first = replace(envelope, facts={**usual, **envelope.facts})
    others = {**usual, **{key: envelope.facts[key] for key in _COPIED if key in envelope.facts}}
    others |= {key: nothing for key, nothing in _EMPTY.items() if key in envelope.facts}
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
    if hint in (LintCounts, SeverityCounts):
        return {field.name: 0 for field in fields(hint)}
    return {}
