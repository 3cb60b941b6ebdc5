"""DSSE envelopes taken apart: payload type, payload and signatures, and not a byte of the payload understood.

Source: github.com/secure-systems-lab/dsse, envelope.md. A Sigstore bundle (github.com/sigstore/protobuf-specs) holds
such an envelope; what else is in it, certificates and log entries, says nothing here, where the trust file names keys.
"""

from __future__ import annotations

from binascii import Error as NotBase64
from binascii import a2b_base64, b2a_base64
from typing import Any

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence.fields import mapping
from gatekeeper.model.evidence import Opened, Sealed, Signature

MAX_SIGNATURES = 32
MAX_SIG = 1024
MAX_KEYID = 1000
MAX_TYPE = 200

_PARTS = frozenset({"payloadType", "payload", "signatures"})
_TO_STANDARD = bytes.maketrans(b"-_", b"+/")


def is_sealed(report: Opened) -> bool:
    """Whether the document is a DSSE envelope, or a bundle around one; judged by its keys alone."""
    if report.form != "json" or not isinstance(report.json, dict):
        return False
    return report.json.keys() >= _PARTS or isinstance(report.json.get("dsseEnvelope"), dict)


def take_apart(report: Opened) -> Sealed:
    """The parts of an envelope. Raises EvidenceError for one without a signature, or with parts of a wrong form.

    Keys that DSSE does not know are ignored, as it asks.
    """
    document = report.json if report.json.keys() >= _PARTS else report.json["dsseEnvelope"]
    kind = document.get("payloadType")
    if not isinstance(kind, str) or not kind or len(kind) > MAX_TYPE:
        raise EvidenceError("the envelope's payloadType is no text, or too long")
    signatures = document.get("signatures")
    if not isinstance(signatures, list) or not signatures:
        raise EvidenceError("the envelope holds no signature")
    if len(signatures) > MAX_SIGNATURES:
        raise EvidenceError(f"the envelope holds {len(signatures)} signatures; at most {MAX_SIGNATURES} are read")
    return Sealed(
        payload_type=kind,
        payload=_bytes(document.get("payload"), "payload"),
        signatures=tuple(_signature(given, f"signatures[{index}]") for index, given in enumerate(signatures)),
    )


def _signature(given: Any, place: str) -> Signature:
    fields = mapping(given, place)
    sig, keyid = _bytes(fields.get("sig"), f"{place}.sig"), fields.get("keyid")
    if not 0 < len(sig) <= MAX_SIG:
        raise EvidenceError(f"{place}.sig is empty or longer than {MAX_SIG} bytes")
    if keyid is not None and (not isinstance(keyid, str) or len(keyid) > MAX_KEYID):
        raise EvidenceError(f"{place}.keyid is no text, or too long")
    return Signature(sig=sig, keyid=keyid)


def _bytes(text: Any, place: str) -> bytes:
    """Base64 in the standard or the URL-safe alphabet, padded, and written in the one way that its bytes have."""
    try:
        given = text.encode("ascii") if isinstance(text, str) else b"?"
        standard = given if b"+" in given or b"/" in given else given.translate(_TO_STANDARD)
        data = a2b_base64(standard, strict_mode=True)
    except (NotBase64, UnicodeEncodeError) as fault:
        raise EvidenceError(f"the envelope's {place} is not base64") from fault
    if b2a_base64(data, newline=False) != standard:
        raise EvidenceError(f"the envelope's {place} is not base64 as it is written")
    return data
