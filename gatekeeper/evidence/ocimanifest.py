"""Manifests, indexes and configurations of images, as registries hold them.

Formats: the OCI image specification 1.1 (manifest.md, image-index.md, config.md) and Docker's image manifest version 2,
schema 2 (manifest and manifest list). A document that could be read as manifest and index at once is refused, as
CVE-2021-41190 asks.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence.fields import instant, mapping, sequence, text, whole
from gatekeeper.evidence.jsontext import parse_json
from gatekeeper.model.digests import is_sha256

MANIFESTS = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
MAX_MANIFEST = 4 * 1024 * 1024
MAX_CHILDREN = 1000

_CONFIGS = ("application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json")
_UNTYPED = ("", "application/json", "application/octet-stream", "text/plain")
"""What servers of plain files call a manifest: then its shape tells, as for one without `mediaType`."""
_SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1"
_PART = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_ATTESTS = ("vnd.docker.reference.type", "attestation-manifest")


class Descriptor(Struct, frozen=True, kw_only=True):
    """Content by its digest and size in bytes; `platform` is `os/architecture[/variant]`, where it is said."""

    digest: str
    size: int
    media_type: str
    platform: str | None = None


class Manifest(Struct, frozen=True, kw_only=True):
    """A manifest or an index. `config` is there only for images; `size` is of configuration and layers, in bytes."""

    media_type: str
    config: Descriptor | None = None
    size: int | None = None
    children: tuple[Descriptor, ...] = ()
    attestations: int = 0
    annotations: dict[str, str] = {}

    @property
    def is_index(self) -> bool:
        """Whether this is an index of manifests."""
        return self.media_type in INDEXES


class Config(Struct, frozen=True, kw_only=True):
    """What an image's configuration says that can be judged; its environment and history are left where they are."""

    platform: str
    labels: dict[str, str]
    created: str | None = None


def parse_manifest(data: bytes, media_type: str | None = None) -> Manifest:
    """The manifest or index in `data`; `media_type` is what the registry called it. Raises EvidenceError."""
    if len(data) > MAX_MANIFEST:
        raise EvidenceError(f"the manifest is larger than {MAX_MANIFEST // 1024**2} MiB")
    document = mapping(parse_json(data), "the manifest")
    kind = _kind(document, media_type)
    annotations = _strings(document.get("annotations"), "annotations")
    if kind in INDEXES:
        return _index(document, kind, annotations)
    config = _descriptor(document.get("config"), "config")
    layers = [_descriptor(layer, "a layer") for layer in sequence(document.get("layers"), "layers")]
    is_image = config.media_type in _CONFIGS
    return Manifest(
        media_type=kind,
        config=config if is_image else None,
        size=config.size + sum(layer.size for layer in layers) if is_image else None,
        annotations=annotations,
    )


def parse_config(data: bytes) -> Config:
    """An image's configuration. Raises EvidenceError."""
    document = mapping(parse_json(data), "the configuration")
    inner = mapping(document.get("config") or {}, "config")
    platform = _platform(document)
    if platform is None:
        raise EvidenceError("the image's configuration names no operating system and architecture")
    return Config(
        platform=platform,
        labels=_strings(inner.get("Labels"), "config.Labels"),
        created=instant(document.get("created")),
    )


def _kind(document: dict[str, Any], media_type: str | None) -> str:
    """What the document is, where it, the registry and its own shape agree. Raises EvidenceError where they do not."""
    written = document.get("mediaType")
    said = (media_type or "") if written is None else text(written, "mediaType")
    if written is None and said in _UNTYPED:
        said = INDEXES[0] if "manifests" in document else MANIFESTS[0]
    if document.get("schemaVersion") == 1 or said.startswith(_SCHEMA_1):
        raise EvidenceError("this is a manifest of schema 1, which names no content by digest", "Push the image again.")
    if said not in MANIFESTS + INDEXES or document.get("schemaVersion") != 2:
        raise EvidenceError("this is no image manifest or index of a known type")
    if written is not None and media_type in MANIFESTS + INDEXES and media_type != written:
        raise EvidenceError("the registry calls the manifest by another type than it has")
    foreign = ("config", "layers") if said in INDEXES else ("manifests",)
    if any(key in document for key in foreign):
        raise EvidenceError("the document could be read as a manifest and as an index")
    return said


def _index(document: dict[str, Any], kind: str, annotations: dict[str, str]) -> Manifest:
    listed = sequence(document.get("manifests"), "manifests")
    if len(listed) > MAX_CHILDREN:
        raise EvidenceError(f"the index lists more than {MAX_CHILDREN} manifests")
    children, attestations = [], 0
    for entry in listed:
        child = _descriptor(entry, "a manifest of the index")
        if _is_attestation(entry, child):
            attestations += 1
        elif child.media_type in MANIFESTS:
            children.append(child)
        else:
            raise EvidenceError("the index lists what is no image manifest")
    return Manifest(media_type=kind, children=tuple(children), attestations=attestations, annotations=annotations)


def _is_attestation(entry: dict[str, Any], child: Descriptor) -> bool:
    """As BuildKit marks them, both ways: a platform that nothing runs on, and the annotation."""
    key, value = _ATTESTS
    annotations = _strings(entry.get("annotations"), "annotations")
    return child.platform == "unknown/unknown" and annotations.get(key) == value


def _descriptor(value: Any, place: str) -> Descriptor:
    entry = mapping(value, place)
    digest = text(entry.get("digest"), f"{place}: digest")
    if not is_sha256(digest):
        raise EvidenceError(f"{place}: the digest is not sha256: and 64 hex digits")
    return Descriptor(
        digest=digest,
        size=whole(entry.get("size"), f"{place}: size"),
        media_type=text(entry.get("mediaType"), f"{place}: mediaType"),
        platform=_platform(mapping(entry["platform"], "platform")) if "platform" in entry else None,
    )


def _platform(document: dict[str, Any]) -> str | None:
    """`os/architecture[/variant]`, with the version in parentheses that Windows images are told apart by."""
    names = ("os", "architecture", "variant", "os.version")
    system, architecture, variant, version = (text(document.get(name), name) for name in names)
    if not system and not architecture:
        return None
    if not all(_PART.fullmatch(part) for part in (system, architecture, variant or "-", version or "-")):
        raise EvidenceError("a platform has a part that no platform has")
    return f"{system}{f'({version})' if version else ''}/{architecture}{f'/{variant}' if variant else ''}"


def _strings(value: Any, place: str) -> dict[str, str]:
    found = mapping({} if value is None else value, place)
    return {key: text(member, place) for key, member in found.items()}
