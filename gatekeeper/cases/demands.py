"""What the cases of any policy have to show: each side of each limit, each rule both ways, each evidence missing.

A case shows something only where it names the result and passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import UNSET, Struct

from gatekeeper.cases.ready import ReadyCase
from gatekeeper.cases.rule_mutants import place_in
from gatekeeper.cases.tokens import comparisons
from gatekeeper.judge.expressions import Compiler
from gatekeeper.judge.prepared import Expression, ReadyPolicy, ReadyRule
from gatekeeper.model.tested import Demand
from gatekeeper.policy.documents import Document

At = tuple[str | int, ...]
Place = tuple[int, int]
Limit = tuple[str, str, Place]
"""A comparison: as it is told, as CEL, and its place in the file."""

Shows = Callable[[ReadyCase], bool]
"""Whether a case that names the result would show what is asked."""

Naming = Mapping[str, Sequence[ReadyCase]]
"""The cases that name a result, by its key."""

_JUDGED = frozenset({"pass", "fail", "inconclusive"})


class Asked(Struct, frozen=True, kw_only=True):
    """A demand on the cases that name the result `key`; `rule` is null where it is on evidence."""

    demand: Demand
    key: str
    shows: Shows
    rule: ReadyRule | None = None


def demands(document: Document, base: ReadyPolicy, compiler: Compiler, cases: Sequence[ReadyCase]) -> Iterator[Asked]:
    """Everything that is asked, met or not, in the order of the policy."""
    naming: dict[str, list[ReadyCase]] = {}
    for case in cases:
        for key in case.wanted.results:
            naming.setdefault(key, []).append(case)
    for name, (requirement, _) in base.requirements.items():
        if not requirement.optional:
            key, place = f"evidence/{name}", document.place("spec", "evidence", name)
            yield _asked(document, place, f"{key} is missing", key, _came(key, "missing"), naming)
    for index, rule in enumerate(base.rules):
        at = ("spec", "rules", index)
        for what, place, shows in (*_of_rule(document, at, rule), *_of_limits(document, at, rule, compiler)):
            yield _asked(document, place, f"{rule.rule.id}: {what}", rule.rule.id, shows, naming, rule)


def _of_rule(document: Document, at: At, rule: ReadyRule) -> Iterator[tuple[str, Place, Shows]]:
    name = rule.rule.id
    for outcome in ("pass", "fail"):
        yield f"a {outcome}", document.place(*at, "id"), _came(name, outcome)
    if rule.when is not None:
        place, when = document.place(*at, "when"), rule.when
        yield "`when` is true", place, lambda case: case.outcomes[name] != "skipped"
        yield "`when` is false", place, lambda case: case.outcomes[name] == "skipped" and _side(when, case) is False


def _of_limits(document: Document, at: At, rule: ReadyRule, compiler: Compiler) -> Iterator[tuple[str, Place, Shows]]:
    for told, source, place in _limits(document, at, rule):
        expression = compiler.expression(source, ())
        compiler.problems.clear()
        if expression is not None:  # what needs a macro's variable has no value of its own
            yield f"{told} holds", place, _stands(rule.rule.id, expression, True)
            yield f"{told} does not hold", place, _stands(rule.rule.id, expression, False)


def _came(key: str, outcome: str) -> Shows:
    return lambda case: case.outcomes[key] == outcome


def _stands(key: str, expression: Expression, side: bool) -> Shows:
    return lambda case: case.outcomes[key] in _JUDGED and _side(expression, case) is side


def _limits(document: Document, at: At, rule: ReadyRule) -> Iterator[Limit]:
    """A shorthand's terms, or the comparisons of `require`."""
    for term in rule.condition.terms:
        limit = " ".join(str(term.limit).split())
        yield f"{term.label} {term.comparator} {limit}", term.holds(), document.place(*at, "id")
    text = "" if rule.rule.require is UNSET else rule.rule.require
    seen: set[str] = set()
    for one in comparisons(text):
        source = text[one.left.start : one.right.end]
        if source not in seen:
            seen.add(source)
            yield " ".join(source.split()), source, place_in(document, (*at, "require"), text, one.left.start)


def _side(expression: Expression, case: ReadyCase) -> bool | None:
    """The value of a condition in a case; None where it has none."""
    answer = case.run.answer(expression)
    return answer.value if not answer.failed and isinstance(answer.value, bool) else None


def _asked(
    document: Document,
    place: Place,
    what: str,
    key: str,
    shows: Shows,
    naming: Naming,
    rule: ReadyRule | None = None,
) -> Asked:
    line, column = place
    met = any(shows(case) for case in naming.get(key, ()))
    demand = Demand(what=what, file=document.file, line=line, column=column, met=met)
    return Asked(demand=demand, key=key, shows=shows, rule=rule)
