"""`soak-outlasts-evidence`: what was judged before the soak is too old after it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from gatekeeper.lint.subject import Applied, Site, Subject, found, spot
from gatekeeper.model.finding import Finding, Level
from gatekeeper.model.instants import parse_duration

ID = "soak-outlasts-evidence"
SEVERITY: Level = "warning"
SUMMARY = "Evidence may be no older than the soak takes: what was handed over from before is stale when it is over."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each required evidence whose age runs out within a soak."""
    for site in subject.sites:
        for index, after in enumerate(site.environment.spec.after):
            for row in site.rows if after.soak is not UNSET else ():
                yield from _row(site, row, index, str(after.soak))


def _row(site: Site, row: Applied, index: int, soak: str) -> Iterator[Finding]:
    for ready in row.ready if any(one.enforcement == "deny" for one in row.ready) else ():
        for name, asked in ready.policy.spec.evidence.items():
            age = asked.max_age
            if (
                ready.enforcement != "deny"
                or asked.optional
                or age is UNSET
                or parse_duration(age) > parse_duration(soak)
            ):
                continue
            policy = ready.policy.metadata.name
            message = f"{policy} takes {name} of the last {age}, and {site.name} comes after a soak of {soak}"
            where = spot(site.place.document, "spec", "after", index, "soak")
            yield found(
                ID, SEVERITY, where, message, "Shorten the soak, or make the evidence anew after it.", policy=policy
            )
