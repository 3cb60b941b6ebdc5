"""Running a tool while its output passes through, is hashed, and is kept nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from select import select
from time import monotonic

from msgspec import Struct

from gatekeeper.errors import CannotActError
from gatekeeper.model.instants import format_instant

_PATIENCE = 0.25
"""Seconds without output after which an ended tool's output is taken to be whole."""


class Recorded(Struct, frozen=True, kw_only=True):
    """How a tool ended. A tool killed by signal N has exit status 128 + N, as shells say it."""

    program: str
    exit_status: int
    started_at: str
    duration_seconds: float
    output_digest: str


def run_recorded(arguments: Sequence[str]) -> Recorded:
    """Run a tool; its standard output and error, as one stream, go to stdout. Raises CannotActError if it cannot start.

    The arguments are not recorded: they may hold secrets. Where nobody reads stdout the tool runs on and is recorded.
    """
    started, before, digest = datetime.now(UTC), monotonic(), sha256()
    program = os.path.basename(arguments[0])
    try:
        process = subprocess.Popen(  # noqa: S603 - to run what it is told is what this is for
            list(arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
    except (OSError, ValueError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else fault
        raise CannotActError(f"{program or 'the command'} cannot be started: {reason}") from fault
    passing = sys.stdout is not None
    for chunk in _output(process):
        digest.update(chunk)
        passing = passing and _passed_on(chunk)
    status = process.wait()
    return Recorded(
        program=_recordable(program),
        exit_status=status if status >= 0 else 128 - status,
        started_at=format_instant(started),
        duration_seconds=round(monotonic() - before, 3),
        output_digest=f"sha256:{digest.hexdigest()}",
    )


def _output(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """What the tool prints until it ends; what a process that it left behind prints later is not waited for."""
    assert process.stdout is not None
    with process.stdout as pipe:
        while True:
            ended = process.poll() is not None
            if select([pipe], [], [], _PATIENCE)[0]:
                chunk = os.read(pipe.fileno(), 65536)
                if not chunk:
                    return
                yield chunk
            elif ended:
                return


def _passed_on(chunk: bytes) -> bool:
    try:
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return False
    return True


def _recordable(program: str) -> str:
    """A file's name as text without folders: a name may hold bytes that are no text, and backslashes."""
    return os.fsencode(program).decode("utf-8", "replace").replace("\\", "_") or "_"
