"""What was read of a repository, kept between runs: a promotion after the first one fetches only what changed.

Each run writes one new file, a pack, and puts it in its place whole; files are never changed. Nothing in them is
believed: an object is the one that is asked for only if its content makes that id, and a broken file is passed over.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress

from gatekeeper.connect.git.address import redact
from gatekeeper.connect.git.objects import Item
from gatekeeper.connect.git.pack import TooLargeError, make_pack, unpack
from gatekeeper.errors import CannotActError
from gatekeeper.model.digests import is_commit

_MOST = 4 * 1024 * 1024
_MOST_INFLATED = 16 * 1024 * 1024
_FILES = 4


class Cache:
    """The files of one repository in `folder`."""

    def __init__(self, folder: str, address: str) -> None:
        named = hashlib.sha256(redact(address).encode("utf-8", "surrogateescape")).hexdigest()
        self._place = os.path.join(folder, named[:32])

    def load(self) -> tuple[tuple[str, ...], dict[str, Item]]:
        """The commits that the newest whole file was written for, and its objects; nothing where there is none."""
        for name in self._newest():
            tips = tuple(name.removesuffix(".pack").split("-"))
            items = self._read(name, "sha256" if len(tips[0]) == 64 else "sha1")
            if items:
                return tuple(tip for tip in tips if tip in items and items[tip].kind == "commit"), items
        return (), {}

    def save(self, tips: Sequence[str], used: Iterable[Item], others: Iterable[Item]) -> None:
        """Write a file for these commits: what was used, then what there is room for. A full disk is no failure."""
        if not tips or not all(is_commit(tip) for tip in tips):
            return
        kept = _fitting([*used, *others])
        data = make_pack(kept, "sha256" if len(tips[0]) == 64 else "sha1")
        with suppress(OSError):
            os.makedirs(self._place, mode=0o700, exist_ok=True)
            self._put(f"{'-'.join(tips)}.pack", data)
            for name in self._newest()[_FILES:]:
                os.unlink(os.path.join(self._place, name))

    def _put(self, name: str, data: bytes) -> None:
        handle, draft = tempfile.mkstemp(dir=self._place, prefix="draft-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.replace(draft, os.path.join(self._place, name))
        except OSError:
            with suppress(OSError):
                os.unlink(draft)
            raise

    def _newest(self) -> list[str]:
        found: list[tuple[float, str]] = []
        with suppress(OSError), os.scandir(self._place) as entries:
            for entry in entries:
                words = entry.name.removesuffix(".pack").split("-")
                with suppress(OSError):
                    if (
                        entry.name.endswith(".pack")
                        and entry.is_file(follow_symlinks=False)
                        and all(map(is_commit, words))
                    ):
                        found.append((entry.stat(follow_symlinks=False).st_mtime, entry.name))
        return [name for _, name in sorted(found, reverse=True)]

    def _read(self, name: str, algorithm: str) -> dict[str, Item]:
        try:
            with open(os.path.join(self._place, name), "rb") as file:
                data = file.read(2 * _MOST + 1)
            return unpack(data, algorithm, _MOST_INFLATED) if len(data) <= 2 * _MOST else {}
        except (OSError, CannotActError, TooLargeError):
            return {}


def _fitting(items: Iterable[Item]) -> list[Item]:
    kept: dict[str, Item] = {}
    room = _MOST
    for item in items:
        if item.oid not in kept and len(item.content) <= room:
            kept[item.oid] = item
            room -= len(item.content)
    return list(kept.values())
