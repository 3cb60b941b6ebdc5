"""`freeze-over`: a freeze that lies in the past."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from gatekeeper.lint.subject import Subject, found, spot
from gatekeeper.model.clocks import span, zone_of
from gatekeeper.model.finding import Finding, Level

ID = "freeze-over"
SEVERITY: Level = "info"
SUMMARY = "A freeze lies in the past: it stops nothing any more."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each."""
    for site in subject.sites:
        windows = site.environment.spec.windows
        if windows is UNSET:
            continue
        zone = zone_of(windows.timezone)
        for index, freeze in enumerate(windows.freeze):
            if span(freeze.from_, freeze.to, zone)[1] <= subject.now:
                where = spot(site.place.document, "spec", "windows", "freeze", index, "to")
                yield found(ID, SEVERITY, where, f"the freeze ended at {freeze.to}: {freeze.why}", "Remove it.")
