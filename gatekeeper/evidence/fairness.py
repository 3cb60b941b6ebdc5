"""Group counts and rates by sensitive attribute, in a JSON form of our own; no tool of the field has a file format.

One object, or a list of them, one per attribute:

    {"attribute": "gender", "n": 5000, "groups": {
       "F": {"n": 2500, "selected": 775, "positives": 700, "true_positives": 610, "false_positives": 165}, ...}}

Rates (`selection_rate`, `true_positive_rate`, `false_positive_rate`, `precision`) may stand instead of counts. A rate
whose denominator is 0 does not exist: a group without positives has no true positive rate, rather than one of 0.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import mapping, plain, real, whole
from gatekeeper.evidence.gaps import gaps, ratios
from gatekeeper.evidence.quoting import shown
from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.facts import Attribute, Fairness, Group

NAME = "fairness"
KIND = "fairness"

MAX_GROUPS = 10_000
TOLERANCE = 5.1e-5
"""How far a given rate may lie from its counts: it may have been rounded to four decimals."""

_COUNTS = ("selected", "positives", "true_positives", "false_positives")
_RATES = ("selection_rate", "true_positive_rate", "false_positive_rate", "precision")


def claims(report: Opened) -> bool:
    """Objects with `attribute` and `groups`, and lists of nothing else."""
    members = report.json if isinstance(report.json, list) else [report.json]
    return bool(members) and all(
        isinstance(member, dict) and member.keys() >= {"attribute", "groups"} for member in members
    )


def read(report: Opened) -> Reading:
    """The groups of every attribute. Raises EvidenceError for impossible or contradictory numbers, and
    NotEvaluatedError where an attribute has no group.
    """
    if not claims(report):
        raise EvidenceError("this is not a fairness report: `attribute` and `groups` are not both there")
    attributes: dict[str, Attribute] = {}
    for member in report.json if isinstance(report.json, list) else [report.json]:
        name = _name(member["attribute"])
        if name in attributes:
            raise EvidenceError(f"the attribute {shown(name)} stands twice")
        attributes[name] = _attribute(member)
    groups = sum(attribute.group_count for attribute in attributes.values())
    only = next(iter(attributes.values())) if len(attributes) == 1 else UNSET
    return Reading(
        facts=Fairness(attributes=attributes, only=only), counts={"attributes": len(attributes), "groups": groups}
    )


def _name(given: Any) -> str:
    """The attribute's name; several, whose groups are intersections, are joined with ` & `."""
    parts = given if isinstance(given, list) else [given]
    if not parts or not all(isinstance(part, str) and part for part in parts):
        raise EvidenceError("`attribute` is not a name, nor a list of names")
    return plain(" & ".join(parts))


def _attribute(member: dict[str, Any]) -> Attribute:
    given = mapping(member["groups"], "groups")
    if not given:
        raise NotEvaluatedError("an attribute has no group")
    if len(given) > MAX_GROUPS:
        raise EvidenceError(f"an attribute has more than {MAX_GROUPS} groups")
    groups = {plain(label): _group(mapping(group, f"group {shown(label)}"), label) for label, group in given.items()}
    if len(groups) != len(given):
        raise EvidenceError("two groups have the same name once it is made printable")
    n = sum(group.n for group in groups.values())
    if member.get("n") is not None and whole(member["n"], "n") != n:
        raise EvidenceError(f"the groups have {n} rows together, but n says otherwise")
    rates = [group.selection_rate for group in groups.values()]
    known = [rate for rate in rates if not isinstance(rate, UnsetType)]
    return Attribute(
        n=n,
        group_count=len(groups),
        smallest_n=min(group.n for group in groups.values()),
        groups=groups,
        gaps=gaps(groups.values()),
        lowest_selection_rate=min(known) if len(known) == len(rates) else UNSET,
        highest_selection_rate=max(known) if len(known) == len(rates) else UNSET,
    )


def _group(given: dict[str, Any], label: str) -> Group:
    place = f"group {shown(label)}"
    n = whole(given.get("n"), f"n of {place}")
    counts = {name: whole(given[name], f"{name} of {place}") for name in _COUNTS if given.get(name) is not None}
    _complete(counts)
    _check_counts(n, counts, place)
    rates = {name: real(given[name], f"{name} of {place}") for name in _RATES if given.get(name) is not None}
    rates = _rates(n, counts, rates, place)
    return msgspec.convert({"n": n, **counts, **rates}, Group)


def _complete(counts: dict[str, int]) -> None:
    """Fill in the one of selected, true and false positives that follows from the other two."""
    have = counts.keys()
    if {"true_positives", "false_positives"} <= have and "selected" not in have:
        counts["selected"] = counts["true_positives"] + counts["false_positives"]
    elif {"selected", "true_positives"} <= have and "false_positives" not in have:
        counts["false_positives"] = counts["selected"] - counts["true_positives"]
    elif {"selected", "false_positives"} <= have and "true_positives" not in have:
        counts["true_positives"] = counts["selected"] - counts["false_positives"]


def _check_counts(n: int, counts: dict[str, int], place: str) -> None:
    selected, positives = counts.get("selected", 0), counts.get("positives")
    hits, false_alarms = counts.get("true_positives", 0), counts.get("false_positives", 0)
    most_hits = n if positives is None else positives
    negatives = n if positives is None else n - positives
    possible = (
        selected <= n
        and negatives >= 0
        and 0 <= hits <= most_hits
        and 0 <= false_alarms <= negatives
        and ("true_positives" not in counts or "selected" not in counts or hits + false_alarms == selected)
    )
    if not possible:
        raise EvidenceError(f"the counts of {place} cannot be: they do not fit into each other or into n")


def _rates(n: int, counts: dict[str, int], given: dict[str, float], place: str) -> dict[str, float]:
    if any(not 0 <= rate <= 1 for rate in given.values()) or (given and n == 0):
        raise EvidenceError(f"a rate of {place} is not between 0 and 1, or the group is empty")
    if given.get("selection_rate") == 0 and (given.get("true_positive_rate") or given.get("false_positive_rate")):
        raise EvidenceError(f"the rates of {place} cannot be: nobody is selected, yet some are rightly or falsely")
    return given | _from_counts(n, counts, given, place)


def _from_counts(n: int, counts: dict[str, int], given: dict[str, float], place: str) -> dict[str, float]:
    """The rates that the counts give, of which a given one must not differ."""
    rates: dict[str, float] = {}
    for name, (part, of) in ratios(n, counts).items():
        if of == 0 and name in given:
            raise EvidenceError(f"{name} of {place} is given, but nobody is there of whom it could be the rate")
        if part is None or not of:
            continue
        rates[name] = part / of
        if abs(given.get(name, rates[name]) - rates[name]) > TOLERANCE:
            raise EvidenceError(f"{name} of {place} disagrees with the counts")
    return rates
