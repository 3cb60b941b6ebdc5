"""Credentials where `docker login` and `podman login` leave them: files, and the helpers that those name."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Struct, field

from gatekeeper.connect.oci.keychain import ask_helper
from gatekeeper.errors import CannotActError

MAX_FILE = 1024 * 1024
_HUB = "docker.io"
_HUB_SERVER = "https://index.docker.io/v1/"
_NO_USER = ("", "<token>")


class Credentials(Struct, frozen=True, kw_only=True):
    """User and password, or a token; `source` says where they are from. Its text shows none of them."""

    source: str
    user: str | None = None
    password: str = ""
    identity_token: str = ""
    registry_token: str = ""

    def __repr__(self) -> str:
        return f"Credentials(of {self.source})"


class _Login(Struct, frozen=True, kw_only=True):
    auth: str = ""
    username: str = ""
    password: str = ""
    identity_token: str = field(name="identitytoken", default="")
    registry_token: str = field(name="registrytoken", default="")

    def __repr__(self) -> str:
        return "_Login()"


class _Config(Struct, frozen=True, kw_only=True):
    logins: dict[str, _Login | None] = field(name="auths", default={})
    helpers: dict[str, str] = field(name="credHelpers", default={})
    store: str = field(name="credsStore", default="")

    def __repr__(self) -> str:
        return "_Config()"


def credentials_for(repository: str, environment: Mapping[str, str]) -> Credentials | None:
    """The credentials for a repository: of the first file that has any, and there the most specific.

    Raises CannotActError for a file or helper that cannot be used, with nothing of its content.
    """
    for shown, path in _files(environment):
        if (config := _config(shown, path)) is None:
            continue
        if (found := _of_helper(config, repository)) or (found := _of_file(config, repository, shown)):
            return found
    return None


def _files(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Where to look, podman's places first, as skopeo and buildah do; with the names that people know them by."""
    home = environment.get("HOME") or os.path.expanduser("~")
    if named := environment.get("REGISTRY_AUTH_FILE"):
        yield "$REGISTRY_AUTH_FILE", named
    if runtime := environment.get("XDG_RUNTIME_DIR"):
        yield "$XDG_RUNTIME_DIR/containers/auth.json", os.path.join(runtime, "containers", "auth.json")
    configured = environment.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    yield "~/.config/containers/auth.json", os.path.join(configured, "containers", "auth.json")
    if docker := environment.get("DOCKER_CONFIG"):
        yield "$DOCKER_CONFIG/config.json", os.path.join(docker, "config.json")
    else:
        yield "~/.docker/config.json", os.path.join(home, ".docker", "config.json")


def _config(shown: str, path: str) -> _Config | None:
    try:
        with open(path, "rb") as file:
            data = file.read(MAX_FILE + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as fault:
        raise CannotActError(f"{shown} cannot be read: {fault.strerror}") from None
    if not data.strip():
        return None
    config = _decoded(data) if len(data) <= MAX_FILE else None
    if config is None:
        raise CannotActError(f"{shown} is not the JSON that `docker login` writes", "Mend it, or log in again.")
    return config


def _decoded(data: bytes) -> _Config | None:
    try:
        return msgspec.json.decode(data, type=_Config)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _of_helper(config: _Config, repository: str) -> Credentials | None:
    host = repository.partition("/")[0]
    helper = next((name for key, name in config.helpers.items() if _normal(key) == host), config.store)
    if not helper:
        return None
    given = ask_helper(helper, _HUB_SERVER if host == _HUB else host)
    if given is None:
        return None
    source = f"docker-credential-{helper}"
    if given.user in _NO_USER:
        return Credentials(source=source, identity_token=given.secret)
    return Credentials(source=source, user=given.user, password=given.secret)


def _of_file(config: _Config, repository: str, shown: str) -> Credentials | None:
    logins = {_normal(key): login for key, login in config.logins.items() if login is not None}
    name = repository
    while name:
        if (login := logins.get(name)) and (found := _login(login, shown)):
            return found
        name = name.rpartition("/")[0]
    return None


def _normal(key: str) -> str:
    """A key of `auths` as a repository or host, without scheme and old paths `/v1/`, `/v2/`; the Hub by one name."""
    name = key.lower().removeprefix("https://").removeprefix("http://").rstrip("/")
    name = name.removesuffix("/v1").removesuffix("/v2")
    host, slash, rest = name.partition("/")
    return f"{_HUB if host in ('index.docker.io', 'registry-1.docker.io') else host}{slash}{rest}"


def _login(login: _Login, shown: str) -> Credentials | None:
    user, password = login.username, login.password
    if login.auth:
        user, password = _pair(login.auth, shown)
    found = Credentials(
        source=shown,
        user=user or None,
        password=password,
        identity_token=login.identity_token,
        registry_token=login.registry_token,
    )
    return found if found.user or found.identity_token or found.registry_token else None


def _pair(auth: str, shown: str) -> tuple[str, str]:
    """User and password out of `auth`. Raises CannotActError where it is not base64 of `user:password`."""
    pair = ""
    try:
        pair = base64.b64decode(auth, validate=True).decode().rstrip("\x00")
    except ValueError:
        pair = ""  # said below, outside of the handler: the error holds what was decoded
    if ":" not in pair:
        raise CannotActError(f"an entry of {shown} is not base64 of user:password", "Log in again.")
    user, _, password = pair.partition(":")
    return user, password
