"""What the cases of any policy have to show: each side of each limit, each rule both ways, each evidence missing.

A case shows something only where it names the result and passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import UNSET

from gatekeeper.cases.ready import ReadyCase
from gatekeeper.cases.rule_mutants import place_in
from gatekeeper.cases.tokens import comparisons
from gatekeeper.judge.expressions import Compiler
from gatekeeper.judge.prepared import Expression, ReadyPolicy, ReadyRule
from gatekeeper.model.tested import Demand
from gatekeeper.policy.documents import Document

At = tuple[str | int, ...]
Limit = tuple[str, str, tuple[int, int]]
"""A comparison: as it is told, as CEL, and its place in the file."""

_JUDGED = frozenset({"pass", "fail", "inconclusive"})


def demands(document: Document, base: ReadyPolicy, compiler: Compiler, cases: Sequence[ReadyCase]) -> Iterator[Demand]:
    """Everything that is asked, met or not, in the order of the policy."""
    for name, (requirement, _) in base.requirements.items():
        if not requirement.optional:
            key = f"evidence/{name}"
            met = any(case.wanted.results.get(key) == "missing" for case in cases)
            yield _demand(document, document.place("spec", "evidence", name), f"{key} is missing", met)
    for index, rule in enumerate(base.rules):
        naming = [case for case in cases if rule.rule.id in case.wanted.results]
        yield from _of_rule(document, ("spec", "rules", index), rule, naming)
        yield from _of_limits(document, ("spec", "rules", index), rule, compiler, naming)


def _of_rule(document: Document, at: At, rule: ReadyRule, naming: Sequence[ReadyCase]) -> Iterator[Demand]:
    name = rule.rule.id
    results = {case.wanted.results[name] for case in naming}
    for outcome in ("pass", "fail"):
        yield _demand(document, document.place(*at, "id"), f"{name}: a {outcome}", outcome in results)
    if rule.when is not None:
        place = document.place(*at, "when")
        skipped = [case for case in naming if case.wanted.results[name] == "skipped"]
        is_false = any(_side(rule.when, case) is False for case in skipped)
        yield _demand(document, place, f"{name}: `when` is true", bool(results - {"skipped"}))
        yield _demand(document, place, f"{name}: `when` is false", is_false)


def _of_limits(
    document: Document, at: At, rule: ReadyRule, compiler: Compiler, naming: Sequence[ReadyCase]
) -> Iterator[Demand]:
    judged = [case for case in naming if case.wanted.results[rule.rule.id] in _JUDGED]
    for told, source, place in _limits(document, at, rule):
        expression = compiler.expression(source, ())
        compiler.problems.clear()
        if expression is not None:  # what needs a macro's variable has no value of its own
            sides = {_side(expression, case) for case in judged}
            yield _demand(document, place, f"{rule.rule.id}: {told} holds", True in sides)
            yield _demand(document, place, f"{rule.rule.id}: {told} does not hold", False in sides)


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


def _demand(document: Document, place: tuple[int, int], what: str, met: bool) -> Demand:
    line, column = place
    return Demand(what=what, file=document.file, line=line, column=column, met=met)
