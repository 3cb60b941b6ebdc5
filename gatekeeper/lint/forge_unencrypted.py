"""`forge-unencrypted`: a forge that is asked without TLS."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from gatekeeper.lint.subject import Subject, found, spot
from gatekeeper.model.finding import Finding, Level

ID = "forge-unencrypted"
SEVERITY: Level = "warning"
SUMMARY = "The forge is asked over plain HTTP: whoever is on the way can approve, and take the token."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each environment."""
    for site in subject.sites:
        forge = site.environment.spec.delivery.forge
        if forge is not UNSET and forge.url is not UNSET and str(forge.url).lower().startswith("http:"):
            where = spot(site.place.document, "spec", "delivery", "forge", "url")
            yield found(ID, SEVERITY, where, f"{site.name} is delivered through {forge.url}", "Write it with https.")
