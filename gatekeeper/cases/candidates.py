"""Values worth trying in a draft: where the sides of a comparison meet, before and after the change, and between."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil, floor, isfinite
from typing import Any

from msgspec import Struct

from gatekeeper.cases.digits import nudged_duration
from gatekeeper.cases.drafts import Draft, leaves, taken_out, with_holder, with_value
from gatekeeper.cases.facts import type_at
from gatekeeper.cases.mutants import Variant
from gatekeeper.cases.ready import ReadyCase
from gatekeeper.cases.tokens import comparisons, tokens
from gatekeeper.judge.cel import Path
from gatekeeper.judge.expressions import Compiler
from gatekeeper.judge.prepared import Expression, ReadyRule
from gatekeeper.judge.running import Run
from gatekeeper.model.instants import format_instant, parse_duration, parse_instant
from gatekeeper.model.policy import Parameter, Requirement

Runs = Callable[[Draft], tuple[Run, ...] | None]
"""The data of a draft, before and after the change; None where the draft is no case."""

_OTHER = "other"


def sources_of(rules: Iterable[ReadyRule | None], more: Iterable[str] = ()) -> list[str]:
    """The CEL texts of rules, and others."""
    found = [one.checked.source for rule in rules if rule is not None for one in _parts(rule)]
    return list(dict.fromkeys([*found, *more]))


def differences(sources: Iterable[str], compiler: Compiler, known: dict[str, Expression | None]) -> list[Expression]:
    """For each comparison of numbers in the texts, what its left side is above its right side.

    `known` are those of earlier texts, and None for what is no such difference; new ones are added.
    """
    found: dict[str, Expression] = {}
    for source in sources:
        for one in comparisons(source):
            left, right = (source[side.start : side.end] for side in (one.left, one.right))
            text = f"double({left}\n) - double({right}\n)"
            if text not in known:
                known[text] = compiler.expression(text, ())
                compiler.problems.clear()
            if (expression := known[text]) is not None:
                found[text] = expression
    return list(found.values())


class Search(Struct, frozen=True, kw_only=True):
    """What one rule reads and how it is compared: `kinds` of evidence by name, `paths` of facts, CEL texts, where
    comparisons `meet`, other values for the parameters that it reads, the time of a case that names none, and the days
    on which the rule takes effect.
    """

    kinds: Mapping[str, str]
    paths: Sequence[Path]
    sources: Sequence[str]
    meet: Sequence[Expression]
    settings: Sequence[tuple[str, Any]]
    now: datetime
    days: Sequence[datetime]

    @property
    def numbers(self) -> list[float]:
        """The numbers that stand in the texts, to the last digit."""
        found = [token.text for source in self.sources for token in tokens(source) if token.kind == "number"]
        return [float(text) for text in dict.fromkeys(found) if text[-1] not in "uU" and "x" not in text.lower()]


def changed_drafts(draft: Draft, search: Search, runs: Runs) -> Iterator[Draft]:
    """The draft, and drafts with one value of it changed."""
    yield draft
    for path, value in leaves(draft, search.paths):
        kind = type_at(search.kinds[str(path[1])], path[2:])
        if kind in (int, float) and not isinstance(value, bool):
            for number in _numbers(draft, path, value, search, runs, kind is int):
                yield with_value(draft, path, number)
        elif isinstance(value, bool):
            yield with_value(draft, path, not value)
        elif isinstance(value, str):
            for text in _texts(value, search.sources, search.now):
                yield with_value(draft, path, text)
    yield from _around(draft, search)
    yield from (with_value(draft, ("parameters", name), value) for name, value in search.settings)
    for path in search.paths:
        yield with_holder(taken_out(draft, path), str(path[1]), search.kinds[str(path[1])])


def other_settings(name: str, parameter: Parameter) -> Iterator[tuple[str, Any]]:
    """Other values for a parameter, within its bounds: what a rule may hide by repeating a default."""
    default = parameter.default
    if isinstance(default, bool):
        yield name, not default
    elif isinstance(default, int | float):
        low = parameter.minimum if isinstance(parameter.minimum, int | float) else default / 2
        high = parameter.maximum if isinstance(parameter.maximum, int | float) else default * 2 + 1
        whole = parameter.type == "integer"
        for value in ((default + low) / 2, (default + min(high, default * 3 + 10)) / 2):
            yield name, int(value) if whole else _short(value)
    elif parameter.type == "duration":
        yield from ((name, text) for text in nudged_duration(str(default)))
    else:
        yield from ((name, choice) for choice in (parameter.choices or ()) if choice != default)


def _numbers(draft: Draft, path: Path, value: float, search: Search, runs: Runs, is_whole: bool) -> list[float]:
    """Where comparisons meet as this number moves, what lies between those places, and a step to each side."""
    here, there = runs(draft), runs(with_value(draft, path, value + 1))
    if here is None or there is None:
        return []
    roots = sorted({root for one in search.meet for root in _roots(one, here, there, value)})
    if is_whole:
        whole = {number + step for root in roots for number in (floor(root), ceil(root)) for step in (-1, 0, 1)}
        return sorted(whole)
    middles = [_short((low + high) / 2) for low, high in pairwise(roots)]
    steps = [_short(root + sign * max(abs(root), 1.0) * 0.01) for root in roots for sign in (-1, 1)]
    return list(dict.fromkeys([*roots, *middles, *steps, *search.numbers]))


def _roots(one: Expression, here: Sequence[Run], there: Sequence[Run], value: float) -> Iterator[float]:
    """The number at which the difference is 0, as far as it is a straight line."""
    for run, moved in zip(here, there, strict=True):
        at, beside = run.answer(one), moved.answer(one)
        if at.failed or beside.failed or at.value == beside.value:
            continue
        root = value - at.value / (beside.value - at.value)
        if isfinite(root):
            yield _short(root)


def _short(number: float) -> float:
    """Without the digits that only binary arithmetic has."""
    return float(f"{number:.10g}")


def _texts(value: str, sources: Sequence[str], now: datetime) -> list[str]:
    try:
        parse_instant(value)
    except ValueError:
        return [text for text in dict.fromkeys([*_literals(sources), _OTHER]) if text != value]
    ages = sorted({int(size) for source in sources for size in re.findall(r"duration\(['\"]([0-9]+)s['\"]\)", source)})
    middles = [(low + high) / 2 for low, high in pairwise(ages)]
    tried = [*ages, *middles, *(age + step for age in ages for step in (-1, 1, age))]
    return [format_instant(now - timedelta(seconds=age)) for age in tried]


def _literals(sources: Sequence[str]) -> list[str]:
    found = (token.text for source in sources for token in tokens(source) if token.kind == "string")
    return [text[1:-1] for text in found if text[:1] in ("'", '"') and "\\" not in text]


def _around(draft: Draft, search: Search) -> Iterator[Draft]:
    """Other environments, where a text looks at it, and days before a rule takes effect."""
    if any("environment" in source for source in search.sources):
        for name in [*_literals(search.sources), _OTHER]:
            yield {**draft, "environment": name}
        yield {key: value for key, value in draft.items() if key != "environment"}
    for day in search.days:
        yield {**draft, "now": format_instant(day - timedelta(days=1))}


def evidence_drafts(draft: Draft, name: str, variant: Variant, base: ReadyCase) -> Iterator[Draft]:
    """Drafts in which one piece of evidence is not there, or comes otherwise than is asked."""
    yield taken_out(draft, ("evidence", name))
    now = base.judged.now
    requirements = (base.policy.requirements[name][0], *variant.evidence.values())
    for key, value in _envelopes(requirements, now):
        yield with_value(draft, ("evidence", name, "envelope", key), value)


def _envelopes(requirements: Sequence[Requirement], now: datetime) -> Iterator[tuple[str, Any]]:
    ages: list[float] = []
    for one in requirements:
        if isinstance(one.max_age, str):
            ages.append(parse_duration(one.max_age).total_seconds())
        for count in (one.expect - 1, one.expect, one.expect + 1) if isinstance(one.expect, int) else ():
            if count > 0:
                yield "reports", count
    yield "subjects", []
    yield "signed_by", []
    yield "producer", _OTHER
    for one in requirements:
        yield from (("signed_by", [name for name in one.signed_by if name != left]) for left in one.signed_by)
        yield from (("producer", name) for name in one.producers)
    middles = [(low + high) / 2 for low, high in pairwise(sorted(ages))]
    for age in (*middles, *ages, *(2 * age for age in ages)):
        yield "produced_at", format_instant(now - timedelta(seconds=int(age)))


def _parts(rule: ReadyRule) -> Iterator[Expression]:
    yield from (one for one in (rule.when, rule.pass_if, rule.fail_if) if one is not None)
