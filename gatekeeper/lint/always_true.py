"""`always-true`: a condition, or a part of one, that no evidence can make false."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.lint.conditions import constant_parts
from gatekeeper.lint.roots import Root
from gatekeeper.lint.subject import Subject, found, text_spot
from gatekeeper.model.finding import Finding, Level

ID = "always-true"
SEVERITY: Level = "error"
SUMMARY = "A condition is true whatever the evidence says: the rule checks nothing."
_REMEDY = "Compare with what the evidence says, or remove it."


def find(subject: Subject) -> Iterator[Finding]:
    """An error where the whole condition is true, a warning where a part is, or where `when` always applies."""
    for texts in subject.policies:
        for root, node, value, whole in constant_parts(texts):
            if not value:
                continue
            severity: Level = SEVERITY if whole and root.open_ else "warning"
            message = f"{'the condition' if whole else 'this part of the condition'} is always true: {_so(root, whole)}"
            yield found(ID, severity, text_spot(texts, node.at), message, _REMEDY, rule=root.rule.id)


def _so(root: Root, whole: bool) -> str:
    if not whole:
        return "it checks nothing"
    return {"require": "the rule checks nothing", "when": "the rule applies everywhere"}.get(
        root.text.role, "the waiver is not bounded by it"
    )
