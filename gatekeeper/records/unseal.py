"""Signed evidence opened: signatures verified with the keys that count now, then the very bytes they cover read."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from gatekeeper.evidence.reading import envelope
from gatekeeper.model.evidence import Envelope, Sealed
from gatekeeper.policy.trust import Ring
from gatekeeper.records.dsse import signers

_PAYLOAD_TYPE = re.compile(r"application/vnd\.in-toto(\.[A-Za-z0-9][A-Za-z0-9.+-]*)?\+json")


def unseal(given: Envelope, ring: Ring | None, now: datetime) -> Envelope:
    """The evidence in a sealed envelope, with the names of the keys that signed it and count now; others as they are.

    Without a valid signature it is unsigned evidence, and `unverified` says why. Never raises for what is in it.
    """
    sealed = given.sealed
    if sealed is None:
        return given
    if not _PAYLOAD_TYPE.fullmatch(sealed.payload_type):
        reason = "what was signed is of another payload type than application/vnd.in-toto+json"
        return msgspec.structs.replace(given, sealed=None, reason=reason, unverified=reason)
    signed_by, unverified = _verified(sealed, ring, now)
    producer = given.producer.name if given.producer else None
    opened = envelope(sealed.payload, source=given.source, name=given.name, producer=producer, unsealed=True)
    return msgspec.structs.replace(
        opened, digest=given.digest, payload=opened.payload or opened.digest, signed_by=signed_by, unverified=unverified
    )


def recall(given: Envelope, ring: Ring | None, now: datetime) -> Envelope:
    """Recorded evidence with the names of those keys that signed it then and count now; others as they are.

    A key that is no longer in the trust file, or is out of its time, does not count, and `unverified` says so.
    """
    if given.recorded is None or not given.recorded.keys:
        return given
    signed_by, unverified = _counting(frozenset(given.recorded.keys), ring, now)
    return msgspec.structs.replace(given, signed_by=signed_by, unverified=unverified or given.unverified)


def _verified(sealed: Sealed, ring: Ring | None, now: datetime) -> tuple[tuple[str, ...], str | None]:
    """The keys that count, and why no more of them do. Keys out of their time are tried to be able to say so."""
    return _counting(frozenset() if ring is None else signers(sealed, [key.public for key in ring.keys]), ring, now)


def _counting(signed: frozenset[str], ring: Ring | None, now: datetime) -> tuple[tuple[str, ...], str | None]:
    if ring is None:
        return (), "there is no trust.yaml to verify its signatures with"
    found = [key for key in ring.keys if key.public.fingerprint in signed]
    counting = tuple(sorted(key.name for key in found if not key.fault(now)))
    faults = [f"the key {key.name}, which {key.fault(now)}" for key in found if key.fault(now)]
    if faults:
        return counting, f"signed by {' and by '.join(faults)}"
    return counting, None if counting else f"signed by no key of {ring.file}"
