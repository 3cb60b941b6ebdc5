"""`approvals-unreachable`: fewer people can approve than must."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from gatekeeper.lint.subject import Site, Subject, found, spot
from gatekeeper.model.conditions import Approvals
from gatekeeper.model.finding import Finding, Level
from gatekeeper.policy.trust import Ring

ID = "approvals-unreachable"
SEVERITY: Level = "error"
SUMMARY = "Fewer people of the trust file can approve than must: nothing can be promoted there."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each environment whose approvals nobody, or too few, can give."""
    for site in subject.sites:
        asked = site.environment.spec.approvals
        able: frozenset[str] = frozenset() if asked is UNSET else _able(asked, site, subject.ring)
        if asked is not UNSET and len(able) < asked.count:
            said = f": {', '.join(sorted(able))}" if able else ""
            how = {"signed": ", with a key", "reviewed": ", with a login of a forge"}.get(asked.level, "")
            message = f"{site.name} needs {asked.count} approvals, and {len(able)} people{how} can give one{said}"
            remedy = "Give the role `approve` to more people in trust.yaml, and name them in `from`; no machine counts."
            yield found(ID, SEVERITY, spot(site.place.document, "spec", "approvals"), message, remedy)


def _able(asked: Approvals, site: Site, ring: Ring | None) -> frozenset[str]:
    if ring is None:
        return frozenset()
    people = ring.members("approve", site.name) & ring.people
    people &= frozenset(asked.from_) or people
    if asked.level == "signed":
        return people & {key.owner for key in ring.keys}
    return people & frozenset(ring.identities.values()) if asked.level == "reviewed" else people
