"""A lasting process that is spoken to in bytes, and stopped when it makes us wait too long."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import IO

from gatekeeper.connect.git.address import words
from gatekeeper.connect.git.command import end, environment, stop
from gatekeeper.errors import CannotActError


class SilentError(CannotActError):
    """The other side ended."""


class Talk:
    """One process; what it says on its error output is told when it ends.

    Raises CannotActError where there is no such program.
    """

    def __init__(self, argv: Sequence[str], extra: dict[str, str], timeout: float) -> None:
        self._timeout = timeout
        self._late = False
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - a pipe that nobody reads would fill up and block
        try:
            self._process = subprocess.Popen(  # noqa: S603 - no shell of ours; the address was checked
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                env=environment(extra),
                start_new_session=True,
            )
        except OSError as fault:
            self._said.close()
            raise CannotActError(f"cannot run {os.path.basename(argv[0])}: {fault.strerror}") from fault

    @contextmanager
    def patience(self) -> Iterator[None]:
        """What happens inside must be done in time."""
        timer = threading.Timer(self._timeout, self._give_up)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _give_up(self) -> None:
        self._late = True
        end(self._process)

    def send(self, data: bytes) -> None:
        """Raises SilentError where nobody listens."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except OSError as fault:
            raise self._ended() from fault

    def read(self, count: int) -> bytes:
        """Exactly `count` bytes. Raises SilentError where fewer come."""
        assert self._process.stdout is not None
        try:
            data = self._process.stdout.read(count)
        except (OSError, ValueError) as fault:
            raise self._ended() from fault
        if len(data) != count:
            raise self._ended()
        return data

    def line(self) -> bytes:
        """One short line, without its end; nothing where the other side ended."""
        assert self._process.stdout is not None
        return self._process.stdout.readline(1024).rstrip(b"\n")

    def _ended(self) -> CannotActError:
        said = self.close()
        if self._late:
            return CannotActError(f"no answer within {self._timeout:.0f} s")
        return SilentError(said or "the connection ended early")

    def close(self) -> str:
        """End the process; what it said on its error output."""
        if self._said.closed:
            return ""
        stop(self._process)
        for pipe in (self._process.stdin, self._process.stdout):
            _close(pipe)
        self._said.seek(0)
        text = words(self._said.read(10_000))
        self._said.close()
        return text

    def __del__(self) -> None:
        self.close()


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        with suppress(OSError):  # what was not yet written is of no use to anybody
            pipe.close()
