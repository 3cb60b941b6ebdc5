"""`waiver-too-long`: a waiver that runs longer than its environment allows, and so never counts."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from gatekeeper.lint.subject import Subject, found, spot
from gatekeeper.lint.waiving import uses
from gatekeeper.model.finding import Finding, Level
from gatekeeper.model.instants import parse_duration, parse_instant

ID = "waiver-too-long"
SEVERITY: Level = "warning"
SUMMARY = "A waiver runs longer than its environment allows: it does not count there."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each environment that does not take the waiver."""
    for use in uses(subject):
        limit = UNSET if use.site is None else use.site.environment.spec.waivers.max
        runs = parse_instant(use.spec.expires) - parse_instant(use.spec.granted)
        if limit is not UNSET and runs > parse_duration(limit):
            name = use.document.waiver.metadata.name
            message = f"waiver {name!r} runs {runs.days} days, and {use.name} allows {limit}: it does not count there"
            where = spot(use.document, "spec", "expires")
            yield found(ID, SEVERITY, where, message, "Let it expire earlier.", policy=use.spec.policy)
