"""One `git push`, and what its answer says. Every ref has a lease on what was read; nothing is forced over that."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from gatekeeper.connect.git.command import Done, run
from gatekeeper.connect.git.workspace import REMOTE
from gatekeeper.errors import CannotActError

_MOST_OPTION = 60_000  # a push option is one packet of git's protocol, which holds 65,516 bytes
_URL = re.compile(
    r"https?://[A-Za-z0-9.-]+(?::[0-9]{1,5})?/[A-Za-z0-9._~/+%-]{1,400}/(?:merge_requests|pulls|pull)/[0-9]{1,10}"
)


class Update(NamedTuple):
    """What a ref is to become. `old` is what it must be now: empty where it must not exist, None where nobody knows."""

    ref: str
    old: str | None
    new: str


def push(git_dir: str, updates: Sequence[Update], timeout: float, options: Sequence[str] = ()) -> Done:
    """Push the updates, all of them or none. A push that was stopped for time is one that failed."""
    leases = [f"--force-with-lease={update.ref}:{update.old}" for update in updates if update.old is not None]
    words = [
        *("push", "--porcelain", "--no-verify"),
        *(["--atomic"] if len(updates) > 1 else []),
        *(word for option in options for word in ("-o", cut(option))),
        *leases,
        REMOTE,
        *(f"{update.new}:{update.ref}" for update in updates),
    ]
    try:
        return run(git_dir, words, timeout=timeout)
    except CannotActError as fault:
        return Done(-1, b"", fault.message)


def cut(option: str) -> str:
    """A push option is one line, and no longer than a packet holds."""
    line = "".join(mark for mark in option if mark.isprintable())
    return line.encode("utf-8", "replace")[:_MOST_OPTION].decode("utf-8", "ignore")


def is_final(done: Done) -> bool:
    """Git's own word for a hook's refusal; it only saves the waiting, and decides nothing else."""
    return b"hook declined" in done.out


def was_sent(done: Done) -> bool:
    """Whether anything may have been sent: not when git saw for itself that the branch had moved.

    A refusal by the server proves nothing: after a broken line git's HTTP sends the same push again by itself.
    """
    return b"\t[rejected]" not in done.out


def was_answered(done: Done) -> bool:
    """Whether the server, or git before it asked, refused the branch in so many words."""
    return b"rejected]" in done.out


def lacks(done: Done, what: str) -> bool:
    """Whether git, in its own words, sent nothing since the server cannot do this (`--atomic`, `push options`)."""
    return bool(done.code) and f"the receiving end does not support {what}" in done.said


def said(done: Done) -> str:
    """Why it failed, in the words of git or the server."""
    if not done.code:
        return (
            "the push was taken, and the branch does not hold it; does it lead to another repository, or to a review?"
        )
    return done.said or _status(done)


def _status(done: Done) -> str:
    lines = [text for text in done.out.decode("utf-8", "replace").splitlines() if text.startswith("!")]
    own = [text for text in lines if "atomic" not in text] or lines
    return own[0].rpartition("\t")[2] if own else f"git push exited with {done.code}"


def url_in(text: str) -> str | None:
    """The address of a pull request in what a server said; nothing else that it says is believed to be one."""
    found = _URL.search(text)
    return found.group() if found else None
