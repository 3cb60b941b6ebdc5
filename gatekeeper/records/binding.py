"""Binding: a Statement around a report, which says what it is about, when it was made, and who vouches for it.

The Statement's file is its canonical form (RFC 8785) and a newline; signed, it is the payload of a DSSE envelope.
"""

from __future__ import annotations

from base64 import standard_b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from gatekeeper.errors import EvidenceError, InvalidRequestError, NotEvaluatedError
from gatekeeper.evidence.bound import MAX_REPORT, PREDICATE, Binding
from gatekeeper.evidence.in_toto import claims
from gatekeeper.evidence.opened import open_report
from gatekeeper.evidence.reading import envelope
from gatekeeper.evidence.sealed import is_sealed, take_apart
from gatekeeper.model.digests import sha256_of
from gatekeeper.model.evidence import Envelope
from gatekeeper.model.instants import format_instant
from gatekeeper.records.canonical import canonical
from gatekeeper.records.dsse import sign, with_signatures
from gatekeeper.records.keys import Signer
from gatekeeper.records.statement import STATEMENT
from gatekeeper.records.unseal import unseal

PAYLOAD_TYPE = "application/vnd.in-toto+json"


class Subject(Struct, frozen=True, kw_only=True):
    """One thing that a report is about: with a digest of in-toto, or an id that is none (a run, an md5)."""

    name: str
    algorithm: str | None = None
    value: str


class Wish(Struct, frozen=True, kw_only=True):
    """What is to be said of a report. `produced_at` where it is told, `now` the time of binding."""

    subjects: tuple[Subject, ...]
    now: datetime
    producer: str | None = None
    produced_at: datetime | None = None


def bind(data: bytes, source: str, wish: Wish, keys: Sequence[Signer]) -> bytes:
    """The file to write. Raises EvidenceError or NotEvaluatedError for a report that is not evaluated, about another
    image, or of another time than is said; InvalidRequestError for one that is bound already.
    """
    if len(data) > MAX_REPORT:
        raise EvidenceError(f"{source} has more than {MAX_REPORT} bytes")
    report = _usable(envelope(data, source=source, producer=wish.producer))
    if report.producer is None or report.producer.name == "in-toto" or _is_bound(data):
        raise InvalidRequestError(f"{source} is bound already", "Leave out what it is about, and sign it as it is.")
    payload = canonical(_statement(data, report.producer.name, wish)) + b"\n"
    _usable(envelope(payload, source=source, unsealed=True))
    return sign(PAYLOAD_TYPE, payload, keys) if keys else payload


def countersign(data: bytes, source: str, now: datetime, keys: Sequence[Signer]) -> bytes:
    """A bound report with a signature more by each key, over the same bytes. Raises as `bind` does."""
    report = open_report(data)
    if is_sealed(report):
        _usable(unseal(envelope(data, source=source), None, now))
        return with_signatures(take_apart(report), keys)
    if not claims(report):
        raise InvalidRequestError(f"{source} is not bound yet", "Say what it is about, with --about or --artifact.")
    _usable(envelope(data, source=source))
    return sign(PAYLOAD_TYPE, data, keys)


def _is_bound(data: bytes) -> bool:
    report = open_report(data)
    return report.form == "json" and claims(report)


def _usable(read: Envelope) -> Envelope:
    if read.sealed is not None:
        raise InvalidRequestError(
            f"{read.source} is signed already", "Leave out what it is about to sign it once more."
        )
    if read.status == "error":
        raise EvidenceError(f"{read.source}: {read.reason}")
    if read.status == "not_evaluated":
        raise NotEvaluatedError(f"{read.source} evaluated nothing: {read.reason}")
    return read


def _statement(data: bytes, producer: str, wish: Wish) -> dict[str, Any]:
    digest = sha256_of(data)
    subjects = [
        {"name": subject.name, "digest": {subject.algorithm: subject.value}}
        for subject in wish.subjects
        if subject.algorithm is not None
    ]
    binding = Binding(
        producer=producer,
        digest=digest,
        report=standard_b64encode(data).decode(),
        bound_at=format_instant(wish.now),
        produced_at=None if wish.produced_at is None else format_instant(wish.produced_at),
        about=tuple(subject.value for subject in wish.subjects if subject.algorithm is None),
    )
    return {
        "_type": STATEMENT,
        # A Statement has a subject; of what has no digest, it is the report itself.
        "subject": subjects or [{"name": "report", "digest": {"sha256": digest.removeprefix("sha256:")}}],
        "predicateType": PREDICATE,
        "predicate": msgspec.to_builtins(binding),
    }
