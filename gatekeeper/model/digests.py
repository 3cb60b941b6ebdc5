"""What names content by what it is: digests, `sha256:` and 64 lower-case hex digits, and the ids of commits."""

from __future__ import annotations

import re

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


def is_sha256(text: str) -> bool:
    """Whether `text` is a digest as gatekeeper writes it."""
    return re.fullmatch("sha256:[0-9a-f]{64}", text) is not None


def is_md5(text: str) -> bool:
    """Whether `text` is a digest as DVC writes it, `.dir` standing for a folder. It stops mistakes only."""
    return re.fullmatch(r"md5:[0-9a-f]{32}(\.dir)?", text) is not None


def is_commit(text: str) -> bool:
    """Whether `text` is the id of a git commit in full, of sha1 or sha256."""
    return re.fullmatch("[0-9a-f]{40}|[0-9a-f]{64}", text) is not None


def is_id(text: str) -> bool:
    """Whether `text` can name what has no digest of its own, a run or a shortened commit, and passes for no digest."""
    return re.fullmatch("(?!sha256:|md5:|gitCommit:)[!-~]{1,200}", text) is not None
