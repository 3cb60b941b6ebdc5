"""`slo`: an error budget that burns too fast in a long window and in a short one, or of which too little is left.

Several windows, several burn rates: Google, The Site Reliability Workbook, chapter 5, "Alerting on SLOs".
"""

from __future__ import annotations

from msgspec import UNSET

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.policy import SloRule
from gatekeeper.policy.celtext import Path, seconds
from gatekeeper.policy.condition import Condition, Term, all_of, any_of

KIND = "slo"


def compile_rule(rule: SloRule, evidence: str) -> Condition:
    """Fails where every window of a pair burns too fast, or too little budget is left.

    With fewer than `min_events` in the longest window, burning is inconclusive. Refuses a rate without windows,
    windows without a rate, a pair whose second window is not the shorter, and a rule without a limit.
    """
    _check(rule)
    base: Path = ("evidence", evidence)
    burning, volume, budget = _burning(rule, base), _volume(rule, base), _budget(rule, base)
    pairs = [[term for term in burning if term.either == pair] for pair in range(1, len(rule.windows) + 1)]
    good = [_any(pair) for pair in pairs]
    bad = [f"({all_of(*(term.falls() for term in pair))})" for pair in pairs]
    fails = _fails(volume, bad, [term.falls() for term in budget])
    return Condition(
        pass_if=all_of(*(term.holds() for term in (*volume, *budget)), *good),
        fail_if=fails,
        terms=(*burning, *budget, *volume),
        evidence=evidence,
    )


def _check(rule: SloRule) -> None:
    if rule.max_burn_rate is UNSET and rule.min_budget_left is UNSET and rule.min_events is UNSET:
        raise InvalidRequestError("`slo` needs at least one limit", "Give `max_burn_rate`, or `min_budget_left`.")
    if (rule.max_burn_rate is UNSET) is bool(rule.windows):
        raise InvalidRequestError("`max_burn_rate` and `windows` go together", "Such as `windows: [[1h, 5m]]`.")
    for pair in rule.windows:
        if len(pair) > 1 and seconds(pair[0]) <= seconds(pair[1]):
            raise InvalidRequestError(
                f"[{pair[0]}, {pair[1]}]: the second window of a pair is the shorter one", "Turn them round."
            )


def _burning(rule: SloRule, base: Path) -> tuple[Term, ...]:
    return tuple(
        Term(
            observed=(*base, "windows", window, "burn_rate"),
            comparator="<=",
            limit=rule.max_burn_rate,
            label=f"{window} burn rate",
            either=number,
        )
        for number, pair in enumerate(rule.windows, start=1)
        for window in pair
        if rule.max_burn_rate is not UNSET
    )


def _volume(rule: SloRule, base: Path) -> tuple[Term, ...]:
    """The events of the longest window that the rule names; of all windows where it names none."""
    if rule.min_events is UNSET:
        return ()
    longest = max((window for pair in rule.windows for window in pair), key=seconds, default=None)
    within = base if longest is None else (*base, "windows", longest)
    label = "events" if longest is None else f"{longest} events"
    return (Term(observed=(*within, "events"), comparator=">=", limit=rule.min_events, label=label),)


def _budget(rule: SloRule, base: Path) -> tuple[Term, ...]:
    if rule.min_budget_left is UNSET:
        return ()
    path = (*base, "budget_left")
    return (Term(observed=path, comparator=">=", limit=rule.min_budget_left, label="error budget left"),)


def _any(pair: list[Term]) -> str:
    held = any_of(*(term.holds() for term in pair))
    return f"({held})" if len(pair) > 1 else held


def _fails(volume: tuple[Term, ...], burning: list[str], budget: list[str]) -> str | None:
    """None, which is whenever it does not pass, where nothing can be inconclusive."""
    if not volume or not burning:
        return None
    enough = all_of(*(term.holds() for term in volume))
    return any_of(f"({enough} && ({any_of(*burning)}))", *budget)
