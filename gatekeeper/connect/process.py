"""Running a tool while its output passes through, is hashed, and is kept nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from time import monotonic

from msgspec import Struct

from gatekeeper.errors import CannotActError
from gatekeeper.model.instants import format_instant


class Recorded(Struct, frozen=True, kw_only=True):
    """How a tool ended. A tool killed by signal N has exit status 128 + N, as shells say it."""

    program: str
    exit_status: int
    started_at: str
    duration_seconds: float
    output_digest: str


def run_recorded(arguments: Sequence[str]) -> Recorded:
    """Run a tool; its standard output and error, as one stream, go to stdout. Raises CannotActError if it cannot start.

    The arguments are not recorded: they may hold secrets.
    """
    started, before, digest = datetime.now(UTC), monotonic(), sha256()
    try:
        # The command is the user's own, and to run it is what was asked.
        process = subprocess.Popen(list(arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # noqa: S603
    except OSError as fault:
        raise CannotActError(f"{os.path.basename(arguments[0])} cannot be started: {fault.strerror}") from fault
    assert process.stdout is not None
    while chunk := process.stdout.read1(65536):  # type: ignore[attr-defined]
        digest.update(chunk)
        sys.stdout.buffer.write(chunk)
        sys.stdout.buffer.flush()
    status = process.wait()
    return Recorded(
        program=os.path.basename(arguments[0]),
        exit_status=status if status >= 0 else 128 - status,
        started_at=format_instant(started),
        duration_seconds=round(monotonic() - before, 3),
        output_digest=f"sha256:{digest.hexdigest()}",
    )
