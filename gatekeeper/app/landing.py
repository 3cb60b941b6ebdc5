"""A small change of a branch: derived from its tip, put there by compare-and-swap, derived anew when it has moved."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from gatekeeper.errors import CannotActError
from gatekeeper.model.project import Folders
from gatekeeper.ports import Tip, Tree
from gatekeeper.ports.repository import Repository

FoldersOf = Callable[[Tree], Folders]
"""Where a commit says that its files lie."""


class Write(Struct, frozen=True, kw_only=True):
    """The files of a commit, and its message; those that are None are removed."""

    files: dict[str, bytes | None]
    message: str


class Pace(Struct, frozen=True, kw_only=True):
    """How to wait for others. Times are seconds; `jitter(most)` gives a random number of them up to `most`.

    `hints` are the paths that deriving reads.
    """

    elapsed: Callable[[], float]
    sleep: Callable[[float], None]
    jitter: Callable[[float], float]
    deadline: float = 120.0
    longest_pause: float = 10.0
    hints: tuple[str, ...] = ()


def land(repository: Repository, derive: Callable[[Tip], Write | None], pace: Pace) -> str | None:
    """The commit that landed; None where there was nothing to write.

    `derive` is called again with every new tip. Raises CannotActError when the push is refused, or when others were
    faster until the deadline; then nothing was written.
    """
    started, attempt = pace.elapsed(), 1
    while True:
        begun = pace.elapsed()
        tip = repository.tip()
        tip.prefetch(pace.hints)
        write = derive(tip)
        if write is None:
            return None
        landing = repository.commit(tip, write.files, write.message)
        if not landing.moved:
            return landing.commit
        now = pace.elapsed()
        pause = pace.jitter(min((now - begun) * 2**attempt, pace.longest_pause))
        if now - started + pause > pace.deadline:
            message = f"others were faster for {pace.deadline:.0f} s and {attempt} attempts; nothing was written"
            raise CannotActError(message, "Run it again.")
        pace.sleep(pause)
        attempt += 1
