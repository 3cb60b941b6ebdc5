"""Docker's credential helpers, `docker-credential-NAME get`: run for a bounded time, their output never shown."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess

import msgspec
from msgspec import Struct, field

from gatekeeper.errors import CannotActError

TIMEOUT = 30.0
"""Seconds; helpers of clouds ask their own servers."""
_MAX_OUTPUT = 64 * 1024
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_NONE = b"credentials not found"


class Given(Struct, frozen=True, kw_only=True):
    """What a helper gave. Its text shows none of it."""

    user: str = field(name="Username", default="")
    secret: str = field(name="Secret", default="")

    def __repr__(self) -> str:
        return "Given()"


def ask_helper(name: str, server: str, seconds: float = TIMEOUT) -> Given | None:
    """The credentials that the helper has for a server; None where it says that it has none.

    Raises CannotActError where there is no such helper, it fails, takes too long or answers something else.
    """
    program = shutil.which(f"docker-credential-{name}") if _NAME.fullmatch(name) else None
    if program is None:
        shown = f"docker-credential-{name}" if _NAME.fullmatch(name) else "the credential helper"
        raise CannotActError(f"{shown}, which the file of docker login names, is not installed", _REMEDY)
    status, output = _run(program, f"docker-credential-{name}", server, seconds)
    if status != 0:
        if _NONE in output[:1000]:
            return None
        raise CannotActError(f"docker-credential-{name} failed with exit status {status}", _REMEDY)
    given = _given(output)
    if given is None:
        raise CannotActError(f"docker-credential-{name} did not answer as credential helpers do", _REMEDY)
    return given if given.secret else None


_REMEDY = "Run it by hand to see why, or take it out of credHelpers and credsStore."


def _run(program: str, shown: str, server: str, seconds: float) -> tuple[int, bytes]:
    try:
        process = subprocess.Popen(  # noqa: S603 - the program that the user's own file names
            [program, "get"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as fault:
        raise CannotActError(f"{shown} cannot be started: {fault.strerror}", _REMEDY) from None
    try:
        output, _ = process.communicate(f"{server}\n".encode(), timeout=seconds)
    except subprocess.TimeoutExpired:
        raise CannotActError(f"{shown} took longer than {seconds:g} s", _REMEDY) from None
    finally:
        _end(process)
    return process.returncode, output


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the helper and what it started, where it is still there; its own session is its own group."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _given(output: bytes) -> Given | None:
    try:
        return msgspec.json.decode(output, type=Given) if len(output) <= _MAX_OUTPUT else None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
