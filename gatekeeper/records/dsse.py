"""DSSE v1: what is signed, and whose key signed it.

Source: github.com/secure-systems-lab/dsse, protocol.md and envelope.md. An ECDSA signature is DER, as cosign and
securesystemslib write it, or `r` and `s` side by side, as the protocol's own example has it.
"""

from __future__ import annotations

import json
from base64 import standard_b64encode
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from gatekeeper.errors import EvidenceError
from gatekeeper.model.evidence import Sealed, Signature
from gatekeeper.policy.publickey import PublicKey

if TYPE_CHECKING:
    from gatekeeper.records.keys import Signer


def pae(payload_type: str, payload: bytes) -> bytes:
    """The pre-authentication encoding: the bytes that are signed."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def signers(sealed: Sealed, keys: Sequence[PublicKey]) -> frozenset[str]:
    """The fingerprints of those of `keys` that signed. A key that signed twice has signed once.

    `keyid` only says which key is tried first.
    """
    message = pae(sealed.payload_type, sealed.payload)
    found: set[str] = set()
    for signature in sealed.signatures:
        order = sorted(keys, key=lambda key: key.fingerprint != signature.keyid)
        signer = next((key for key in order if is_signed(message, signature.sig, key)), None)
        if signer is not None:
            found.add(signer.fingerprint)
    return frozenset(found)


def is_signed(message: bytes, signature: bytes, key: PublicKey) -> bool:
    """Whether the signature is the key's, of exactly this message."""
    if key.algorithm == "ed25519":
        return _is_ed25519(message, signature, key)
    return any(_is_ecdsa(message, form, key) for form in _der_forms(signature))


def _is_ed25519(message: bytes, signature: bytes, key: PublicKey) -> bool:
    from cryptography.exceptions import InvalidSignature  # only where something is signed
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key.der[-32:]).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _is_ecdsa(message: bytes, signature: bytes, key: PublicKey) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.hashes import SHA256

    public = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), key.der[-65:])
    try:
        public.verify(signature, message, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _der_forms(signature: bytes) -> Iterable[bytes]:
    yield signature
    if len(signature) == 64:
        from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

        yield encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))


def sign(payload_type: str, payload: bytes, keys: Iterable[Signer]) -> bytes:
    """The envelope's file, with a signature by each key. Raises EvidenceError for a key that stands twice."""
    return with_signatures(Sealed(payload_type=payload_type, payload=payload, signatures=()), keys)


def with_signatures(sealed: Sealed, keys: Iterable[Signer]) -> bytes:
    """The envelope with a signature more by each key, over the same bytes. Raises EvidenceError as `sign` does."""
    message = pae(sealed.payload_type, sealed.payload)
    given = list(keys)
    present = signers(sealed, [key.public for key in given])
    if present or len({key.public.fingerprint for key in given}) < len(given):
        raise EvidenceError("this key has signed already: a second signature by it would count for nothing")
    added = [Signature(sig=key.sign(message), keyid=key.public.fingerprint) for key in given]
    return encode(
        Sealed(payload_type=sealed.payload_type, payload=sealed.payload, signatures=(*sealed.signatures, *added))
    )


def encode(sealed: Sealed) -> bytes:
    """The envelope as JSON, ending in a newline."""
    document = {
        "payloadType": sealed.payload_type,
        "payload": standard_b64encode(sealed.payload).decode(),
        "signatures": [_signature(signature) for signature in sealed.signatures],
    }
    return json.dumps(document, indent=1).encode() + b"\n"


def _signature(signature: Signature) -> dict[str, str]:
    sig = standard_b64encode(signature.sig).decode()
    return {"sig": sig} if signature.keyid is None else {"keyid": signature.keyid, "sig": sig}
