"""How results leave: to stdout, or to a file whole or not at all. What cannot be written is exit 4, never a verdict."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable

from gatekeeper.errors import CannotActError, InvalidRequestError


def check_places(places: Iterable[str]) -> None:
    """Refuse, before anything is judged, a file in no folder, a folder, and one file for two results."""
    seen: set[str] = set()
    for place in places:
        if not place or not os.path.isdir(os.path.dirname(place) or ".") or os.path.isdir(place):
            shown = place or "an empty name"
            raise InvalidRequestError(f"{shown} cannot be written: there is no such folder, or it is one")
        real = os.path.realpath(place)
        if real in seen and _is_file_or_free(real):
            raise InvalidRequestError(f"{place} is named twice: one result would overwrite the other")
        seen.add(real)


def write_file(path: str, data: bytes) -> None:
    """Write a file whole or not at all; a pipe or device is written to, a link leads to what is written.

    Raises CannotActError.
    """
    try:
        if _is_file_or_free(path):
            _replace(os.path.realpath(path), data)
        else:
            with open(path, "wb") as file:
                file.write(data)
    except OSError as fault:
        raise CannotActError(f"{path} cannot be written: {fault.strerror}") from fault


def discard(path: str) -> None:
    """Remove what an earlier run left at `path`, so that it cannot pass for the result of this one.

    Raises CannotActError.
    """
    try:
        if os.path.lexists(path) and _is_file_or_free(path):
            os.unlink(os.path.realpath(path))
    except FileNotFoundError:
        return
    except OSError as fault:
        raise CannotActError(f"{path} cannot be replaced: {fault.strerror}") from fault


def write_result(place: str | None, result: str | bytes) -> None:
    """To the file that `--output` names, else to stdout; text in UTF-8. Raises CannotActError."""
    data = result if isinstance(result, bytes) else result.encode("utf-8", "backslashreplace")
    if place is None:
        write_bytes(data)
    else:
        write_file(place, data)


def write_stdout(text: str) -> None:
    """The result, in UTF-8 whatever the locale says. Raises CannotActError where nobody takes it."""
    write_bytes(text.encode("utf-8", "backslashreplace"))


def write_bytes(data: bytes) -> None:
    """Bytes as they are to stdout, at once. Raises CannotActError where nobody takes them."""
    if sys.stdout is None:
        raise CannotActError("the result cannot be written: stdout is closed")
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError as fault:
        silence(1)
        raise CannotActError(f"the result cannot be written to stdout: {fault.strerror}") from fault


def flush_stdout() -> None:
    """Send what others have printed. Raises CannotActError where nobody takes it."""
    if sys.stdout is not None:
        write_bytes(b"")


def complain(text: str) -> None:
    """Text to stderr; where nobody takes it, the exit code alone has to tell."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except OSError:
        silence(2)


def silence(descriptor: int) -> None:
    """Give up on stdout or stderr: else the interpreter tries once more at its end, and its exit code replaces ours."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


def _is_file_or_free(path: str) -> bool:
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except FileNotFoundError:
        return True


def _replace(path: str, data: bytes) -> None:
    # In the same folder, as only there a rename is one step, and new, so that no link laid there leads elsewhere.
    scratch = os.path.join(os.path.dirname(path), f".gatekeeper-{os.urandom(6).hex()}.part")
    try:
        with open(scratch, "xb") as file:
            file.write(data)
        os.replace(scratch, path)
    except BaseException:
        if os.path.lexists(scratch):
            os.unlink(scratch)
        raise
