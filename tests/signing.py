"""Keys, trust files and signed evidence for tests. A key follows from its name alone: it guards nothing."""

from __future__ import annotations

import json
from base64 import standard_b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gatekeeper.policy.publickey import Algorithm, PublicKey
from gatekeeper.policy.trust import Ring, load_trust
from gatekeeper.records.dsse import sign
from gatekeeper.records.keys import Signer, load_signer

PAYLOAD_TYPE = "application/vnd.in-toto+json"
DIGEST = "sha256:" + "a" * 64


def pair(name: str, algorithm: Algorithm = "ed25519") -> tuple[bytes, PublicKey]:
    """The private key in PEM and the public one, the same for a name throughout a run."""
    return _pair(name, algorithm)


@cache
def _pair(name: str, algorithm: Algorithm) -> tuple[bytes, PublicKey]:
    seed = sha256(f"{name} {algorithm}".encode()).digest()
    private = (
        Ed25519PrivateKey.from_private_bytes(seed)
        if algorithm == "ed25519"
        else derive_private_key(int.from_bytes(seed, "big") >> 1, SECP256R1())
    )
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem, load_signer(pem, None, name).public


def signer(name: str, algorithm: Algorithm = "ed25519") -> Signer:
    """The key of this name, ready to sign."""
    return load_signer(pair(name, algorithm)[0], None, f"{name}.key")


def key(name: str, algorithm: Algorithm = "ed25519", **times: str) -> dict[str, Any]:
    """The key's entry in a trust file."""
    return {"name": name, "public": pair(name, algorithm)[1].pem, **times}


def trust_text(
    owners: Mapping[str, Sequence[Mapping[str, Any]]], roles: Sequence[Mapping[str, Any]] = (), people: str = ""
) -> str:
    """A trust file of machines with their keys; those named in `people`, divided by spaces, are persons."""
    entries = [{"name": name, "keys": list(keys)} for name, keys in owners.items()]
    spec = {
        "people": [entry for entry in entries if entry["name"] in people.split()],
        "machines": [entry for entry in entries if entry["name"] not in people.split()],
        "roles": list(roles),
    }
    return json.dumps({"apiVersion": "gatekeeper/v1", "kind": "Trust", "metadata": {"name": "root"}, "spec": spec})


def ring(*args: Any, **options: Any) -> Ring:
    """The same, loaded."""
    return load_trust(trust_text(*args, **options).encode(), "trust.yaml")


def statement(
    predicate: Any, kind: str = "https://example.com/report/v1", subjects: Sequence[str] = (DIGEST,)
) -> dict[str, Any]:
    """A Statement about these digests."""
    named = [{"name": "x", "digest": dict([digest.split(":", 1)])} for digest in subjects]
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": named,
        "predicateType": kind,
        "predicate": predicate,
    }


def sealed(document: Any, *keys: Signer, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """A DSSE envelope around a document as JSON, signed by these keys."""
    return sign(payload_type, json.dumps(document).encode(), keys)


def envelope_json(payload: bytes, *signatures: Mapping[str, Any], payload_type: str = PAYLOAD_TYPE) -> bytes:
    """An envelope with signatures as given, valid or not."""
    body = standard_b64encode(payload).decode()
    return json.dumps({"payload": body, "payloadType": payload_type, "signatures": list(signatures)}).encode()
