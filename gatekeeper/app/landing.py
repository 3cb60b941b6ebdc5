"""A small change of a branch: derived from its tip, put there by compare-and-swap, derived anew when it has moved."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from gatekeeper.app.pacing import Attempts, Pace
from gatekeeper.model.project import Folders
from gatekeeper.ports import Tip, Tree
from gatekeeper.ports.repository import Repository

FoldersOf = Callable[[Tree], Folders]
"""Where a commit says that its files lie."""


class Write(Struct, frozen=True, kw_only=True):
    """The files of a commit, and its message; those that are None are removed."""

    files: dict[str, bytes | None]
    message: str


def land(repository: Repository, derive: Callable[[Tip], Write | None], pace: Pace) -> str | None:
    """The commit that landed; None where there was nothing to write.

    `derive` is called again with every new tip. Raises CannotActError when the push is refused, or when others were
    faster until the deadline; then nothing was written.
    """
    attempts = Attempts(pace)
    while True:
        tip = repository.tip()
        tip.prefetch(pace.hints)
        write = derive(tip)
        if write is None:
            return None
        landing = repository.commit(tip, write.files, write.message)
        if not landing.moved:
            return landing.commit
        attempts.lost(f"at {repository.name}")
