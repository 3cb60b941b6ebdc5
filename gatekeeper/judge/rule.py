"""One rule on one document: its outcome, and why.

In this order: `when`; the evidence it reads; the static paths it reads; the fail condition; the pass condition. Only an
engine's boolean true passes, and a failing engine never does.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from gatekeeper.evidence.fields import seen
from gatekeeper.judge.observed import Observed, observe, shown_first, shown_last
from gatekeeper.judge.prepared import Expression, ReadyRule
from gatekeeper.judge.running import Run, finite
from gatekeeper.judge.supply import Supplied
from gatekeeper.model.judgement import Outcome
from gatekeeper.policy.celtext import path_text

MAX_MESSAGE = 500


class Found(Struct, frozen=True, kw_only=True):
    """A rule's outcome before enforcement and waivers. `message` is empty while what was compared is not yet told."""

    outcome: Outcome
    message: str = ""
    seen: Observed | None = None
    path: str | None = None


PASS, FAIL, INCONCLUSIVE = Found(outcome="pass"), Found(outcome="fail"), Found(outcome="inconclusive")


def judge_rule(rule: ReadyRule, run: Run, supplied: Mapping[str, Supplied]) -> Found:
    """The outcome of one rule; every rule is judged, whatever the others gave."""
    if rule.when is not None and (stopped := _when(rule, rule.when, run, supplied)) is not None:
        return stopped
    for expression, on_true in ((rule.fail_if, FAIL), (rule.pass_if, PASS)):
        if expression is None:
            continue
        if (unready := _unready(rule, expression, run, supplied)) is not None:
            return unready
        if (stopped := _endless_limit(rule, run) or _absent_entry(rule, run)) is not None:
            return stopped
        answer = run.answer(expression)
        if answer.failed:
            return Found(outcome="error", message=_clean(answer.message))
        if not isinstance(answer.value, bool):
            return Found(outcome="error", message="the condition gave no boolean")
        if answer.value is True:
            return on_true
    return INCONCLUSIVE if rule.fail_if is not None else FAIL


def _when(rule: ReadyRule, when: Expression, run: Run, supplied: Mapping[str, Supplied]) -> Found | None:
    """None where the rule applies."""
    if (unready := _unready(rule, when, run, supplied)) is not None:
        return unready
    answer = run.answer(when)
    if answer.failed or not isinstance(answer.value, bool):
        return Found(outcome="error", message=_clean(answer.message) if answer.failed else "`when` gave no boolean")
    return (
        None
        if answer.value
        else Found(outcome="skipped", message=f"does not apply: {_clean(str(rule.rule.when))} is false")
    )


def _unready(rule: ReadyRule, expression: Expression, run: Run, supplied: Mapping[str, Supplied]) -> Found | None:
    """Evidence or a path that the expression needs and that is not there."""
    for name in expression.evidence:
        if supplied[name].state == "error":
            return Found(outcome="error", message=f"evidence {name!r} cannot be used: {supplied[name].reason}")
    if any(one.masked for one in supplied.values()):
        from gatekeeper.judge.recorded import judged_unkept  # most evidence was not judged before

        if (unkept := judged_unkept(rule, expression, supplied)) is not None:
            return Found(outcome=unkept[0], message=unkept[1])
    path = run.missing(expression.reads)
    if path is None:
        return None
    text = path_text(path)
    name = str(path[1]) if path[0] == "evidence" and len(path) > 1 else ""
    absent = supplied.get(name)
    reason = f"{text} is missing" if absent is None or absent.state == "ok" else f"{text} is missing: {absent.reason}"
    return Found(outcome="skipped" if rule.rule.optional else "missing", message=reason, path=text)


def _endless_limit(rule: ReadyRule, run: Run) -> Found | None:
    """A computed limit that is NaN or infinite: everything or nothing would be within it."""
    for limit in rule.limits:
        if limit.expression is None or limit.path is not None:
            continue
        answer = run.answer(limit.expression)
        if not answer.failed and not finite(answer.value):
            source = " ".join(limit.expression.checked.source.split())
            return Found(outcome="error", message=_clean(f"the limit is not a finite number: {source}"))
    return None


def _absent_entry(rule: ReadyRule, run: Run) -> Found | None:
    """An entry that the limit names and the fact does not hold: only the data tell its path, and it is missing too."""
    for term, limit in zip(rule.condition.terms, rule.limits, strict=True):
        if term.form != "entries" or limit.path is None:
            continue
        from gatekeeper.judge.members import absent  # few rules compare maps

        key = absent(run.data, term, limit.path)
        if key is not None:
            text = path_text((*term.observed, key))
            outcome: Outcome = "skipped" if rule.rule.optional else "missing"
            return Found(outcome=outcome, message=_clean(f"{text} is missing"), path=text)
    return None


def tell(rule: ReadyRule, run: Run, found: Found) -> Found:
    """The outcome with its sentence: value, limit and which side, or the author's own message."""
    if found.message:
        return found
    outcome = found.outcome
    seen = observe(rule, run, only_first=outcome == "pass")
    first = shown_last(seen) if outcome == "inconclusive" else shown_first(seen)
    return Found(
        outcome=outcome,
        message=_own_message(rule, run) or _sentence(rule, outcome, seen, first),
        seen=first,
        path=None if first is None else path_text(first.path),
    )


def _own_message(rule: ReadyRule, run: Run) -> str:
    """The author's message, or nothing where it has an error: then the default text is used."""
    if rule.message is None:
        return ""
    answer = run.answer(rule.message)
    return _clean(answer.value) if not answer.failed and isinstance(answer.value, str) else ""


def _sentence(rule: ReadyRule, outcome: Outcome, seen: list[Observed], first: Observed | None) -> str:
    bad = [one.sentence() for one in seen if not one.holds]
    if outcome == "inconclusive":
        return "the sample is too small to tell" if first is None else f"{first.label}: the sample is too small to tell"
    if outcome == "fail" and bad:
        return _clean("; ".join(bad))
    if outcome == "pass" and first is not None:
        return _clean(first.sentence())
    return "the condition holds" if outcome == "pass" else f"the condition does not hold: {_clean(_text(rule))}"


def _text(rule: ReadyRule) -> str:
    return rule.condition.pass_if


def _clean(text: str) -> str:
    """One printable line of bounded length."""
    line = seen(" ".join(text.splitlines()))
    return line if len(line) <= MAX_MESSAGE else line[: MAX_MESSAGE - 1] + "…"
