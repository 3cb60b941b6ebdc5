"""`always-false`: a condition, or a part of one, that no evidence can make true."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.lint.conditions import constant_parts
from gatekeeper.lint.logic.evaluation import Assumption, Evaluation
from gatekeeper.lint.logic.known import Beforehand
from gatekeeper.lint.logic.value import truth
from gatekeeper.lint.subject import Subject, found, spot, text_spot
from gatekeeper.lint.texts import PolicyTexts
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


def _written(texts: PolicyTexts) -> Iterator[Finding]:
    for root, node, value, whole in constant_parts(texts):
        if value or (whole and not root.open_):
            continue
        so = "the waiver never holds" if root.text.role == "only_while" else "nothing can pass"
        what = f"the condition is always false: {so}" if whole else "this part of the condition is always false"
        yield found(ID, SEVERITY, text_spot(texts, node.at), what, _REMEDY, rule=root.rule.id)


def _shorthands(texts: PolicyTexts) -> Iterator[Finding]:
    """Limits of a shorthand that exclude each other."""
    for rule in texts.rules:
        if rule.shorthand is None:
            continue
        evaluation = Evaluation(texts.shapes, Beforehand(texts.policy.spec, measured=False), Assumption())
        if truth(evaluation.of(rule.node)) is False:
            where = spot(texts.document, *rule.at, rule.shorthand)
            message = "the limits exclude each other: nothing can pass"
            yield found(ID, SEVERITY, where, message, "Check which limit is meant.", rule=rule.rule.id)
