"""A real container registry, with and without a password, and images pushed into it byte by byte."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import shutil
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.servers.components import need, running

PROGRAMS = ("docker-registry", "skopeo", "umoci")
USER, PASSWORD = "ci", "pl4nted-p4ssw0rd"
_USERS = f"{USER}:$2a$04$cetge2afk/cmL14x6GxRDeycktLy7hdQEzv.7NGk2QpuJmzwPtMO."

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def digest_of(data: bytes) -> str:
    """`sha256:` and the hex digits."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def config(labels: dict[str, Any] | None = None, **changes: Any) -> bytes:
    """An image's configuration, as a build would write it, with something secret in its environment."""
    document = {
        "created": "2026-11-20T10:00:00Z",
        "os": "linux",
        "architecture": "amd64",
        "config": {"Env": ["TOKEN=planted-in-the-image"], "Labels": labels or {}},
        "rootfs": {"type": "layers", "diff_ids": []},
        **changes,
    }
    return json.dumps(document, indent=1).encode()


def described(data: bytes, media_type: str, **more: Any) -> dict[str, Any]:
    """A descriptor of `data`."""
    return {"mediaType": media_type, "digest": digest_of(data), "size": len(data), **more}


def manifest(configuration: bytes, **changes: Any) -> bytes:
    """An image manifest."""
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": described(configuration, CONFIG),
        "layers": [described(b"layer", LAYER)],
        **changes,
    }
    return json.dumps(document, indent=2).encode()


def index(*children: dict[str, Any], **changes: Any) -> bytes:
    """An index of such descriptors."""
    return json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": list(children), **changes}).encode()


ATTESTS = {
    "platform": {"os": "unknown", "architecture": "unknown"},
    "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
}


def platform(architecture: str, variant: str = "") -> dict[str, Any]:
    """What a descriptor says of the platform, of linux."""
    more = {"variant": variant} if variant else {}
    return {"platform": {"os": "linux", "architecture": architecture, **more}}


class RunningRegistry(NamedTuple):
    """A registry: its host and port, and whether it asks for `USER` and `PASSWORD`."""

    url: str
    secured: bool

    @property
    def host(self) -> str:
        """`127.0.0.1:PORT`, as it stands in references."""
        return self.url.removeprefix("http://")

    def push_blob(self, name: str, data: bytes) -> None:
        """Upload a blob in one piece."""
        place = self._ask("POST", f"/v2/{name}/blobs/uploads/", b"", 202).getheader("Location") or ""
        glue = "&" if "?" in place else "?"
        path = "/" + place.removeprefix("http://").partition("/")[2] if "://" in place else place
        self._ask("PUT", f"{path}{glue}digest={digest_of(data)}", data, 201)

    def push_manifest(self, name: str, reference: str, data: bytes, media_type: str = MANIFEST) -> str:
        """Upload a manifest or index by tag or digest; its digest."""
        self._ask("PUT", f"/v2/{name}/manifests/{reference}", data, 201, {"Content-Type": media_type})
        return digest_of(data)

    def push(self, name: str, tag: str, labels: dict[str, Any] | None = None, **changes: Any) -> str:
        """Upload a whole image of one platform; its digest."""
        configuration = config(labels, **changes)
        for blob in (configuration, b"layer"):
            self.push_blob(name, blob)
        return self.push_manifest(name, tag, manifest(configuration))

    def delete(self, name: str, digest: str) -> None:
        """Delete a manifest, and so every tag of it."""
        self._ask("DELETE", f"/v2/{name}/manifests/{digest}", b"", 202)

    def _ask(
        self, method: str, path: str, body: bytes, wanted: int, headers: dict[str, str] | None = None
    ) -> http.client.HTTPResponse:
        login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        known = {"Authorization": f"Basic {login}"} if self.secured else {}
        line = http.client.HTTPConnection(self.host, timeout=30)
        line.request(method, path, body, {**known, **(headers or {})})
        answer = line.getresponse()
        text = answer.read()
        line.close()
        assert answer.status == wanted, (answer.status, text)
        return answer


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegistry]:
    """A registry that anybody may read."""
    yield from _started(tmp_path_factory, secured=False)


@pytest.fixture(scope="session")
def secured_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningRegistry]:
    """A registry that asks for a password."""
    yield from _started(tmp_path_factory, secured=True)


def _started(places: pytest.TempPathFactory, *, secured: bool) -> Iterator[RunningRegistry]:
    need("docker-registry", all(shutil.which(program) for program in PROGRAMS))
    with running("docker-registry", places.mktemp("registry"), *([_USERS] if secured else [])) as url:
        yield RunningRegistry(url, secured)
