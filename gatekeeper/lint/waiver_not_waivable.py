"""`waiver-not-waivable`: a waiver of a rule that cannot be waived."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.lint.subject import Subject, found, spot
from gatekeeper.lint.waiving import policies, rules, uses
from gatekeeper.model.finding import Finding, Level

ID = "waiver-not-waivable"
SEVERITY: Level = "warning"
SUMMARY = "A waiver names a rule with `waivable: false`: it does not count."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each."""
    for use in uses(subject):
        applied = policies(use.site, use.spec.policy) if use.site is not None else []
        if any(rules(ready).get(use.spec.rule) is False for _, ready in applied):
            name = use.document.waiver.metadata.name
            message = f"waiver {name!r}: rule {use.spec.rule} of {use.spec.policy} cannot be waived"
            where = spot(use.document, "spec", "rule")
            yield found(ID, SEVERITY, where, message, "Repair what the rule asks.", policy=use.spec.policy)
