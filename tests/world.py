"""The closed world that tests run in: no network but loopback, no settings of the person or machine that runs them."""

from __future__ import annotations

import atexit
import ipaddress
import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Any

# What stays of the environment; all else goes: CI's variables, GIT_*, GATEKEEPER_*, tokens, colours, proxies.
KEPT = ("PATH", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "PATHEXT", "COMSPEC", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
KEPT_PREFIXES = ("PYTHON", "PYTEST_", "HYPOTHESIS_", "COVERAGE_", "COV_", "TESTS_")

IDENTITY = {"name": "Tester", "email": "tester@example.invalid"}
GITCONFIG = f"""\
[user]
\tname = {IDENTITY["name"]}
\temail = {IDENTITY["email"]}
[init]
\tdefaultBranch = main
[commit]
\tgpgSign = false
[protocol]
\tallow = never
[protocol "file"]
\tallow = always
[protocol "http"]
\tallow = always
"""


class OutsideWorldError(RuntimeError):
    """A test reached for the network. Not an OSError, so that no code under test can take it for a broken line."""


def close() -> None:
    """Close the world for this process and all that it starts."""
    _scrub_environment()
    _guard_sockets()


def _scrub_environment() -> None:
    corpus = os.environ.get("GATEKEEPER_CORPUS")
    # Where the real servers lie that tests start, and whether leaving one out is a failure (see tests/servers).
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    in_ci = os.environ.get("CI")
    for name in list(os.environ):
        if name not in KEPT and not name.startswith(KEPT_PREFIXES):
            del os.environ[name]
    # The command is started hundreds of times; without bytecode each start would compile a hundred modules.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.setdefault("TESTS_CACHE", cache)
    if in_ci:
        os.environ["TESTS_CI"] = in_ci
    if corpus:
        os.environ["TESTS_CORPUS"] = str(Path(corpus).absolute())
    os.environ.update(_settings(_home()))


def _home() -> Path:
    home = Path(tempfile.mkdtemp(prefix="gatekeeper-home-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    (home / "gitconfig").write_text(GITCONFIG, encoding="utf-8")
    return home


def _settings(home: Path) -> dict[str, str]:
    nowhere = "http://127.0.0.1:9"
    return {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "GIT_CONFIG_GLOBAL": str(home / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ALLOW_PROTOCOL": "file:http",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_NAME": IDENTITY["name"],
        "GIT_AUTHOR_EMAIL": IDENTITY["email"],
        "GIT_COMMITTER_NAME": IDENTITY["name"],
        "GIT_COMMITTER_EMAIL": IDENTITY["email"],
        # Programs that tests start are not guarded below; what they send outside ends at a closed port.
        "http_proxy": nowhere,
        "https_proxy": nowhere,
        "no_proxy": "127.0.0.1,localhost,::1",
    }


def _guard_sockets() -> None:
    # The names are looked up at call time by socket.create_connection, so replacing them here covers it as well.
    connect, connect_ex, sendto, resolve = (
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.socket.sendto,
        socket.getaddrinfo,
    )

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _check(self.family, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _check(self.family, address)
        return connect_ex(self, address)

    def guarded_sendto(self: socket.socket, data: Any, *rest: Any) -> int:
        _check(self.family, rest[-1])
        return sendto(self, data, *rest)

    def guarded_resolve(host: Any, *rest: Any, **options: Any) -> Any:
        if not _is_loopback(host):
            raise OutsideWorldError(f"a test looked up the host {host!r}")
        return resolve(host, *rest, **options)

    socket.socket.connect = guarded_connect  # type: ignore[method-assign,assignment]
    socket.socket.connect_ex = guarded_connect_ex  # type: ignore[method-assign,assignment]
    socket.socket.sendto = guarded_sendto  # type: ignore[method-assign,assignment]
    socket.getaddrinfo = guarded_resolve


def _check(family: int, address: Any) -> None:
    if family in (socket.AF_INET, socket.AF_INET6) and not _is_loopback(address[0]):
        raise OutsideWorldError(f"a test opened a connection to {address!r}")


def _is_loopback(host: Any) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False
