"""`window-never-opens`: windows and freezes that leave no time for a promotion."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from gatekeeper.lint.subject import Subject, found, spot
from gatekeeper.model.finding import Finding, Level
from gatekeeper.promotion.windows import LOOK_AHEAD, opens

ID = "window-never-opens"
SEVERITY: Level = "error"
SUMMARY = "No time of the next years lies in an allowed window and in no freeze: nothing can be promoted."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each environment."""
    for site in subject.sites:
        windows = site.environment.spec.windows
        if windows is not UNSET and opens(windows, subject.now) is None:
            message = f"nothing can be promoted to {site.name} in the next {LOOK_AHEAD.days // 366} years"
            where = spot(site.place.document, "spec", "windows")
            yield found(ID, SEVERITY, where, message, "Take back what freezes too much, or allow a longer window.")
