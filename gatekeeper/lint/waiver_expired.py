"""`waiver-expired`: a waiver whose time is over."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.judge.waivers import state
from gatekeeper.lint.subject import Subject, found, spot
from gatekeeper.model.finding import Finding, Level

ID = "waiver-expired"
SEVERITY: Level = "warning"
SUMMARY = "A waiver has expired and waives nothing any more."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each."""
    for document in subject.waivers:
        waiver = document.waiver
        if state(waiver, subject.now) == "expired":
            message = f"waiver {waiver.metadata.name!r} expired on {waiver.spec.expires}"
            remedy = "Remove it; the rule fails again, or is repaired."
            yield found(ID, SEVERITY, spot(document, "spec", "expires"), message, remedy, policy=waiver.spec.policy)
