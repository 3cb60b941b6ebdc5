"""`nothing-enforced`: an artifact for which no policy is at `deny`, so that no judgement can ever allow it."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.lint.subject import Subject, found, spot
from gatekeeper.model.finding import Finding, Level

ID = "nothing-enforced"
SEVERITY: Level = "warning"
SUMMARY = "No policy is enforced for an artifact: every judgement of it is undecided, and nothing can be promoted."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each artifact to which policies apply at `warn` or `audit` only."""
    for site in subject.sites:
        for row in site.rows:
            if row.ready and all(ready.enforcement != "deny" for ready in row.ready):
                where = spot(site.place.document, "spec", "policies")
                message = f"no policy is at deny for {row.row.name} in {site.name}: no judgement can allow it"
                yield found(ID, SEVERITY, where, message, "Put at least one policy at `deny`.")
