"""Content digests as they are written everywhere: `sha256:` and 64 lower-case hex digits."""

from __future__ import annotations

_LARGE = 1 << 20


def sha256_of(data: bytes) -> str:
    """The digest of `data`."""
    if len(data) < _LARGE:
        # Loading OpenSSL takes longer than hashing a small file with the interpreter's own code.
        try:
            from _sha256 import sha256  # type: ignore[import-not-found, unused-ignore]
        except ImportError:
            try:
                from _sha2 import sha256  # type: ignore[import-not-found, unused-ignore]
            except ImportError:
                from hashlib import sha256
    else:
        from hashlib import sha256
    return f"sha256:{sha256(data).hexdigest()}"
