"""How long to go on while others write to the same branch: full jitter, bounded by a deadline."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from gatekeeper.errors import CannotActError


class Pace(Struct, frozen=True, kw_only=True):
    """How to wait for others. Times are seconds; `jitter(most)` gives a random number of them up to `most`.

    `hints` are the paths that every attempt reads.
    """

    elapsed: Callable[[], float]
    sleep: Callable[[float], None]
    jitter: Callable[[float], float]
    deadline: float = 120.0
    longest_pause: float = 30.0
    hints: tuple[str, ...] = ()


class Attempts:
    """The attempts at one write: `number` counts them from 1. Both waits raise CannotActError at the deadline.

    `written` is what is there by then.
    """

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._started = self._begun = pace.elapsed()
        self.number = 1
        self.written = "nothing was written"

    def lost(self, where: str) -> None:
        """Full jitter, on the scale of what an attempt takes here: writers that lost together do not meet again."""
        pace, now = self._pace, self._pace.elapsed()
        most = min((now - self._begun) * 2**self.number, pace.longest_pause)
        trouble = f"others were faster {where} for {pace.deadline:.0f} s and {self.number} attempts"
        self._pause(now, pace.jitter(most), trouble)

    def wait(self, seconds: float, trouble: str) -> None:
        """Before the next attempt. `trouble` says why, where the deadline would pass."""
        self._pause(self._pace.elapsed(), seconds, trouble)

    def _pause(self, now: float, seconds: float, trouble: str) -> None:
        if now - self._started + seconds > self._pace.deadline:
            raise CannotActError(f"{trouble}; {self.written}", "Run it again.")
        self._pace.sleep(seconds)
        self.number += 1
        self._begun = self._pace.elapsed()
