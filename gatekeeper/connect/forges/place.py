"""Where a forge lies: its pages and the repository on it, by the repository's address for git."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from msgspec import Struct

from gatekeeper.errors import InvalidRequestError

_URL = re.compile(
    r"(?P<scheme>https?|ssh|git\+ssh|ssh\+git)://(?:[^/@]*@)?(?P<place>[^/@]+)/(?P<path>.+)", re.IGNORECASE
)
_SCP = re.compile(r"(?:[A-Za-z0-9_.+-]+@)?(?P<place>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9.-]*):(?P<path>[^:].*)")
_PATH = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)+")
_PORTS = {"http": 80, "https": 443}
_PLAIN = re.compile(r"[A-Za-z0-9._~/-]*")
_API = re.compile(r"/api/(?:v1|v3|v4|graphql)$")
_SSH_ONLY = {"ssh.github.com": "github.com", "altssh.gitlab.com": "gitlab.com"}
"""Hosts that take git over ssh where port 22 is closed, by the host whose repositories they serve."""


class Origin(Struct, frozen=True, kw_only=True):
    """A server as a token may know it; without scheme and port where git's address was for ssh, which names neither.

    Its text is its URL, over https unless it says otherwise.
    """

    host: str
    scheme: str | None = None
    port: int | None = None

    def covers(self, other: Origin) -> bool:
        """Whether the other, given whole, is this one; over ssh https alone stands for the same host."""
        if self.scheme is None:
            return other.host == self.host and (other.scheme == "https" or is_local(self.host))
        return self == other

    def __str__(self) -> str:
        scheme = self.scheme or "https"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}" if self.port in (None, _PORTS[scheme]) else f"{scheme}://{host}:{self.port}"


class Place(Struct, frozen=True, kw_only=True):
    """A repository's address taken apart: its server, and its path there without `.git`."""

    origin: Origin
    path: str


def place_of(address: str) -> Place | None:
    """The place that git's address names; None for a folder and other addresses that name no server."""
    found = _URL.fullmatch(address)
    if found is None and "://" not in address and not address.startswith(("/", ".")):
        found = _SCP.fullmatch(address)
    if found is None:
        return None
    path = found["path"].split("?")[0].strip("/").removesuffix(".git")
    scheme = found.groupdict().get("scheme") or "ssh"
    if scheme.lower() in ("http", "https"):
        return Place(origin=origin_of(f"{scheme}://{found['place']}"), path=path)
    host = re.sub(r":[0-9]+$", "", found["place"]).strip("[]").lower()
    return Place(origin=Origin(host=_SSH_ONLY.get(host, host)), path=path)


def origin_of(url: str) -> Origin:
    """The server of an http or https URL. Raises InvalidRequestError for anything else, and for a user in it."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        host, port = "", None
    if not host or parts.scheme not in _PORTS or "@" in parts.netloc or not _PLAIN.fullmatch(parts.path):
        raise InvalidRequestError("a forge's address is not a URL", "Write it as https://host, without a user.")
    return Origin(host=host, scheme=parts.scheme, port=port or _PORTS[parts.scheme])


def pages_of(url: str) -> str:
    """The address of a forge's pages, also where that of its API was given, put together from what was understood.

    So no other reader of URLs finds another host in it. Raises InvalidRequestError.
    """
    url = url.replace("https://api.github.com", "https://github.com")
    origin = origin_of(url)
    return f"{origin}{_API.sub('', urlsplit(url).path.rstrip('/'))}"


def repository_of(place: Place, base: str) -> str:
    """The repository's path below the forge's own address. Raises InvalidRequestError where it is not plain."""
    prefix = urlsplit(base).path.strip("/")
    path = place.path.removeprefix(f"{prefix}/") if prefix and place.origin.scheme else place.path
    return checked_path(path)


def checked_path(path: str) -> str:
    """`path` itself where it can be a repository's. Raises InvalidRequestError."""
    if not _PATH.fullmatch(path) or any(part in (".", "..") for part in path.split("/")) or len(path) > 300:
        raise InvalidRequestError(
            "the repository's path at the forge cannot be told from its address", "Name it: delivery.forge.repository."
        )
    return path


def is_local(host: str) -> bool:
    """Whether the host is written as this machine."""
    return re.fullmatch(r"localhost|127(?:\.[0-9]{1,3}){3}|::1", host) is not None
