"""Stock git as a subprocess: the only door to it. The user's credentials, proxies and identity count; nothing that
could point git at another repository, ask questions, or run a hook does.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from typing import NamedTuple

from gatekeeper.connect.git.address import words
from gatekeeper.errors import CannotActError, InvalidRequestError

TIMEOUT = 120.0
_SECONDS = "GATEKEEPER_GIT_TIMEOUT"
_MOST_SECONDS = 86_400
_GRACE = 5.0
_KEPT = (
    "GIT_SSH",
    "GIT_ASKPASS",
    "GIT_AUTHOR_",
    "GIT_COMMITTER_",
    "GIT_CONFIG_",
    "GIT_SSL_",
    "GIT_HTTP_",
    "GIT_PROXY_",
)
_KEPT_WHOLE = frozenset({"GIT_ALLOW_PROTOCOL", "GIT_EXEC_PATH", "GIT_PROTOCOL_FROM_USER"})
_DROPPED = frozenset({"GIT_CONFIG", "GIT_CONFIG_PARAMETERS"})
# Each of these could be set otherwise by the user's configuration, and would then change what is sent or run.
_SETTINGS = {
    "core.hooksPath": os.devnull,
    "protocol.version": "2",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "fetch.recurseSubmodules": "no",
    "fetch.writeCommitGraph": "false",
    "push.followTags": "false",
    "push.recurseSubmodules": "no",
    "i18n.commitEncoding": "UTF-8",
    "advice.detachedHead": "false",
}


class Done(NamedTuple):
    """A finished git command."""

    code: int
    out: bytes
    said: str


def environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """The environment that git gets: no variable that names a repository, no prompts, messages in English."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or _is_kept(name)}
    return kept | {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "SSH_ASKPASS_REQUIRE": os.environ.get("SSH_ASKPASS_REQUIRE", "never"),
        **(extra or {}),
    }


def patience() -> float:
    """For how many seconds git and servers are waited for, each time. Raises InvalidRequestError for no such number."""
    given = os.environ.get(_SECONDS, "").strip()
    if not given:
        return TIMEOUT
    if not (given.isascii() and given.isdigit() and len(given) < 6 and 1 <= int(given) <= _MOST_SECONDS):
        raise InvalidRequestError(f"{_SECONDS} is {given[:20]!r}; it is a number of seconds from 1 to {_MOST_SECONDS}")
    return float(given)


def _is_kept(name: str) -> bool:
    return name not in _DROPPED and (name in _KEPT_WHOLE or name.startswith(_KEPT))


def command(git_dir: str | None, arguments: Sequence[str]) -> list[str]:
    """The words of a git command on the repository at `git_dir`. Raises CannotActError where git is not installed."""
    git = shutil.which("git")
    if git is None:
        raise CannotActError("git is not installed, or not on the PATH")
    settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
    return [git, *settings, *([f"--git-dir={git_dir}"] if git_dir else []), *arguments]


def run(
    git_dir: str | None,
    arguments: Sequence[str],
    *,
    stdin: bytes = b"",
    extra: dict[str, str] | None = None,
    timeout: float | None = None,
) -> Done:
    """Run git to its end; the caller judges the exit status. Raises CannotActError when it takes too long."""
    timeout = patience() if timeout is None else timeout
    process = subprocess.Popen(  # noqa: S603 - no shell; addresses and refs are checked before they get here
        command(git_dir, arguments),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(extra),
        start_new_session=True,
    )
    try:
        out, err = process.communicate(stdin, timeout=timeout)
    except subprocess.TimeoutExpired as fault:
        raise CannotActError(f"git {arguments[0]} took longer than {timeout:.0f} s and was stopped") from fault
    finally:
        stop(process)
    return Done(process.returncode, out, words(err))


def stop(process: subprocess.Popen[bytes]) -> None:
    """End git and what it started: helpers hold the network connection, and would go on without it.

    It is asked first: a git that is killed leaves its lock on the branch, and nobody could push there any more.
    """
    if process.poll() is not None:
        return
    _end(process, process.communicate)


def end(process: subprocess.Popen[bytes]) -> None:
    """As `stop`, while another thread reads what it says: its pipes are left alone."""
    _end(process, process.wait)


def _end(process: subprocess.Popen[bytes], wait: Callable[..., object]) -> None:
    try:
        _send(process, signal.SIGTERM)
        wait(timeout=_GRACE)
    except subprocess.TimeoutExpired:
        pass
    finally:
        if process.returncode is None:
            _send(process, getattr(signal, "SIGKILL", signal.SIGTERM))
            wait()


def _send(process: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except (AttributeError, ProcessLookupError, PermissionError):
        process.kill()


def checked(
    git_dir: str | None,
    arguments: Sequence[str],
    doing: str,
    *,
    stdin: bytes = b"",
    extra: dict[str, str] | None = None,
) -> Done:
    """Run git and raise CannotActError, with git's own words, unless it succeeded."""
    done = run(git_dir, arguments, stdin=stdin, extra=extra)
    if done.code:
        raise CannotActError(f"cannot {doing}: {done.said or f'git exited with {done.code}'}")
    return done
