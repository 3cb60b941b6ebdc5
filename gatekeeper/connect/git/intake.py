"""Taking in a pack: small ones in memory, the rest by `git index-pack`, without ever holding it whole."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Iterator
from itertools import chain

from gatekeeper.connect.git.address import words
from gatekeeper.connect.git.command import command, environment, stop
from gatekeeper.connect.git.pack import TooLargeError, unpack
from gatekeeper.connect.git.store import Store
from gatekeeper.errors import CannotActError

SMALL = 8 * 1024 * 1024


def take_in(store: Store, pieces: Iterator[bytes], *, leans: bool = False) -> None:
    """Put the objects of a pack into the store. Raises CannotActError for a broken one.

    One that leans on objects that are here gives those that lean on no others, and is refused where it is large.
    """
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size > SMALL:
            if leans:
                raise CannotActError("what changed is more than is read in one piece")
            return _indexed(store, chain(held, pieces))
    try:
        bases = store.held() if leans else None
        store.add(unpack(b"".join(held), store.workspace.algorithm, bases=bases))
    except TooLargeError:
        _indexed(store, held)
    return None


def _indexed(store: Store, pieces: Iterable[bytes]) -> None:
    process = subprocess.Popen(  # noqa: S603 - no shell, fixed words
        command(store.workspace.git_dir, ["index-pack", "--stdin"]),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment(),
        start_new_session=True,
    )
    try:
        said = _fed(process, pieces)
    finally:
        stop(process)
    if process.returncode:
        raise CannotActError(f"git cannot take in what the server sent: {words(said) or 'it ended early'}")
    store.taken()


def _fed(process: subprocess.Popen[bytes], pieces: Iterable[bytes]) -> bytes:
    assert process.stdin is not None
    try:
        for piece in pieces:
            process.stdin.write(piece)
    except BrokenPipeError:  # it tells why on its error output
        pass
    return process.communicate()[1]
