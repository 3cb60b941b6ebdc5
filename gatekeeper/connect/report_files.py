"""Report files on disk: what `--evidence` names, as bytes."""

from __future__ import annotations

import os
from collections.abc import Iterator

from gatekeeper.errors import CannotActError

MAX_FILES = 10_000
_WILD = "*?["


def expand(path: str) -> list[str]:
    """The files that a path, folder or glob names, sorted; hidden ones are left out. Empty where there is none."""
    if os.path.isdir(path):
        return sorted(_below(path))
    if any(mark in path for mark in _WILD) and not os.path.exists(path):
        from glob import iglob  # only for globs

        return sorted(found for found in iglob(path, recursive=True) if os.path.isfile(found))
    return [path] if os.path.exists(path) else []


def read_report(path: str, most: int) -> bytes:
    """The bytes of a report, one more than `most` at most. Raises CannotActError where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read(most + 1)
    except OSError as fault:
        raise CannotActError(f"{os.path.basename(path)} cannot be read: {fault.strerror}") from fault


def _below(folder: str) -> Iterator[str]:
    count = 0
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith("."):
                count += 1
                if count > MAX_FILES:
                    raise CannotActError(f"{folder} holds more than {MAX_FILES} files")
                yield os.path.join(place, name)
