"""Groups too small to be told: neither their counts nor their rates are kept, nor what those could be computed from.

Where one small group is left out, its counts follow from the total and the other groups'. So the next smallest are left
out with it, until there are two at least that have the minimum together (cell suppression, as statistical offices do:
Hundepool et al., Statistical Disclosure Control, 2012, chapter 4). Of intersections of attributes none is told where
one is small: it would follow from the attributes' own groups.
"""

from __future__ import annotations

from typing import Any

import msgspec

from gatekeeper.evidence.gaps import gaps
from gatekeeper.model.facts import Group

_Facts = dict[str, Any]
_Paths = tuple[tuple[str, ...], ...]


def masked_groups(facts: _Facts, minimum: int) -> tuple[_Facts, _Paths]:
    """Fairness facts as they may be kept, and the paths of what is not whole in them."""
    masked: list[tuple[str, ...]] = []
    kept = dict(facts)
    attributes: _Facts = facts.get("attributes", {})
    if "attributes" in facts:
        kept["attributes"] = {
            name: _attribute(attribute, _left_out(name, attribute, minimum), minimum, ("attributes", name), masked)
            for name, attribute in attributes.items()
        }
    if "only" in facts:
        name = next(iter(attributes), _ALSO)
        kept["only"] = _attribute(facts["only"], _left_out(name, facts["only"], minimum), minimum, ("only",), masked)
    return kept, tuple(masked)


_ALSO = " & "
"""What stands between the names of attributes whose groups are intersections."""


def _attribute(
    attribute: _Facts, left_out: set[str], minimum: int, path: tuple[str, ...], masked: list[tuple[str, ...]]
) -> _Facts:
    groups: dict[str, _Facts] = attribute["groups"]
    if not left_out:
        return attribute
    rest = {name: group for name, group in groups.items() if name not in left_out}
    known = _known_of(attribute, rest)
    n = {"n": attribute["n"]} if attribute["n"] >= minimum else {}
    masked += [(*path, key) for key in attribute if key not in {"group_count", "gaps", *known, *n}]
    masked += [(*path, "gaps", name) for name in attribute["gaps"] if name not in known["gaps"]]
    # The type wants these three; what stands in them says nothing and is not judged.
    return {"n": 0, "smallest_n": 0, "group_count": attribute["group_count"], "groups": rest, **n, **known}


def _left_out(attribute: str, facts: _Facts, minimum: int) -> set[str]:
    groups: dict[str, _Facts] = facts["groups"]
    by_size = sorted(groups, key=lambda name: (groups[name]["n"], name))
    if not by_size or groups[by_size[0]]["n"] >= minimum:
        return set()
    if _ALSO in attribute:
        return set(groups)
    found: set[str] = set()
    together = 0
    for name in by_size:
        n = groups[name]["n"]
        if n >= minimum and len(found) >= 2 and together >= minimum:
            break
        found.add(name)
        together += n
    return found


def _known_of(attribute: _Facts, rest: dict[str, _Facts]) -> _Facts:
    """What follows from the groups that are told is told too; all else is of those that are not."""
    told = msgspec.convert(list(rest.values()), list[Group])
    of_rest = gaps(told)
    known: _Facts = {"gaps": {name: gap for name, gap in attribute["gaps"].items() if of_rest.get(name) == gap}}
    rates = [group["selection_rate"] for group in rest.values() if "selection_rate" in group]
    for key, extreme in (("lowest_selection_rate", min), ("highest_selection_rate", max)):
        if rates and key in attribute and attribute[key] == extreme(rates):
            known[key] = attribute[key]
    return known
