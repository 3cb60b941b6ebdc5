"""Private keys: made, read from PEM, and signing. What is wrong with one is said without a byte of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from gatekeeper.errors import InvalidRequestError
from gatekeeper.policy.publickey import Algorithm, PublicKey, public_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    PrivateKey = Ed25519PrivateKey | EllipticCurvePrivateKey

_SIGSTORE = ("ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY")


class Signer(Struct, frozen=True):
    """A key that can sign; how it is held stays in `sign`, so that nothing prints it."""

    public: PublicKey
    sign: Callable[[bytes], bytes]


def generate(algorithm: Algorithm, passphrase: bytes | None) -> tuple[bytes, PublicKey]:
    """A new private key as PKCS#8 PEM, encrypted where a passphrase is given, and its public key."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519  # only where something is signed
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    key: PrivateKey = (
        ed25519.Ed25519PrivateKey.generate() if algorithm == "ed25519" else ec.generate_private_key(ec.SECP256R1())
    )
    protection = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, protection), _public(key)


def load_signer(pem: bytes, passphrase: bytes | None, file: str) -> Signer:
    """The key in a PEM file: PKCS#8, encrypted or not, or `EC PRIVATE KEY`. Raises InvalidRequestError."""
    from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.hashes import SHA256

    key = _loaded(pem, passphrase, file)
    if isinstance(key, Ed25519PrivateKey):
        return Signer(_public(key), key.sign)
    if isinstance(key, EllipticCurvePrivateKey) and key.curve.name == "secp256r1":
        ecdsa = key
        return Signer(_public(ecdsa), lambda message: ecdsa.sign(message, ECDSA(SHA256())))
    raise InvalidRequestError(f"{file} holds a key of another algorithm", _MAKE)


_MAKE = "A key is Ed25519 or ECDSA P-256; `gatekeeper keygen` makes one."


def _loaded(pem: bytes, passphrase: bytes | None, file: str) -> object:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if any(f"-----BEGIN {form}-----".encode() in pem for form in _SIGSTORE):
        raise InvalidRequestError(
            f"{file} is in cosign's own encrypted form, which is not read here",
            "Make the key with `gatekeeper keygen`: `cosign import-key-pair` reads that.",
        )
    if b"-----BEGIN PUBLIC KEY-----" in pem:
        raise InvalidRequestError(f"{file} is the public key; it takes the private one to sign")
    is_encrypted = b"ENCRYPTED" in pem
    if is_encrypted and passphrase is None:
        remedy = "Name the variable that holds its passphrase with --passphrase-env."
        raise InvalidRequestError(f"{file} is encrypted", remedy)
    try:
        return load_pem_private_key(pem, passphrase if is_encrypted else None)
    except (TypeError, ValueError, UnsupportedAlgorithm) as fault:
        told = "or the passphrase is not its own" if is_encrypted else "as PKCS#8 or `EC PRIVATE KEY`"
        raise InvalidRequestError(f"{file} holds no private key in PEM, {told}", _MAKE) from fault


def _public(key: PrivateKey) -> PublicKey:
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    return public_key(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
