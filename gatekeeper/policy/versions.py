"""Semantic versions and the ranges that environments ask for."""

from __future__ import annotations

Key = tuple[int, int, int, int, tuple[tuple[int, int, str], ...]]


def version_key(version: str) -> Key:
    """Sorts as semantic versioning 2.0.0 §11 orders: a pre-release comes before its release."""
    core, _, pre = version.partition("-")
    major, minor, patch = (int(part) for part in core.split("."))
    return major, minor, patch, 0 if pre else 1, tuple(_identifier(part) for part in pre.split(".") if part)


def in_range(version: str, wanted: str) -> bool:
    """Whether `version` fits `^1.2` (same major), `~1.2` (same minor), or an exact version; `^0.2` stays in 0.2.

    A pre-release fits only a range that names it exactly.
    """
    mark, rest = (wanted[0], wanted[1:]) if wanted[0] in "^~=" else ("=", wanted)
    core, _, pre = rest.partition("-")
    parts = [int(part) for part in core.split(".")]
    if pre or "-" in version:
        return len(parts) == 3 and version == rest
    have = version_key(version)[:3]
    fixed = len(parts) if mark == "=" else _fixed(mark, parts)
    floor = (*parts, 0, 0)[:3]
    return have[:fixed] == tuple(floor[:fixed]) and have >= floor


def _fixed(mark: str, parts: list[int]) -> int:
    if mark == "~":
        return min(len(parts), 2)
    leading = next((index for index, part in enumerate(parts) if part), len(parts) - 1)
    return leading + 1


def _identifier(part: str) -> tuple[int, int, str]:
    return (0, int(part), "") if part.isdigit() else (1, 0, part)
