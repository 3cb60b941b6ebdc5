"""One repository of a registry, read by the OCI distribution specification 1.1, with the token dance of Docker's."""

from __future__ import annotations

import base64
import os
import re
from time import monotonic

from msgspec import Struct

from gatekeeper.connect.oci.credentials import Credentials, credentials_for
from gatekeeper.connect.oci.tokens import Challenge, challenges, may_send_for_tokens, token
from gatekeeper.errors import CannotActError, EvidenceError
from gatekeeper.evidence.ocimanifest import INDEXES, MANIFESTS, parse_manifest
from gatekeeper.model.digests import sha256_of
from gatekeeper.ports import Answered, Door

PATIENCE = 300.0
"""Seconds for all questions about one image: an index may lead to many."""
MAX_CONFIG = 8 * 1024 * 1024
_HUB = ("docker.io", "registry-1.docker.io")
_LOCAL = re.compile(r"(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]+)?")
_ALLOW_HTTP = "GATEKEEPER_ALLOW_HTTP"


class Content(Struct, frozen=True, kw_only=True):
    """Bytes of a registry with the digest that was computed over them."""

    digest: str
    data: bytes
    media_type: str | None = None


class Registry:
    """One repository, by its name in Docker's full form. Credentials are looked for only where they are asked for."""

    def __init__(self, repository: str, door: Door) -> None:
        self._repository = repository
        self._host, _, self._name = repository.partition("/")
        self._door = door
        self._until = monotonic() + PATIENCE
        self._authorization: str | None = None
        self._source = ""

    def manifest(self, reference: str) -> Content | None:
        """The manifest or index by its tag or digest; None where there is none.

        Raises CannotActError where the registry cannot be asked, EvidenceError for other bytes than the digest names.
        """
        answer = self._get(f"manifests/{reference}", {"accept": ", ".join((*INDEXES, *MANIFESTS))})
        if answer is None:
            return None
        digest = sha256_of(answer.body)
        claimed = answer.headers.get("docker-content-digest", "")
        if (":" in reference and digest != reference) or (claimed.startswith("sha256:") and claimed != digest):
            raise EvidenceError(f"{self._host} serves other bytes than the digest names", "Do not use this registry.")
        parse_manifest(answer.body, _media_type(answer))  # a page of somebody's proxy has a digest, too
        return Content(digest=digest, data=answer.body, media_type=_media_type(answer))

    def blob(self, digest: str) -> Content:
        """A blob, such as a configuration. Raises as `manifest` does, and where it is not there."""
        answer = self._get(f"blobs/{digest}", {})
        if answer is None:
            raise EvidenceError(f"{self._host} lacks {digest}, which the manifest names")
        if len(answer.body) > MAX_CONFIG:
            raise EvidenceError(f"the image's configuration is larger than {MAX_CONFIG // 1024**2} MiB")
        if sha256_of(answer.body) != digest:
            raise EvidenceError(f"{self._host} serves other bytes than the digest names", "Do not use this registry.")
        return Content(digest=digest, data=answer.body)

    def _get(self, path: str, headers: dict[str, str]) -> Answered | None:
        url = f"{_base(self._host)}/v2/{self._name}/{path}"
        answer = self._asked(url, headers)
        if answer.status == 401:
            self._authorise(answer)
            answer = self._asked(url, headers)
        if answer.status in (401, 403):
            raise CannotActError(f"{self._repository}: {answer.status}: {self._refused()}", _LOG_IN)
        return None if answer.status == 404 else answer

    def _asked(self, url: str, headers: dict[str, str]) -> Answered:
        if monotonic() > self._until:
            raise CannotActError(f"{self._host} took longer than {PATIENCE:g} s in all")
        known = {} if self._authorization is None else {"authorization": self._authorization}
        return self._door.get(url, headers={**headers, **known}, accept=(200, 401, 403, 404))

    def _authorise(self, answer: Answered) -> None:
        """Answer the registry's challenge: a token where it names who gives one, else name and password."""
        offered = challenges(answer.headers.get("www-authenticate", ""))
        found = credentials_for(self._repository, os.environ)
        self._source = found.source if found else ""
        if bearer := offered.get("bearer"):
            self._authorization = f"Bearer {self._token(bearer, found)}"
        elif "basic" in offered and found is not None and found.user is not None:
            pair = f"{found.user}:{found.password}".encode()
            self._authorization = f"Basic {base64.b64encode(pair).decode('ascii')}"
        else:
            raise CannotActError(f"{self._repository}: 401: {self._refused()}", _LOG_IN)

    def _token(self, challenge: Challenge, found: Credentials | None) -> str:
        if found is not None and found.registry_token:
            return found.registry_token
        if not may_send_for_tokens(_base(self._host), challenge.get("realm", "")):
            raise CannotActError(f"{self._host} sends for tokens to a place that is not asked")
        return token(self._door, challenge, f"repository:{self._name}:pull", found)

    def _refused(self) -> str:
        if self._source:
            return f"the credentials of {self._source} were refused, or the repository does not exist"
        return "it asks for credentials, or the repository does not exist"


_LOG_IN = "Log in with `docker login`, `podman login` or your registry's own helper, then ask again."


def _media_type(answer: Answered) -> str | None:
    return answer.headers.get("content-type", "").partition(";")[0].strip().lower() or None


def _base(host: str) -> str:
    """The registry's address: http on this machine and where its very host and port are allowed, else https."""
    if host == _HUB[0]:
        host = _HUB[1]
    allowed = os.environ.get(_ALLOW_HTTP, "").lower().replace(",", " ").split()
    is_plain = _LOCAL.fullmatch(host) or host in allowed
    return f"{'http' if is_plain else 'https'}://{host}"
