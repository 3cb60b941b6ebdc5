"""What one policy in force asks less than another of the same name: its parameters, rules, limits and evidence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET

from gatekeeper.judge.prepared import ReadyPolicy, ReadyRule
from gatekeeper.model.policy import Parameter, Requirement
from gatekeeper.policy.celtext import path_text, seconds

Loosened = tuple[str | None, str | None, str]
"""The parameter, the rule, and the sentence with `{here}` and `{there}`."""

_FLOORS, _CEILINGS = (">=", ">"), ("<=", "<")


def loosened(ready: ReadyPolicy, earlier: ReadyPolicy) -> Iterator[Loosened]:
    """Everything in which `ready` is looser than `earlier`."""
    yield from _parameters(ready, earlier)
    if ready.digest != earlier.digest:
        yield from _rules(ready, earlier)
        yield from _evidence(ready, earlier)


def _parameters(ready: ReadyPolicy, earlier: ReadyPolicy) -> Iterator[Loosened]:
    for name, setting in ready.settings.items():
        other, declared = earlier.settings.get(name), ready.policy.spec.parameters[name]
        if other is None or declared.stricter is UNSET:
            continue
        mine, theirs = _comparable(declared, setting.value), _comparable(declared, other.value)
        if mine is None or theirs is None or mine == theirs:
            continue
        if (mine < theirs) is (declared.stricter == "higher"):
            values = f"{setting.value} in {{here}} and {other.value} in {{there}}"
            yield name, None, f"{name} is {values}, and {declared.stricter} is stricter"


def _comparable(parameter: Parameter, value: Any) -> float | None:
    if parameter.type == "duration":
        return float(seconds(value)) if isinstance(value, str) else None
    if isinstance(value, bool):
        return float(value)
    return float(value) if isinstance(value, int | float) else None


def _rules(ready: ReadyPolicy, earlier: ReadyPolicy) -> Iterator[Loosened]:
    """Rules that are gone, and literal limits that are looser: what is a parameter has been compared as one."""
    mine = {rule.rule.id: rule for rule in ready.rules}
    for rule in earlier.rules:
        name, found = rule.rule.id, mine.get(rule.rule.id)
        if found is None:
            yield None, name, f"rule {name} of {{there}} is not in the version of {{here}}"
            continue
        limits = _limits(found, ready)
        for key, theirs in _limits(rule, earlier).items():
            if key in limits and _is_looser(key[1], limits[key], theirs):
                what = f"{path_text(key[0])} {key[1]}"
                yield None, name, f"rule {name} asks {what} {limits[key]:g} in {{here}} and {theirs:g} in {{there}}"


def _limits(rule: ReadyRule, policy: ReadyPolicy) -> dict[tuple[Any, str], float]:
    found: dict[tuple[Any, str], float] = {}
    for term, limit in zip(rule.condition.terms, rule.limits, strict=False):
        if limit.number is not None:
            found[(term.observed, term.comparator)] = limit.number
        elif limit.path is not None and limit.path[:1] == ("params",):
            seen = policy.settings[str(limit.path[1])].seen
            found[(term.observed, term.comparator)] = float(seen)
    for one in rule.pass_if.checked.comparisons if not rule.condition.terms else ():
        if isinstance(one.limit, int | float) and not isinstance(one.limit, bool):
            found[(one.observed, one.comparator)] = float(one.limit)
    return found


def _is_looser(comparator: str, mine: float, theirs: float) -> bool:
    return (comparator in _FLOORS and mine < theirs) or (comparator in _CEILINGS and mine > theirs)


def _evidence(ready: ReadyPolicy, earlier: ReadyPolicy) -> Iterator[Loosened]:
    for name, (theirs, _) in earlier.requirements.items():
        if name in ready.requirements:
            for what in _asked_less(ready.requirements[name][0], theirs):
                yield None, None, f"evidence {name} {what}"


def _asked_less(mine: Requirement, theirs: Requirement) -> Iterator[str]:
    if mine.optional and not theirs.optional:
        yield "is optional in {here} and required in {there}"
    if theirs.about is not UNSET and mine.about is UNSET:
        yield f"need not be about the {theirs.about} in {{here}}, as it must in {{there}}"
    if theirs.signed_by and not mine.signed_by:
        yield "need not be signed in {here}, as it must in {there}"
    if theirs.producers and set(mine.producers or ("any",)) - set(theirs.producers):
        yield "may come from more producers in {here} than in {there}"
    if theirs.max_age is not UNSET and (mine.max_age is UNSET or seconds(mine.max_age) > seconds(theirs.max_age)):
        yield "may be older in {here} than in {there}"
