"""`limit-out-of-range`: a limit that what is measured can never reach, or never misses."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from msgspec.structs import replace

from gatekeeper.judge.prepare import Application
from gatekeeper.judge.prepared import ReadyPolicy
from gatekeeper.lint.logic.comparing import Compared, comparisons, value_of
from gatekeeper.lint.logic.known import bounds, usual
from gatekeeper.lint.logic.value import Range
from gatekeeper.lint.subject import Spot, Subject, found, spot, text_spot
from gatekeeper.lint.texts import Compiled, PolicyTexts
from gatekeeper.model.finding import Finding, Level
from gatekeeper.policy.celtext import path_text
from gatekeeper.policy.condition import Term

ID = "limit-out-of-range"
SEVERITY: Level = "error"
_REMEDY = "Correct the limit, or the name of what it measures; a limit that cannot be missed is better left out."
SUMMARY = "A limit lies outside what can be measured: the rule can never pass, or never fail."


def find(subject: Subject) -> Iterator[Finding]:
    """An error for a limit outside the possible range, a warning for one at its edge that never binds."""
    for texts in subject.policies:
        for text in texts.of("require"):
            assert text.rule is not None
            for one in comparisons(text.node):
                for severity, message in _wrong(texts, one):
                    where = text_spot(texts, one.at)
                    yield found(ID, severity, where, message, _REMEDY, rule=text.rule.id)
        for rule in texts.rules:
            for term in rule.condition.terms if rule.shorthand else ():
                for severity, message in _wrong(texts, _of(term)):
                    where = _place(texts, rule, term)
                    yield found(ID, severity, where, message, _REMEDY, rule=rule.rule.id)
    yield from _set(subject)


def _set(subject: Subject) -> Iterator[Finding]:
    """Limits that an environment sets, such as 88 for a share."""
    by_document = {id(texts.document): texts for texts in subject.policies}
    for site in subject.sites:
        for row in site.rows:
            for application, ready in zip(row.applications, row.ready, strict=True):
                texts = by_document.get(id(application.document))
                for rule in texts.rules if texts is not None else ():
                    yield from _set_here(texts, rule, application, ready)  # type: ignore[arg-type]


def _set_here(texts: PolicyTexts, rule: Compiled, application: Application, ready: ReadyPolicy) -> Iterator[Finding]:
    terms = [_of(term) for term in rule.condition.terms] if rule.shorthand else list(comparisons(rule.node))
    for one in terms:
        setting = ready.settings.get(one.parameter or "")
        if setting is None or setting.origin != "environment" or isinstance(setting.seen, str | bool):
            continue
        assert application.by is not None
        where = spot(application.by, *application.at, "parameters", str(one.parameter))
        settled = replace(one, number=float(setting.seen), parameter=None)
        for severity, message in _wrong(texts, settled):
            name = texts.policy.metadata.name
            yield found(ID, severity, where, f"{name}: {message}", _REMEDY, policy=name, rule=rule.rule.id)


def _wrong(texts: PolicyTexts, one: Compared) -> Iterator[tuple[Level, str]]:
    spec = texts.policy.spec
    certain = bounds(spec, one.observed)
    range_ = certain or usual(spec, one.observed)
    limit = value_of(one, spec)
    if range_ is None or limit is None:
        return
    shown = f"{limit:g}" if one.parameter is None else f"{limit:g}, the default of params.{one.parameter}"
    message = f"{path_text(one.observed)} is {_range(range_)}, and must be {one.comparator} {shown}: this never "
    if not range_.low <= limit <= range_.high:
        passes = one.comparator != "==" and (limit > range_.high) is (one.comparator in ("<", "<="))
        yield SEVERITY, message + ("fails" if passes else "passes")
    elif certain is not None and one.parameter is None:
        if (one.comparator, limit) in ((">=", certain.low), ("<=", certain.high)):
            yield "warning", message + "fails"
        if (one.comparator, limit) in (("<", certain.low), (">", certain.high)):
            yield SEVERITY, message + "passes"


def _range(range_: Range) -> str:
    if range_.high == inf:
        return f"{range_.low:g} or more"
    return f"at most {range_.high:g}" if range_.low == -inf else f"between {range_.low:g} and {range_.high:g}"


def _of(term: Term) -> Compared:
    parameter = term.limit.removeprefix("params.") if isinstance(term.limit, str) else None
    number = None if isinstance(term.limit, str) else float(term.limit)
    return Compared(observed=term.observed, comparator=term.comparator, number=number, parameter=parameter)


def _place(texts: PolicyTexts, rule: Compiled, term: Term) -> Spot:
    """Where the limit is written: its key is found by its value, as a term does not tell it."""
    body = texts.document.tree.value["spec"]["rules"][rule.at[-1]][rule.shorthand]
    inside = _key(body, term.limit, str(term.observed[-1]))
    return spot(texts.document, *rule.at, rule.shorthand or "", *inside)


def _key(body: object, limit: object, name: str) -> tuple[str, ...]:
    """The path to the value; where several are equal, one whose key is like the measured name."""
    hits = list(_hits(body, limit))
    return next((hit for hit in hits if name in hit[-1] or hit[-1] in name), hits[0] if hits else ())


def _hits(body: object, limit: object) -> Iterator[tuple[str, ...]]:
    for key, value in body.items() if isinstance(body, dict) else ():
        if isinstance(value, dict):
            yield from ((key, *rest) for rest in _hits(value, limit))
        elif value == limit and not isinstance(value, bool):
            yield (key,)
