"""`unreachable-rule`: a rule whose `when` is never true, so that it is skipped for ever."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.lint.conditions import constant_parts
from gatekeeper.lint.subject import Subject, found, text_spot
from gatekeeper.model.finding import Finding, Level

ID = "unreachable-rule"
SEVERITY: Level = "error"
SUMMARY = "A rule's `when` is never true: the rule is always skipped."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each."""
    for texts in subject.policies:
        for root, node, value, whole in constant_parts(texts):
            if whole and not root.open_ and not value:
                message = "`when` is never true: the rule is always skipped, and checks nothing"
                yield found(
                    ID,
                    SEVERITY,
                    text_spot(texts, node.at),
                    message,
                    "Correct `when`, or remove the rule.",
                    rule=root.rule.id,
                )
