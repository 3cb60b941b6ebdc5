"""Talk for people who wait: on stderr, one line that comes and goes on a terminal; lines that stay with `-v`."""

from __future__ import annotations

import sys
from collections.abc import Callable

from gatekeeper.cli.writing import complain

Tell = Callable[[str], None]


def talk(*, quiet: bool, verbose: int) -> tuple[Tell, Callable[[], None]]:
    """How to tell what is going on, and how to end it; both do nothing where nobody looks or asked for silence."""
    if quiet or sys.stderr is None:
        return _nothing, lambda: None
    if verbose:
        return lambda text: complain(f"{_plain(text)}\n"), lambda: None
    if not sys.stderr.isatty():
        return _nothing, lambda: None
    return lambda text: complain(f"\r\x1b[K{_plain(text)[:76]}"), lambda: complain("\r\x1b[K")


def _nothing(_: str) -> None:
    return


def _plain(text: str) -> str:
    """A file's name may hold anything; a terminal shows none of it but printable ASCII."""
    return ascii(text)[1:-1]
