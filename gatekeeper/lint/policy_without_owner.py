"""`policy-without-owner`: nobody is named who answers for the policy."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.lint.subject import Subject, found, key_spot
from gatekeeper.model.finding import Finding, Level

ID = "policy-without-owner"
SEVERITY: Level = "info"
SUMMARY = "A policy names no owner: nobody knows whom to ask when it denies."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each policy without `owners`."""
    for texts in subject.policies:
        if not texts.policy.metadata.owners:
            where = key_spot(texts.document, "metadata", "name")
            message = f"policy {texts.policy.metadata.name} names no owner"
            yield found(ID, SEVERITY, where, message, "Add `owners: [team]` to its metadata.")
