"""`unused-parameter`: a parameter that nothing reads; setting it changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.lint.reading import names
from gatekeeper.lint.subject import Subject, found, key_spot
from gatekeeper.model.finding import Finding, Level

ID = "unused-parameter"
SEVERITY: Level = "warning"
SUMMARY = "A parameter is declared and never read: an environment that sets it changes nothing."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each parameter that no condition, limit, variable in use or message reads."""
    for texts in subject.policies:
        read = names(texts, "params")
        for name in texts.policy.spec.parameters if read is not None else ():
            if name not in read:  # type: ignore[operator]
                where = key_spot(texts.document, "spec", "parameters", name)
                message = f"parameter {name!r} is never read"
                yield found(ID, SEVERITY, where, message, f"Use params.{name} in a rule, or remove it.")
