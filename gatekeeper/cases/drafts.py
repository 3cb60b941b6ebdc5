"""Drafts of cases to propose: the `spec` of a case as plain values, cut down to what one rule reads, and changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from typing import Any

from gatekeeper.cases.facts import holder_of, type_at
from gatekeeper.cases.given import OWN_KEYS
from gatekeeper.cases.ready import ReadyCase
from gatekeeper.cases.rule_mutants import expressions
from gatekeeper.judge.cel import MISSING, Path, find
from gatekeeper.judge.prepared import Expression, ReadyPolicy, ReadyRule

Draft = dict[str, Any]
_KEPT = ("policy", "version", "now", "parameters", "environment", "artifact")
ORDER = (*_KEPT, "evidence", "expect")
"""The keys of a case in the order in which they are written."""
SEEDS = tuple({int: count, float: real, bool: False, str: ""} for count in (0, 1000) for real in (0.0, 1.0))
"""Values for the facts of a case out of nothing: none or many of everything, and each share at one of its ends."""
_NOON = "2000-01-01T12:00:00Z"
_MOST_LEAVES = 30


def paths_of(rules: Iterable[ReadyRule], policy: ReadyPolicy) -> list[Path]:
    """The static paths below `evidence` that the rules read or ask for, through variables too."""
    found: dict[Path, None] = {}
    for rule in rules:
        for one in _with_variables(expressions(rule), policy):
            found.update(dict.fromkeys((*one.reads, *one.checked.guarded, *one.checked.reads)))
    return [path for path in found if path[0] == "evidence" and len(path) > 2]


def cut_down(raw: Draft, case: ReadyCase, paths: Sequence[Path]) -> Draft:
    """The case with only the evidence and the facts at these paths; facts of a file are written out."""
    draft = {key: deepcopy(raw[key]) for key in _KEPT if key in raw}
    draft["evidence"] = {}
    for name in dict.fromkeys(str(path[1]) for path in paths):
        written = raw.get("evidence", {}).get(name)
        if written is not None:
            below = [path[2:] for path in paths if path[1] == name]
            draft["evidence"][name] = _cut_evidence(written, case, name, below)
    return draft


def seeded(policy: ReadyPolicy, paths: Sequence[Path], seed: dict[Any, Any]) -> Draft:
    """A case out of nothing: each fact that is read is there, with the seed's value for its type, or a time."""
    draft: Draft = {"policy": policy.policy.metadata.name, "evidence": {}}
    for path in paths:
        kind = policy.requirements[str(path[1])][0].kind
        is_time = str(path[-1]).endswith("_at")
        value = _NOON if is_time else seed.get(type_at(kind, path[2:]))
        if value is not None and all(isinstance(part, str) for part in path):
            put(draft, path, value)
        else:
            draft["evidence"].setdefault(str(path[1]), {})
            with_holder(draft, str(path[1]), kind)
    return draft


def leaves(draft: Draft, paths: Sequence[Path]) -> list[tuple[Path, Any]]:
    """The plain values that the draft holds at or below the paths."""
    found: dict[Path, Any] = {}
    for path in paths:
        value = find(draft, path)
        if value is not MISSING:
            found.update(_below(path, value))
    return list(found.items())[:_MOST_LEAVES]


def put(draft: Draft, path: Path, value: Any) -> None:
    """Put a value at a path, making the mappings on the way."""
    here: Any = draft
    for part in path[:-1]:
        here = here.setdefault(part, {}) if isinstance(here, dict) else here[part]
    here[path[-1]] = value


def taken_out(draft: Draft, path: Path) -> Draft:
    """A copy without what is at the path."""
    copy = deepcopy(draft)
    parent = find(copy, path[:-1])
    if isinstance(parent, dict):
        parent.pop(path[-1], None)
    return copy


def with_value(draft: Draft, path: Path, value: Any) -> Draft:
    """A copy with another value at the path."""
    copy = deepcopy(draft)
    put(copy, path, value)
    return copy


def with_holder(draft: Draft, name: str, kind: str) -> Draft:
    """The draft with at least one fact for the evidence, if only an empty map: no facts at all are no report."""
    written = draft["evidence"].get(name)
    holder = holder_of(kind)
    if written is not None and holder is not None and not written.keys() - OWN_KEYS:
        written[holder] = {}
    return draft


def _with_variables(given: Iterable[Expression], policy: ReadyPolicy) -> Iterator[Expression]:
    for one in given:
        yield one
        yield from (policy.variables[name] for name in one.variables if name in policy.variables)


def _cut_evidence(written: dict[str, Any], case: ReadyCase, name: str, below: Sequence[Path]) -> dict[str, Any]:
    envelope = {"envelope": deepcopy(written["envelope"])} if "envelope" in written else {}
    facts: Any = {key: value for key, value in written.items() if key not in OWN_KEYS}
    if "file" in written:
        supplied = case.supplied[name].envelope
        facts = {} if supplied is None else supplied.facts
    cut: dict[str, Any] = {}
    for path in below:
        value = find(facts, path)
        if value is not MISSING and all(isinstance(part, str) for part in path):
            put(cut, path, deepcopy(value))
    return {**cut, **envelope}


def _below(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _below((*path, key), member)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _below((*path, index), member)
    else:
        yield path, value
