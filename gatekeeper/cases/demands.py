"""What the cases of any policy have to show: each side of each limit, each rule both ways, each evidence missing.

A case shows something only where it names the result and passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gatekeeper.cases.ready import ReadyCase
from gatekeeper.judge.cel import Path
from gatekeeper.judge.observed import observe
from gatekeeper.judge.prepared import ReadyPolicy, ReadyRule
from gatekeeper.model.tested import Demand
from gatekeeper.policy.celtext import path_text
from gatekeeper.policy.documents import Document

Sides = dict[tuple[Path, str], set[bool]]
"""By what is measured and the comparator: whether a case had it on the good side, and whether on the bad."""


def demands(document: Document, base: ReadyPolicy, cases: Sequence[ReadyCase]) -> Iterator[Demand]:
    """Everything that is asked, met or not, in the order of the policy."""
    for name, (requirement, _) in base.requirements.items():
        if not requirement.optional:
            key = f"evidence/{name}"
            met = any(case.wanted.results.get(key) == "missing" for case in cases)
            yield _demand(document, ("spec", "evidence", name), f"{key} is missing", met)
    for index, rule in enumerate(base.rules):
        naming = [case for case in cases if rule.rule.id in case.wanted.results]
        yield from _of_rule(document, index, rule, naming)


def _of_rule(document: Document, index: int, rule: ReadyRule, naming: Sequence[ReadyCase]) -> Iterator[Demand]:
    at, name = ("spec", "rules", index), rule.rule.id
    results = {case.wanted.results[name] for case in naming}
    for outcome in ("pass", "fail"):
        yield _demand(document, (*at, "id"), f"{name}: a {outcome}", outcome in results)
    if rule.when is not None:
        yield _demand(document, (*at, "when"), f"{name}: `when` is true", bool(results - {"skipped"}))
        yield _demand(document, (*at, "when"), f"{name}: `when` is false", _skipped_by_when(rule, naming))
    for (path, comparator), sides in _sides(rule, naming).items():
        limit = f"{name}: {path_text(path)} {comparator} its limit"
        yield _demand(document, (*at, "id"), f"{limit} holds", True in sides)
        yield _demand(document, (*at, "id"), f"{limit} does not hold", False in sides)


def _skipped_by_when(rule: ReadyRule, naming: Sequence[ReadyCase]) -> bool:
    return any(
        case.wanted.results[rule.rule.id] == "skipped" and rule.when is not None and _is_false(rule, case)
        for case in naming
    )


def _is_false(rule: ReadyRule, case: ReadyCase) -> bool:
    assert rule.when is not None
    answer = case.run.answer(rule.when)
    return not answer.failed and answer.value is False


def _sides(rule: ReadyRule, naming: Sequence[ReadyCase]) -> Sides:
    """Every limit of the rule, with the sides that the cases stand on which name its result as a pass or a fail.

    Below a limit on the size of the sample it is inconclusive.
    """
    terms = [(term.observed, term.comparator) for term in rule.condition.terms]
    written = [(one.observed, one.comparator) for one in rule.pass_if.checked.comparisons]
    found: Sides = {key: set() for key in terms or written}
    sizes = {term.observed for term in rule.condition.terms if term.sample}
    for case in naming:
        outcome = case.wanted.results[rule.rule.id]
        for seen in observe(rule, case.run):
            if outcome in ("pass", "fail") or (outcome == "inconclusive" and seen.path in sizes):
                found.setdefault((seen.path, seen.comparator), set()).add(seen.holds)
    return found


def _demand(document: Document, at: tuple[str | int, ...], what: str, met: bool) -> Demand:
    line, column = document.place(*at)
    return Demand(what=what, file=document.file, line=line, column=column, met=met)
