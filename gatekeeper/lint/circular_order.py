"""`circular-order`: environments that come after each other, so that nothing can be promoted to any of them."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.lint.subject import Site, Subject, found, spot
from gatekeeper.model.finding import Finding, Level

ID = "circular-order"
SEVERITY: Level = "error"
SUMMARY = "Environments come after each other in a circle: none of them can be the first."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding at each `after` that leads back to its own environment."""
    for site in subject.sites:
        for index, after in enumerate(site.environment.spec.after):
            if site.name in _before(subject, after.environment):
                where = spot(site.place.document, "spec", "after", index, "environment")
                message = f"{site.name} comes after {after.environment}, which comes after {site.name}"
                yield found(ID, SEVERITY, where, message, "Take one of them out of the circle.")


def _before(subject: Subject, name: str) -> set[str]:
    """The environments that must come before one, near or far; itself only where a circle leads back to it."""
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        site: Site | None = subject.site(waiting.pop())
        for after in () if site is None else site.environment.spec.after:
            if after.environment not in seen:
                seen.add(after.environment)
                waiting.append(after.environment)
    return seen
