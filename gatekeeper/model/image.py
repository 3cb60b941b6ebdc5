"""Image references, by the grammar and normalisation of github.com/distribution/reference, in its strict form.

Narrower than the source where a look-alike could slip in: a registry host in upper case and digests other than sha256
are refused.
"""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.digests import is_sha256

_HOST_PART = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_DOMAIN = rf"(?:{_HOST_PART}(?:\.{_HOST_PART})*|\[[0-9a-f:]{{2,45}}\])(?::[0-9]{{1,5}})?"
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_REFERENCE = (
    rf"(?P<name>(?:{_DOMAIN}/)?{_COMPONENT}(?:/{_COMPONENT})*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_DOCKER = "docker.io"
_MAX_NAME = 255
_MAX_TEXT = 1000


class ImageRef(Struct, frozen=True, kw_only=True):
    """An image: `repository` in Docker's full form, `written` as the user wrote it, and its tag and digest."""

    repository: str
    written: str
    tag: str | None = None
    digest: str | None = None

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        return f"{self.written}{tag}{f'@{self.digest}' if self.digest else ''}"


@lru_cache(maxsize=4096)
def parse_image(text: str) -> ImageRef:
    """The reference that `text` is. Raises InvalidRequestError, with the likely reason, for anything else."""
    found = re.fullmatch(_REFERENCE, text) if len(text) <= _MAX_TEXT else None
    if found is None:
        raise InvalidRequestError(f"{_shown(text)} is not an image reference: {_reason(text)}")
    name = found["name"]
    domain, _ = _split(name)
    if not re.fullmatch(_DOMAIN, domain):
        raise InvalidRequestError(f"{_shown(text)} is not an image reference: {_shown(domain)} is no registry's host")
    repository = _normalised(name)
    if len(repository) > _MAX_NAME:
        raise InvalidRequestError(f"{_shown(text)} is not an image reference: its name is longer than {_MAX_NAME}")
    if re.fullmatch("[0-9a-f]{64}", name):
        raise InvalidRequestError(f"{_shown(text)} is an image's id, not its name")
    return ImageRef(repository=repository, written=name, tag=found["tag"], digest=found["digest"])


def same_repository(one: str, other: str) -> bool:
    """Whether two names without tag and digest mean one repository. Raises InvalidRequestError for a bad name."""
    return parse_image(one).repository == parse_image(other).repository


def _normalised(name: str) -> str:
    domain, path = _split(name)
    if domain == "index.docker.io":
        domain = _DOCKER
    if domain == _DOCKER and "/" not in path:
        path = f"library/{path}"
    return f"{domain}/{path}"


def _split(name: str) -> tuple[str, str]:
    head, slash, rest = name.partition("/")
    is_domain = bool(slash) and (head == "localhost" or any(mark in head for mark in ".:"))
    return (head, rest) if is_domain else (_DOCKER, name)


def _reason(text: str) -> str:
    name, _, digest = text.partition("@")
    if len(text) > _MAX_TEXT:
        return f"it is longer than {_MAX_TEXT} characters"
    if not text.isascii() or not text.isprintable() or " " in text:
        return "it holds a space, a control character or a letter outside ASCII"
    if "://" in text:
        return "it has a URL's scheme"
    if digest and not is_sha256(digest):
        return "the digest must be sha256: and 64 lower-case hex digits"
    if name.rpartition(":")[0].lower() != name.rpartition(":")[0] or ("/" in name and name.lower() != name):
        return "a repository is written in lower case"
    return "expected name[:tag][@sha256:digest]"


def _shown(text: str) -> str:
    return repr(text if len(text) <= 120 else f"{text[:120]}…")
