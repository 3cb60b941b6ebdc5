"""What the environment says about HTTP: proxies, certificate authorities, hosts without TLS, patience."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping

from msgspec import Struct

from gatekeeper.connect.http.address import ALLOW_HTTP, Address
from gatekeeper.errors import InvalidRequestError

CA_VARIABLES = ("GATEKEEPER_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
"""The first that is set counts; it stands in for the system's authorities."""
TIMEOUT = "GATEKEEPER_HTTP_TIMEOUT"
MAX_TIMEOUT = 3600.0


class Limits(Struct, frozen=True, kw_only=True):
    """Bounds of one question: seconds to connect, of silence, and in all, retries included; bytes of an answer."""

    connect: float = 10.0
    silence: float = 60.0
    total: float = 120.0
    body: int = 32 * 1024 * 1024
    attempts: int = 3
    redirects: int = 5
    wait: float = 30.0


class Settings:
    """Proxies by scheme, the hosts that none stands before, the CA's file, the hosts that http may go to."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._proxies = {scheme: _either(environment, f"{scheme}_proxy") for scheme in ("http", "https")}
        if environment.get("REQUEST_METHOD"):
            self._proxies["http"] = ""  # in a CGI program HTTP_PROXY is a header that the client sent
        self._direct = _words(_either(environment, "no_proxy").lower())
        self.plain_hosts = _words(environment.get(ALLOW_HTTP, "").lower())
        self.ca = _authorities(environment)
        self._patience = _seconds(environment.get(TIMEOUT, ""))

    @property
    def limits(self) -> Limits:
        """The usual bounds; who gives more time in all allows as much silence, as slow queries need it."""
        if self._patience is None:
            return Limits()
        return Limits(total=self._patience, silence=max(self._patience, Limits().silence))

    def proxy_for(self, address: Address) -> str | None:
        """The proxy's URL, with the password that may stand in it; none before this machine."""
        proxy = self._proxies[address.scheme]
        if not proxy or address.is_local or any(_covers(entry, address) for entry in self._direct):
            return None
        return proxy if "://" in proxy else f"http://{proxy}"


def _either(environment: Mapping[str, str], name: str) -> str:
    return (environment.get(name) or environment.get(name.upper()) or "").strip()


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.replace(",", " ").split() if word)


def _covers(entry: str, address: Address) -> bool:
    """Whether an entry of NO_PROXY means the host: a name and all below it, host:port, an address, a network, `*`."""
    if entry in ("*", address.host, f"{address.host}:{address.port}"):
        return True
    name, _, port = entry.partition(":")
    if port.isdigit() and int(port) != address.port:
        return False
    try:
        return ipaddress.ip_address(address.host.strip("[]")) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        name = name.removeprefix("*").removeprefix(".")
        return bool(name) and (address.host == name or address.host.endswith(f".{name}"))


def _authorities(environment: Mapping[str, str]) -> str | None:
    for variable in CA_VARIABLES:
        if path := environment.get(variable):
            if not os.path.exists(path):
                raise InvalidRequestError(f"{variable} names no file or folder", "Give the CA's certificates in PEM.")
            return path
    return None


def _seconds(text: str) -> float | None:
    if not text:
        return None
    if not text.isdecimal() or not text.isascii() or len(text) > 6 or not 1 <= int(text) <= MAX_TIMEOUT:
        raise InvalidRequestError(f"{TIMEOUT} is not a whole number of seconds from 1 to {MAX_TIMEOUT:.0f}")
    return float(text)
