"""Files that a user names on disk: reports, policies, artifacts, as bytes."""

from __future__ import annotations

import os
import stat

from gatekeeper.errors import CannotActError

MAX_FILES = 10_000
_WILD = "*?["


def expand(path: str) -> list[str]:
    """The files that a path, folder or glob names, sorted; hidden ones are left out. Empty where there is none.

    What is there but cannot be read is listed too, so that it is missed. Raises CannotActError for a folder that
    cannot be listed or holds too much.
    """
    if os.path.isdir(path):
        return _below(path)
    if any(mark in path for mark in _WILD) and not os.path.lexists(path):
        from glob import iglob  # only for globs

        return sorted(found for found in iglob(path, recursive=True) if not os.path.isdir(found))
    return [path] if os.path.lexists(path) else []


def read_file(path: str, most: int) -> bytes:
    """The bytes of a file or pipe, one more than `most` at most. Raises CannotActError where it cannot be read."""
    try:
        return _content(path, most)
    except OSError as fault:
        raise CannotActError(f"{os.path.basename(path)} cannot be read: {fault.strerror}") from fault


def _content(path: str, most: int) -> bytes:
    # Opened without blocking: a pipe that nobody writes to is empty, and must not hold the gate up.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as file:
        kind = os.fstat(descriptor).st_mode
        if stat.S_ISFIFO(kind):
            os.set_blocking(descriptor, True)
        elif not stat.S_ISREG(kind):
            raise CannotActError(f"{os.path.basename(path)} is not a file")
        return file.read(most + 1)


def _below(top: str) -> list[str]:
    """Every file below, sorted; linked folders too, each folder once."""
    found: list[str] = []
    seen: set[str] = set()
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        real = os.path.realpath(folder)
        if real in seen:
            continue
        seen.add(real)
        for entry in _listed(folder):
            (waiting if _is_folder(entry) else found).append(entry.path)
        if len(found) + len(seen) > MAX_FILES:
            raise CannotActError(f"folder {os.path.basename(top)!r} holds more than {MAX_FILES} files and folders")
    return sorted(found)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads in a circle: listed as a file, and told when it is read
        return False


def _listed(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            shown = [entry for entry in entries if not entry.name.startswith(".")]
    except OSError as fault:
        raise CannotActError(f"folder {os.path.basename(folder)!r} cannot be listed: {fault.strerror}") from fault
    return sorted(shown, key=lambda entry: entry.name, reverse=True)
