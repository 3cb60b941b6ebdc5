"""Paths inside a repository: `/` between parts, nothing that could lead out of it or into git's own folder."""

from __future__ import annotations

import re

from gatekeeper.errors import InvalidRequestError

_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|\u200c-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]')
_MAX = 1000
_MAX_PART = 255


def path_parts(path: str) -> tuple[str, ...]:
    """The parts of a relative path; none for `.` or an empty one. Raises InvalidRequestError when it is not safe.

    Refused: absolute paths, `..`, `.` and empty parts, `.git` in the spellings that file systems take for it, control
    and invisible characters, and what Windows cannot hold.
    """
    if path in {"", "."}:
        return ()
    parts = tuple(path.split("/"))
    if len(path) > _MAX or _FORBIDDEN.search(path) or not all(_is_safe(part) for part in parts):
        raise InvalidRequestError(f"{path[:200]!r} is not a safe path inside a repository")
    return parts


def _is_safe(part: str) -> bool:
    if not part or len(part.encode()) > _MAX_PART:
        return False
    folded = part.rstrip(". ").lower()
    return folded not in {"", ".git", "git~1"} and part == part.strip()
