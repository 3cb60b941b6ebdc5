"""URLs that may be asked: https, or http where it is allowed; no user or password, nothing two parsers read apart."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection

from msgspec import Struct
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from gatekeeper.errors import CannotActError, InvalidRequestError

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_.])?|\[[0-9a-fA-F:.]{2,45}\]")
_MAX_URL = 8000
ALLOW_HTTP = "GATEKEEPER_ALLOW_HTTP"


class Address(Struct, frozen=True, kw_only=True):
    """A URL taken apart; `target` is path and query. Its text leaves the query out, where keys and tokens stand."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def url(self) -> str:
        """The whole URL, for the wire alone."""
        return f"{self.scheme}://{self.place}{self.target}"

    @property
    def place(self) -> str:
        """`host`, or `host:port` where the port is not the scheme's own."""
        return self.host if self.port == _PORTS[self.scheme] else f"{self.host}:{self.port}"

    @property
    def path(self) -> str:
        """The path without its query."""
        return self.target.partition("?")[0]

    @property
    def origin(self) -> tuple[str, str, int]:
        """What must stay the same for credentials to go along."""
        return self.scheme, self.host, self.port

    @property
    def is_local(self) -> bool:
        """Whether the host is this machine, by its very name."""
        return is_loopback(self.host)

    def __str__(self) -> str:
        return f"{self.place}{self.path}"

    def __repr__(self) -> str:
        return f"Address({self})"


def address_of(url: str, plain_hosts: Collection[str]) -> Address:
    """The address that `url` is; http only to this machine and to `plain_hosts`. Raises InvalidRequestError."""
    address = _parsed(url)
    if address.scheme == "http" and not (address.is_local or {address.host, address.place} & set(plain_hosts)):
        raise InvalidRequestError(
            f"{address.place}: http:// is not encrypted and is used for this machine only",
            f"Use https://, or allow the host: {ALLOW_HTTP}={address.place}.",
        )
    return address


def redirected(here: Address, location: str, plain_hosts: Collection[str]) -> Address:
    """Where a redirect leads. Raises CannotActError where it must not be followed; its text is not repeated."""
    try:
        there = address_of(_joined(here, location), plain_hosts)
    except InvalidRequestError as fault:
        raise CannotActError(f"{here}: it redirects to a place that is not followed") from fault
    if here.scheme == "https" and there.scheme == "http":
        raise CannotActError(f"{here}: it redirects from https to http, which is not followed")
    if there.is_local and not here.is_local:
        raise CannotActError(f"{here}: it redirects to this machine, which is not followed")
    return there


def is_loopback(host: str) -> bool:
    """Whether the host is written as this machine; no name is looked up."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _joined(here: Address, location: str) -> str:
    from urllib.parse import urljoin

    try:
        return urljoin(here.url, location)
    except ValueError as fault:
        raise InvalidRequestError("not a URL") from fault


def _parsed(url: str) -> Address:
    if len(url) > _MAX_URL:
        raise InvalidRequestError(f"a URL is longer than {_MAX_URL} characters")
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise InvalidRequestError(
            "a URL holds a space, a backslash, a control character or a letter outside ASCII",
            "Write such characters as %XX, and a host's name in its ASCII form (xn--…).",
        )
    try:
        parts = parse_url(url)
    except (LocationParseError, ValueError) as fault:
        raise InvalidRequestError("what is given as a URL is none", "Write it as https://host/path.") from fault
    if parts.auth is not None:
        raise InvalidRequestError(
            f"the URL of {parts.host} holds a user or password, which ends up in logs",
            "Take it out of the URL and give it by the environment variable of that source.",
        )
    if parts.scheme not in _PORTS or not parts.host or not _HOST.fullmatch(parts.host) or parts.port == 0:
        raise InvalidRequestError("what is given as a URL is none", "Write it as https://host/path.")
    return Address(
        scheme=parts.scheme,
        host=parts.host.lower(),
        port=parts.port or _PORTS[parts.scheme],
        target=parts.request_uri,
    )
