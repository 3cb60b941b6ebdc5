"""Public keys as PEM text: Ed25519 and ECDSA P-256, and nothing else.

The SubjectPublicKeyInfo of each has one form (RFC 8410 section 4; RFC 5480 section 2, with an uncompressed point), so
it is compared byte for byte, and reading a trust file needs no cryptographic library.
"""

from __future__ import annotations

from binascii import Error as NotBase64
from binascii import a2b_base64, b2a_base64
from typing import Literal

from msgspec import Struct

from gatekeeper.model.digests import sha256_of

Algorithm = Literal["ed25519", "ecdsa-p256"]
ALGORITHMS: tuple[Algorithm, ...] = ("ed25519", "ecdsa-p256")

_BEGIN, _END = "-----BEGIN PUBLIC KEY-----", "-----END PUBLIC KEY-----"
_ED25519 = bytes.fromhex("302a300506032b6570032100")
_P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")
_P256_COMPRESSED = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200")
_EC, _RSA = bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06092a864886f70d0101")

_P = 2**256 - 2**224 + 2**192 + 2**96 - 1
_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
_25519 = 2**255 - 19
_ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER = frozenset({0, 1, _25519 - 1, _ORDER_8, _25519 - _ORDER_8})
"""The y of points of small order: under them a signature can be made without a private key."""


class PublicKey(Struct, frozen=True):
    """A public key. `der` is its SubjectPublicKeyInfo."""

    algorithm: Algorithm
    der: bytes

    @property
    def fingerprint(self) -> str:
        """`sha256:…` of the SubjectPublicKeyInfo, as `openssl pkey -pubin -outform DER | sha256sum` gives it."""
        return sha256_of(self.der)

    @property
    def pem(self) -> str:
        """The PEM text, ending in a line feed."""
        text = b2a_base64(self.der, newline=False).decode()
        lines = [text[start : start + 64] for start in range(0, len(text), 64)]
        return "\n".join([_BEGIN, *lines, _END, ""])


def parse_public_key(text: str) -> PublicKey:
    """The key. Raises ValueError, which never quotes the text: somebody may have put a private key there."""
    lines = [line.strip() for line in text.strip().splitlines()]
    if any("PRIVATE KEY" in line for line in lines):
        raise ValueError(
            "this is a private key: it is known to all who can read this file, and must be replaced, not only removed"
        )
    if len(lines) < 3 or lines[0] != _BEGIN or lines[-1] != _END:
        raise ValueError(
            f"not a PEM public key: it begins with {_BEGIN} and ends with {_END}, each on a line of its own"
        )
    try:
        der = a2b_base64("".join(lines[1:-1]).encode("ascii"), strict_mode=True)
    except (NotBase64, UnicodeEncodeError) as fault:
        raise ValueError("the key between its first and its last line is not base64") from fault
    return public_key(der)


def public_key(der: bytes) -> PublicKey:
    """The key of a SubjectPublicKeyInfo. Raises ValueError for one of another algorithm, or a point of no use."""
    if der.startswith(_ED25519) and len(der) == len(_ED25519) + 32:
        _check_ed25519(der[len(_ED25519) :])
        return PublicKey("ed25519", der)
    if der.startswith(_P256) and len(der) == len(_P256) + 64:
        _check_p256(der[len(_P256) :])
        return PublicKey("ecdsa-p256", der)
    raise ValueError(f"{_named(der)}; a key is Ed25519 or ECDSA P-256")


def _check_ed25519(point: bytes) -> None:
    y = int.from_bytes(point, "little") & (2**255 - 1)
    if y >= _25519 or y in _SMALL_ORDER:
        raise ValueError("this Ed25519 key is a point under which anybody can sign")


def _check_p256(point: bytes) -> None:
    x, y = int.from_bytes(point[:32], "big"), int.from_bytes(point[32:], "big")
    if max(x, y) >= _P or (y * y - x * x * x + 3 * x - _B) % _P:
        raise ValueError("this ECDSA key is no point of the curve P-256")


def _named(der: bytes) -> str:
    if der.startswith(_P256_COMPRESSED):
        return "this is an ECDSA P-256 key in compressed form: write it uncompressed, as openssl and cosign do"
    if _RSA in der[:40]:
        return "this is an RSA key"
    return "this is an ECDSA key of another curve" if _EC in der[:40] else "this is a key of another algorithm"
