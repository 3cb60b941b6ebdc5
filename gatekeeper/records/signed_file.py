"""Signatures beside a file of ours: a DSSE envelope over exactly its bytes, by a key of whoever the file speaks for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence.opened import open_report
from gatekeeper.evidence.sealed import is_sealed, take_apart
from gatekeeper.model.evidence import Sealed
from gatekeeper.policy.trust import Ring
from gatekeeper.records.dsse import sign, signers
from gatekeeper.records.keys import Signer

PAYLOAD_TYPES = {
    "Approval": "application/vnd.ml-gatekeeper.approval.v1+yaml",
    "Waiver": "application/vnd.ml-gatekeeper.waiver.v1+yaml",
}
"""By kind: a signature of one can never pass for one of the other."""

MAX_ENVELOPE = 4 * 1024 * 1024


class Owners(msgspec.Struct, frozen=True):
    """Whose keys signed the file and count now; `fault` says why none does, or which of them do not."""

    names: frozenset[str] = frozenset()
    fault: str = ""


def sign_file(kind: str, data: bytes, keys: Iterable[Signer]) -> bytes:
    """The envelope to lay beside the file."""
    return sign(PAYLOAD_TYPES[kind], data, keys)


def owners_of(kind: str, data: bytes, envelope: bytes, ring: Ring | None, now: datetime) -> Owners:
    """Whose keys signed the file's bytes. Never raises for what is in the envelope."""
    try:
        sealed = _sealed(envelope)
    except EvidenceError as fault:
        return Owners(fault=f"its signatures cannot be read: {fault.message}")
    if sealed.payload_type != PAYLOAD_TYPES[kind]:
        return Owners(fault=f"what was signed is no {kind.lower()}: its payload type is not {PAYLOAD_TYPES[kind]}")
    if sealed.payload != data:
        return Owners(fault="what was signed is not what the file says now")
    if ring is None:
        return Owners(fault="there is no trust.yaml to verify its signatures with")
    return _owners(sealed, ring, now)


def _sealed(envelope: bytes) -> Sealed:
    if len(envelope) > MAX_ENVELOPE:
        raise EvidenceError(f"they have {len(envelope)} bytes; at most {MAX_ENVELOPE} are read")
    report = open_report(envelope)
    if not is_sealed(report):
        raise EvidenceError("this is no DSSE envelope")
    return take_apart(report)


def _owners(sealed: Sealed, ring: Ring, now: datetime) -> Owners:
    signed = signers(sealed, [key.public for key in ring.keys])
    found = [key for key in ring.keys if key.public.fingerprint in signed]
    faults = [f"the key {key.name}, which {key.fault(now)}" for key in found if key.fault(now)]
    names = frozenset(key.owner for key in found if not key.fault(now))
    if faults:
        return Owners(names, f"signed by {' and by '.join(faults)}")
    return Owners(names, "" if names else f"signed by no key of {ring.file}")
