"""`unused-evidence`: evidence that must be there, and that no rule looks into."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.lint.reading import names
from gatekeeper.lint.subject import Subject, found, key_spot
from gatekeeper.model.finding import Finding, Level

ID = "unused-evidence"
SEVERITY: Level = "warning"
SUMMARY = "Evidence is declared and no rule reads it: whatever it says, nothing fails."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each evidence that no rule reads."""
    for texts in subject.policies:
        read = names(texts, "evidence")
        used = {rule.condition.evidence for rule in texts.rules}
        for name in texts.policy.spec.evidence if read is not None else ():
            if name not in read and name not in used:  # type: ignore[operator]
                where = key_spot(texts.document, "spec", "evidence", name)
                message = f"evidence {name!r} is never read: only its absence would be noticed"
                yield found(ID, SEVERITY, where, message, "Write a rule that reads it, or remove it.")
