"""A working tree as a `Tree`: read from disk, never outside its root."""

from __future__ import annotations

import os
import stat

from gatekeeper.errors import CannotActError
from gatekeeper.model.paths import path_parts

MAX_FILE = 16 * 1024 * 1024


class FolderTree:
    """The folder at `root`. A symbolic link is followed as long as it stays inside; one that leads out is refused."""

    commit: str | None = None

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)
        if not os.path.isdir(self.root):
            raise CannotActError(f"{root} is not a folder")

    def read(self, path: str) -> bytes | None:
        """The bytes of the file at `path`, or None where there is none. Raises CannotActError."""
        place = self._inside(path)
        try:
            return _content(place, path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as fault:
            raise CannotActError(f"{path} cannot be read: {fault.strerror}") from fault

    def names(self, folder: str) -> tuple[str, ...]:
        """Sorted names of what is directly in `folder` and is no folder. Raises CannotActError."""
        return self._listed(folder, folders=False)

    def folders(self, folder: str) -> tuple[str, ...]:
        """Sorted names of the folders directly in `folder`. Raises CannotActError."""
        return self._listed(folder, folders=True)

    def _listed(self, folder: str, *, folders: bool) -> tuple[str, ...]:
        place = self._inside(folder)
        try:
            with os.scandir(place) as entries:
                return tuple(sorted(entry.name for entry in entries if entry.is_dir() is folders))
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as fault:
            raise CannotActError(f"{folder} cannot be listed: {fault.strerror}") from fault

    def _inside(self, path: str) -> str:
        place = os.path.realpath(os.path.join(self.root, *path_parts(path)))
        if place != self.root and not place.startswith(os.path.join(self.root, "")):
            raise CannotActError(f"{path} is a symbolic link that leads out of the repository")
        return place


def _content(place: str, path: str) -> bytes | None:
    # Not blocking, so that a named pipe cannot hold the gate up before it is seen to be one.
    descriptor = os.open(place, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        return _read(descriptor, path)
    finally:
        os.close(descriptor)


def _read(descriptor: int, path: str) -> bytes | None:
    kind = os.fstat(descriptor)
    if stat.S_ISDIR(kind.st_mode):
        return None
    if not stat.S_ISREG(kind.st_mode):
        raise CannotActError(f"{path} is not a file")
    with open(descriptor, "rb", closefd=False) as file:
        data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        raise CannotActError(f"{path} is larger than {MAX_FILE} bytes")
    return data
