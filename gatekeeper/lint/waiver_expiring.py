"""`waiver-expiring`: a waiver that will not hold in two weeks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from gatekeeper.judge.waivers import ACTIVE, state
from gatekeeper.lint.subject import Subject, found, spot
from gatekeeper.model.finding import Finding, Level
from gatekeeper.model.instants import parse_instant

ID = "waiver-expiring"
SEVERITY: Level = "info"
SUMMARY = "A waiver expires within 14 days; what it lets through will be denied then."
SOON = timedelta(days=14)


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each."""
    for document in subject.waivers:
        waiver = document.waiver
        left = parse_instant(waiver.spec.expires) - subject.now
        if state(waiver, subject.now) == ACTIVE and left <= SOON:
            days = left.days
            span = "in less than a day" if days == 0 else f"in {days} day{'' if days == 1 else 's'}"
            message = f"waiver {waiver.metadata.name!r} expires {span}, on {waiver.spec.expires}"
            remedy = f"Repair what {waiver.spec.policy}/{waiver.spec.rule} asks, or ask for a new waiver in time."
            yield found(ID, SEVERITY, spot(document, "spec", "expires"), message, remedy, policy=waiver.spec.policy)
