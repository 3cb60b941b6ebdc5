"""`after-never-met`: an artifact that the environment before does not have."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.lint.subject import Subject, found, spot
from gatekeeper.model.finding import Finding, Level
from gatekeeper.policy.near import near

ID = "after-never-met"
SEVERITY: Level = "warning"
SUMMARY = "An artifact is to come from an environment that has none of its name: it can wait for ever."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each artifact and each such environment before."""
    for site in subject.sites:
        for index, after in enumerate(site.environment.spec.after):
            before = subject.site(after.environment)
            names = None if before is None else {row.row.name for row in before.rows}
            for row in site.rows if names is not None else ():
                if row.row.name not in (names or ()):
                    message = f"{row.row.name} of {site.name} is to be in {after.environment} first, which has none"
                    where = spot(site.place.document, "spec", "after", index, "environment")
                    hint = near(row.row.name, names or ()) or "Add a row of that name there."
                    yield found(ID, SEVERITY, where, message, hint)
