"""`always-false`: a condition, or a part of one, that no evidence can make true."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET

from gatekeeper.judge.prepare import Application
from gatekeeper.judge.prepared import ReadyPolicy
from gatekeeper.lint.conditions import constant_parts
from gatekeeper.lint.logic.evaluation import Assumption, Evaluation
from gatekeeper.lint.logic.known import Beforehand
from gatekeeper.lint.logic.value import truth
from gatekeeper.lint.subject import Subject, found, spot, text_spot
from gatekeeper.lint.texts import Compiled, PolicyTexts
from gatekeeper.model.finding import Finding, Level

ID = "always-false"
SEVERITY: Level = "warning"
SUMMARY = "A condition is false whatever the evidence says: nothing can pass."
_REMEDY = "Compare with what the evidence says, or remove it."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each; a whole `when` that is false is `unreachable-rule`."""
    for texts in subject.policies:
        yield from _written(texts)
        yield from _shorthands(texts)
    yield from _set(subject)


def _written(texts: PolicyTexts) -> Iterator[Finding]:
    for root, node, value, whole in constant_parts(texts):
        if value or (whole and not root.open_):
            continue
        so = "the waiver never holds" if root.text.role == "only_while" else "nothing can pass"
        what = f"the condition is always false: {so}" if whole else "this part of the condition is always false"
        yield found(ID, SEVERITY, text_spot(texts, node.at), what, _REMEDY, rule=root.rule.id)


def _shorthands(texts: PolicyTexts) -> Iterator[Finding]:
    """Limits of a shorthand that exclude each other, by themselves or by the defaults of parameters."""
    settled = {name: one.default for name, one in texts.policy.spec.parameters.items() if one.default is not UNSET}
    for rule in texts.rules:
        if rule.shorthand is not None and _excluded(texts, rule, settled):
            where = spot(texts.document, *rule.at, rule.shorthand)
            message = "the limits exclude each other: nothing can pass"
            yield found(ID, SEVERITY, where, message, "Check which limit is meant.", rule=rule.rule.id)


def _set(subject: Subject) -> Iterator[Finding]:
    """Limits that exclude each other by what an environment sets."""
    by_document = {id(texts.document): texts for texts in subject.policies}
    for site in subject.sites:
        for row in site.rows:
            for application, ready in zip(row.applications, row.ready, strict=True):
                texts = by_document.get(id(application.document))
                if texts is not None and application.parameters:
                    yield from _set_here(texts, application, ready)


def _set_here(texts: PolicyTexts, application: Application, ready: ReadyPolicy) -> Iterator[Finding]:
    defaults = {name: one.default for name, one in texts.policy.spec.parameters.items() if one.default is not UNSET}
    for rule in texts.rules:
        if _excluded(texts, rule, ready.params) and not _excluded(texts, rule, defaults):
            assert application.by is not None
            name = texts.policy.metadata.name
            where = spot(application.by, *application.at, "parameters")
            message = f"{name}: with these parameters rule {rule.rule.id} can never pass"
            yield found(ID, SEVERITY, where, message, "Check which limit is meant.", policy=name, rule=rule.rule.id)


def _excluded(texts: PolicyTexts, rule: Compiled, settled: dict[str, Any]) -> bool:
    known = Beforehand(texts.policy.spec, settled, measured=False)
    return truth(Evaluation(texts.shapes, known, Assumption()).of(rule.node)) is False
