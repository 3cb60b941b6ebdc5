"""What vouches for the approval of a waiver, where an environment asks for more than the file's own word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from gatekeeper.model.digests import sha256_of
from gatekeeper.model.environment import WaiverTerms
from gatekeeper.model.waiver import WaiverSpec
from gatekeeper.policy.documents import Document
from gatekeeper.policy.people import SIGNATURE
from gatekeeper.policy.trust import Ring
from gatekeeper.ports import Tree
from gatekeeper.promotion.reviews import Brought, vouched_by_forge

ROLE = "waive"


class Vouching(Struct, frozen=True, kw_only=True):
    """Where the waivers are and under whose eyes: the tree, the environment and its terms, the trust file, the time."""

    tree: Tree
    environment: str
    terms: WaiverTerms
    ring: Ring | None
    now: datetime


def waiver_faults(
    around: Vouching, documents: Sequence[Document], brought: Mapping[str, Sequence[Brought]]
) -> dict[str, str]:
    """By waiver, why nothing vouches for it as the environment asks; empty text where something does.

    At the level `asserted` only those with a signature are told of: one that is there must hold.
    """
    here = [one for one in documents if around.environment in one.waiver.spec.environments]
    found = {one.waiver.metadata.name: _fault(around, one, brought.get(one.file, ())) for one in here}
    return {name: fault for name, fault in found.items() if fault is not None}


def _fault(around: Vouching, document: Document, brought: Sequence[Brought]) -> str | None:
    envelope = around.tree.read(f"{document.file}{SIGNATURE}")
    level, spec = around.terms.level, document.waiver.spec
    if level == "asserted":
        return None if envelope is None else _signature_fault(around, document, envelope)
    if fault := _person_fault(around, spec):
        return fault
    if envelope is not None:
        return _signature_fault(around, document, envelope)
    if level == "signed":
        return f"{around.environment} asks for a signature, and there is no {document.file}{SIGNATURE}"
    return vouched_by_forge(spec.approved_by, brought, around.ring)


def _person_fault(around: Vouching, spec: WaiverSpec) -> str:
    """Why the approver may not let anything through here; empty where they may."""
    ring, by = around.ring, spec.approved_by
    if ring is None:
        return "no trust.yaml says who may waive"
    if by not in ring.people:
        return f"{ring.file} knows no person {by}"
    if not ring.has_role(by, ROLE, around.environment):
        return f"{by} has no role `{ROLE}` in {around.environment}"
    return f"{by} asked for it, under another name" if ring.is_named_in(by, spec.requested_by) else ""


def _signature_fault(around: Vouching, document: Document, envelope: bytes) -> str:
    from gatekeeper.records.signed_file import owners_of  # cryptography is loaded only where something is signed

    data = around.tree.read(document.file) or b""
    if sha256_of(data) != document.digest:
        return "the file changed while it was read"
    owners = owners_of("Waiver", data, envelope, around.ring, around.now)
    by = document.waiver.spec.approved_by
    if by in owners.names:
        return ""
    return owners.fault or f"it is signed by {', '.join(sorted(owners.names))}, not by {by}"
