"""How a lasting conversation with a server is begun, by the user's configuration as git itself reads it.

Over HTTP it is git's own helper, which knows the credentials, proxies and certificates; over ssh the user's own ssh.
What is not understood here to the letter is left to `git fetch`.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import unquote

from gatekeeper.connect.git.address import check_address
from gatekeeper.connect.git.command import command, run
from gatekeeper.connect.git.workspace import REMOTE
from gatekeeper.errors import InvalidRequestError

_KEYS = r"^(url\..*\.insteadof|protocol\.allow|protocol\..*\.allow|core\.sshcommand|ssh\.variant)$"
_URL = re.compile(r"(?P<scheme>https?|ssh)://(?P<rest>.*)", re.DOTALL)
_SSH = re.compile(
    r"(?P<host>(?:[^/@:]+@)?(?:\[[0-9A-Fa-f:.]+\]|[^/:@\[\]]+))(?::(?P<port>[0-9]{1,5}))?(?P<path>/.+)", re.DOTALL
)
_SCP = re.compile(r"(?P<host>(?:[^/@:]+@)?[^/:@\[\]]+):(?P<path>[^:].*)", re.DOTALL)


class Route(NamedTuple):
    """The process to begin; `asks` where it is a helper of git, which must be told what for."""

    argv: list[str]
    extra: dict[str, str]
    asks: bool


class Setting(NamedTuple):
    """One value of the user's configuration."""

    key: str
    value: str


def find_route(address: str, git_dir: str) -> Route | None:
    """None where only `git fetch` knows the way."""
    settings = _settings(git_dir)
    url = _rewritten(address, settings)
    try:
        check_address(url)
    except InvalidRequestError:
        return None
    web = _URL.fullmatch(url)
    if web is None and "://" in url:
        return None
    scheme = web["scheme"] if web else "ssh"
    if not _is_allowed(scheme, settings):
        return None
    if scheme != "ssh":
        return Route(command(git_dir, [f"remote-{scheme}", REMOTE]), {}, asks=True)
    place = _SSH.fullmatch(_decoded(web["rest"])) if web else _SCP.fullmatch(url)
    return _ssh(place, settings) if place else None


def _decoded(rest: str) -> str:
    """As git decodes it: byte by byte, whatever they make; a NUL stays as it is written."""
    return "%00".join(unquote(part, errors="surrogateescape") for part in rest.split("%00"))


def _settings(git_dir: str) -> list[Setting]:
    done = run(git_dir, ["config", "--null", "--get-regexp", _KEYS])
    pairs = (entry.partition("\n") for entry in done.out.decode("utf-8", "surrogateescape").split("\0") if entry)
    return [Setting(key, value) for key, _, value in pairs]


def _rewritten(address: str, settings: Sequence[Setting]) -> str:
    """By the longest `insteadOf` that the address begins with, as git-config(1) says."""
    fitting = [
        (len(setting.value), setting.key[len("url.") : -len(".insteadof")])
        for setting in settings
        if setting.key.startswith("url.") and address.startswith(setting.value)
    ]
    if not fitting:
        return address
    length, begins = max(fitting, key=lambda pair: pair[0])
    return begins + address[length:]


def _is_allowed(scheme: str, settings: Sequence[Setting]) -> bool:
    named = os.environ.get("GIT_ALLOW_PROTOCOL")
    if named is not None:
        return scheme in named.split(":")
    own, general = _last(settings, f"protocol.{scheme}.allow"), _last(settings, "protocol.allow")
    return (own or general or "always") == "always"


def _last(settings: Sequence[Setting], key: str) -> str | None:
    return next((setting.value for setting in reversed(settings) if setting.key == key), None)


def _ssh(place: re.Match[str], settings: Sequence[Setting]) -> Route | None:
    host, path = place["host"].replace("[", "").replace("]", ""), place["path"]
    port = place.groupdict().get("port")
    program = _program(settings)
    if program is None or host.startswith("-") or path.startswith("-"):
        return None
    options = ["-o", "SendEnv=GIT_PROTOCOL", *(["-p", port] if port else [])]
    served = f"git-upload-pack {shlex.quote(path.removeprefix('/') if path.startswith('/~') else path)}"
    return Route([*program, *options, host, served], {"GIT_PROTOCOL": "version=2"}, asks=False)


def _program(settings: Sequence[Setting]) -> list[str] | None:
    """The user's ssh, where it is OpenSSH by its name or as the user says; git finds out by more ways than these."""
    text = os.environ.get("GIT_SSH_COMMAND") or _last(settings, "core.sshcommand")
    program = os.environ.get("GIT_SSH")
    variant = os.environ.get("GIT_SSH_VARIANT") or _last(settings, "ssh.variant")
    if text is not None:
        named = _first_word(text)
        argv = ["sh", "-c", f'{text} "$@"', text]
    else:
        named = program or "ssh"
        argv = [named]
    return argv if variant == "ssh" or (variant in {None, "auto"} and os.path.basename(named) == "ssh") else None


def _first_word(text: str) -> str:
    try:
        return next(iter(shlex.split(text)), "")
    except ValueError:
        return ""
