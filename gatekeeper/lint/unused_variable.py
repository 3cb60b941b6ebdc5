"""`unused-variable`: a variable that no rule reads."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.lint.reading import names
from gatekeeper.lint.subject import Subject, found, key_spot
from gatekeeper.model.finding import Finding, Level

ID = "unused-variable"
SEVERITY: Level = "warning"
SUMMARY = "A variable is declared and no rule reads it."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each variable that no rule reads, directly or through another."""
    for texts in subject.policies:
        read = names(texts, "variables") or frozenset()
        for name in texts.policy.spec.variables:
            if name not in read:
                where = key_spot(texts.document, "spec", "variables", name)
                message = f"variable {name!r} is never read"
                yield found(ID, SEVERITY, where, message, f"Use variables.{name} in a rule, or remove it.")
