"""What a rule compared: the value seen, the limit, how far apart they are, and a sentence about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from gatekeeper.judge.cel import MISSING, Path, find
from gatekeeper.judge.numbers import difference, plain, shown
from gatekeeper.judge.prepared import Limit, ReadyRule
from gatekeeper.judge.running import Run
from gatekeeper.model.judgement import Interval
from gatekeeper.policy.condition import Term

_GOOD = {
    ">=": "is at least",
    ">": "is above",
    "<=": "is at most",
    "<": "is below",
    "==": "is",
    "!=": "is not",
}
_BAD = {">=": "is below", ">": "is not above", "<=": "is above", "<": "is not below", "==": "is not", "!=": "is"}


class Observed(Struct, frozen=True, kw_only=True):
    """One comparison of a fact with a limit, as the report shows it."""

    label: str
    value: Any
    comparator: str
    limit: Any
    path: Path
    n: int | None = None
    interval: Interval | None = None

    @property
    def holds(self) -> bool:
        """Whether the value is on the good side."""
        return _compare(self.value, self.comparator, self.limit)

    @property
    def margin(self) -> float | int | None:
        """The distance to the limit, positive on the good side; None where it is no matter of distance."""
        if not (_is_number(self.value) and _is_number(self.limit)):
            return None
        if self.comparator in (">=", ">"):
            return difference(self.value, self.limit)
        if self.comparator in ("<=", "<"):
            return difference(self.limit, self.value)
        apart = difference(self.value, self.limit)
        return -abs(apart) if self.comparator == "==" and apart is not None else None

    def sentence(self) -> str:
        """`accuracy 0.842 is below 0.88`; of what is true or false, only which."""
        if isinstance(self.value, bool) and isinstance(self.limit, bool):
            return f"{self.label} is {shown(self.value)}"
        words = (_GOOD if self.holds else _BAD)[self.comparator]
        return f"{self.label} {shown(self.value)} {words} {shown(self.limit)}"


def observe(rule: ReadyRule, run: Run, *, only_first: bool = False) -> list[Observed]:
    """The comparisons of the rule whose two sides are there, as written; where all hold, the first is enough."""
    if rule.condition.terms:
        return _of_terms(rule, run, only_first)
    return [
        seen for comparison in rule.pass_if.checked.comparisons if (seen := _comparison(comparison, run)) is not None
    ]


def shown_first(seen: Sequence[Observed]) -> Observed | None:
    """The one a report shows: the first on the bad side, else the first."""
    return next((one for one in seen if not one.holds), seen[0] if seen else None)


def shown_last(seen: Sequence[Observed]) -> Observed | None:
    """The one shown of what is inconclusive: the last on the bad side, where the size of the sample stands."""
    return next((one for one in reversed(seen) if not one.holds), seen[0] if seen else None)


def _of_terms(rule: ReadyRule, run: Run, only_first: bool) -> list[Observed]:
    found: list[Observed] = []
    together: list[Observed] = []
    terms = rule.condition.terms
    for index, term in enumerate(terms):
        together += _term(rule, index, run)
        following = terms[index + 1].either if index + 1 < len(terms) else 0
        if term.either == 0 or term.either != following:
            found += _weighed(together) if term.either else together
            together = []
        if only_first and found:
            break
    return found


def _weighed(alternatives: list[Observed]) -> list[Observed]:
    """Where one of them must hold: the one furthest on the good side alone; all, the nearest first, if none holds."""
    best_first = sorted(alternatives, key=lambda one: one.margin or 0, reverse=True)
    return best_first[:1] if best_first and best_first[0].holds else best_first


def _term(rule: ReadyRule, index: int, run: Run) -> list[Observed]:
    term = rule.condition.terms[index]
    value, limit = find(run.data, term.observed), _limit(rule.limits[index], run, term.form)
    if value is MISSING or limit is None:
        return []
    if term.form not in ("number", "same"):
        return _members(run, term, value, limit)
    n = MISSING if term.n is None else find(run.data, term.n)
    return [
        Observed(
            label=term.label,
            value=plain(value),
            comparator=term.comparator,
            limit=plain(limit),
            path=term.observed,
            n=plain(n) if isinstance(n, int) else None,
            interval=_given_interval(term.observed, run),
        )
    ]


def _members(run: Run, term: Term, value: Any, limit: Any) -> list[Observed]:
    """The members on the bad side; where none is, or one good one is enough, the first on the good side."""
    from gatekeeper.judge.members import members  # few rules compare more than two values

    found = [
        Observed(label=label, value=is_, comparator=term.comparator, limit=plain(wanted), path=path)
        for label, is_, wanted, path in members(run.data, term, value, limit)
    ]
    good = [one for one in found if one.holds]
    if term.form == "some" and good:
        return good[:1]
    return [one for one in found if not one.holds] or good[:1]


def _limit(limit: Limit, run: Run, form: str) -> Any:
    """The limit's value; None where there is none of the type that the form compares."""
    if limit.path is not None:
        value = find(run.data, limit.path)
        failed = value is MISSING
    elif limit.expression is None:
        return limit.number
    else:
        answer = run.answer(limit.expression)
        value, failed = answer.value, answer.failed
    if form in ("number", "size", "chosen"):
        return float(value) if not failed and _is_number(value) else None
    return None if failed else value


def _comparison(comparison: Any, run: Run) -> Observed | None:
    value = find(run.data, comparison.observed)
    limit = find(run.data, comparison.limit) if isinstance(comparison.limit, tuple) else comparison.limit
    if not (_is_plain(value) and _is_plain(limit)):
        return None
    label = str(comparison.observed[-1])
    return Observed(
        label=label, value=plain(value), comparator=comparison.comparator, limit=plain(limit), path=comparison.observed
    )


def _given_interval(path: Path, run: Run) -> Interval | None:
    """The interval that a metrics report gave for this value, with its level."""
    if len(path) != 4 or path[2] != "values" or not find(run.data, (*path[:2], "lower")):
        return None
    lower, upper, level = (find(run.data, (*path[:2], field, path[3])) for field in ("lower", "upper", "level"))
    if not all(isinstance(number, float) for number in (lower, upper, level)):
        return None
    return Interval(lower=lower, upper=upper, confidence=level, sides=2, method="given")


def _compare(value: Any, comparator: str, limit: Any) -> bool:
    same_kind = type(value) is type(limit) or (_is_number(value) and _is_number(limit))
    if comparator in ("==", "!="):
        return (same_kind and value == limit) is (comparator == "==")
    if not same_kind or value is None:
        return False
    order = {">=": value >= limit, ">": value > limit, "<=": value <= limit, "<": value < limit}
    return bool(order[comparator])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float | str)
