"""A temporary object folder: what was fetched and what is to be pushed, with no working tree and no index.

Two git folders share it. The one that fetches knows the remote as a promisor, so that git takes partial packs; the one
that reads and pushes does not, since git would then download what is missing, one object at a time.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from gatekeeper.connect.git.objects import Loose
from gatekeeper.errors import CannotActError

REMOTE = "gatekeeper"


class Workspace:
    """Made for one remote repository; gone when closed or no longer used.

    Raises CannotActError where there is no room for it.
    """

    def __init__(self, address: str, algorithm: str = "sha1", alternate: str | None = None) -> None:
        self.algorithm = algorithm
        with _room():
            self._folder = tempfile.mkdtemp(prefix="gatekeeper-git-")
        self._remove = weakref.finalize(self, _remove, self._folder)
        self.git_dir = os.path.join(self._folder, "push.git")
        self.fetch_dir = os.path.join(self._folder, "fetch.git")
        self.objects = os.path.join(self.git_dir, "objects")
        with _room():
            for place in (self.git_dir, self.fetch_dir):
                _make(place)
            _write(os.path.join(self.git_dir, "config"), _config(address, algorithm, promisor=False))
            _write(os.path.join(self.fetch_dir, "config"), _config(address, algorithm, promisor=True))
        if alternate:
            self.see([alternate])

    def see(self, places: Sequence[str]) -> None:
        """Let the objects of other folders be found here."""
        with _room():
            _write(os.path.join(self.objects, "info", "alternates"), "".join(f"{place}\n" for place in places))

    def store(self, item: Loose) -> str:
        """Put a loose object in the folder, and give its id. Raises CannotActError where there is no room for it."""
        folder = os.path.join(self.objects, item.oid[:2])
        with _room():
            os.makedirs(folder, exist_ok=True)
            with open(os.path.join(folder, item.oid[2:]), "wb") as file:
                file.write(item.data)
        return item.oid

    def close(self) -> None:
        """Remove the folder."""
        self._remove()


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise CannotActError(
            f"cannot write temporary files: {fault.strerror or fault}",
            "Make room in the folder for temporary files, or name another one by TMPDIR.",
        ) from fault


def _make(place: str) -> None:
    for folder in ("refs", os.path.join("objects", "info"), os.path.join("objects", "pack")):
        os.makedirs(os.path.join(place, folder))
    _write(os.path.join(place, "HEAD"), "ref: refs/heads/none\n")


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="\n") as file:
        file.write(text)


def _config(address: str, algorithm: str, *, promisor: bool) -> str:
    """In a file and not on the command line, where every user of the machine could read a password in the address."""
    extensions = [f"objectFormat = {algorithm}"] * (algorithm != "sha1") + [f"partialClone = {REMOTE}"] * promisor
    quoted = address.replace("\\", "\\\\").replace('"', '\\"')
    lines = [
        "[core]",
        f"repositoryFormatVersion = {int(bool(extensions))}",
        "bare = true",
        *(["[extensions]", *extensions] if extensions else []),
        f'[remote "{REMOTE}"]',
        f'url = "{quoted}"',
        *(["promisor = true"] if promisor else []),
    ]
    return "\n".join(lines) + "\n"


def _remove(folder: str) -> None:
    import shutil  # at the end, where its cost no longer matters

    shutil.rmtree(folder, ignore_errors=True)
