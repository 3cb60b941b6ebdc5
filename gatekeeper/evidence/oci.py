"""A container image as its registry holds it: what it runs on, its labels, annotations, age and size.

Read are what gatekeeper records when it asks a registry, `gatekeeper.oci/v1`, and the bytes of a manifest or index as
`skopeo inspect --raw` (1.9), `crane manifest` (0.22) and `docker buildx imagetools inspect --raw` print them. All
content is named by its digest, which is computed again: a record that was edited is refused. The bare manifest names
neither repository nor labels, which are then absent.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from gatekeeper.errors import EvidenceError, InvalidRequestError
from gatekeeper.evidence.fields import instant
from gatekeeper.evidence.ocimanifest import Config, Manifest, parse_config, parse_manifest
from gatekeeper.model.digests import sha256_of
from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.facts_origin import Image
from gatekeeper.model.image import ImageRef, parse_image
from gatekeeper.model.references import Digest

NAME = "oci"
KIND = "image"

_SCHEMAS = "gatekeeper.oci/"


class Recorded(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a registry answered. `reference` has the digest, and the tag that was asked for.

    `tag_digest` is what the tag named at `asked_at`; `media_type` is what the registry called the manifest; `contents`
    holds manifests and configurations by their digests, as exact text.
    """

    reference: Annotated[str, Meta(max_length=1000)]
    asked_at: str
    contents: dict[Digest, str]
    media_type: Annotated[str, Meta(max_length=200)] | None = None
    tag_digest: Digest | None = None
    schema: Literal["gatekeeper.oci/v1"] = "gatekeeper.oci/v1"


def encode(recorded: Recorded) -> bytes:
    """The bytes to keep, ending in a newline."""
    document = {"schema": recorded.schema, **msgspec.to_builtins(recorded)}
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def claims(report: Opened) -> bool:
    """Objects whose `schema` is a version of `gatekeeper.oci`, and image manifests and indexes."""
    document = report.json
    if not isinstance(document, dict):
        return False
    if "schema" in document:
        return isinstance(document["schema"], str) and document["schema"].startswith(_SCHEMAS)
    return type(document.get("schemaVersion")) is int and (
        "manifests" in document or ("config" in document and "layers" in document) or "fsLayers" in document
    )


def read(report: Opened) -> Reading:
    """The image. Raises EvidenceError for what is no record of ours and no manifest, and where a digest is another."""
    if not claims(report):
        raise EvidenceError("this is no record of a registry's answer, and no image manifest")
    if "schema" in report.json:
        return _recorded(report.json)
    if not report.data:
        raise EvidenceError("a manifest inside another document has lost the bytes that its digest is of")
    digest = sha256_of(report.data)
    return _reading(_image(parse_manifest(report.data), digest, {}), None)


def _recorded(document: dict[str, object]) -> Reading:
    if document["schema"] != f"{_SCHEMAS}v1":
        raise EvidenceError(f"this version reads {_SCHEMAS}v1 only")
    try:
        recorded = msgspec.convert(document, Recorded)
        reference = parse_image(recorded.reference)
    except (ValueError, InvalidRequestError) as fault:
        raise EvidenceError("this is not a record of a registry's answer as gatekeeper writes it") from fault
    asked_at = instant(recorded.asked_at)
    if reference.digest is None or asked_at is None:
        raise EvidenceError("the record of a registry's answer lacks its digest or its time")
    contents = {digest: _verified(digest, text) for digest, text in recorded.contents.items()}
    manifest = parse_manifest(_content(contents, reference.digest), recorded.media_type)
    image = _image(manifest, reference.digest, contents)
    return _reading(_named(image, reference, recorded.tag_digest), asked_at)


def _verified(digest: str, text: str) -> bytes:
    data = text.encode()
    if sha256_of(data) != digest:
        raise EvidenceError(f"the content recorded as {digest} has another digest: it was changed")
    return data


def _content(contents: dict[str, bytes], digest: str) -> bytes:
    if digest not in contents:
        raise EvidenceError(f"the record lacks the content of {digest}")
    return contents[digest]


def _named(image: Image, reference: ImageRef, tag_digest: str | None) -> Image:
    """The image under its name; under its tag, too, where the tag named this digest."""
    is_named = reference.tag is not None and tag_digest == reference.digest
    return msgspec.structs.replace(
        image,
        name=reference.repository,
        tag=reference.tag if is_named and reference.tag else UNSET,
        tag_digest=tag_digest or UNSET,
    )


def _image(manifest: Manifest, digest: str, contents: dict[str, bytes]) -> Image:
    image = Image(
        digest=digest,
        media_type=manifest.media_type,
        annotations=manifest.annotations,
        attestations=manifest.attestations,
    )
    if manifest.is_index:
        return _of_index(image, manifest, contents)
    return image if manifest.config is None else _of_one(image, manifest, contents)


def _of_one(image: Image, manifest: Manifest, contents: dict[str, bytes]) -> Image:
    assert manifest.config is not None
    image = msgspec.structs.replace(
        image, config_digest=manifest.config.digest, size=UNSET if manifest.size is None else manifest.size
    )
    if not contents:
        return image
    config = parse_config(_content(contents, manifest.config.digest))
    return msgspec.structs.replace(
        image,
        platforms={config.platform: image.digest},
        labels=config.labels,
        created=config.created or UNSET,
    )


def _of_index(image: Image, index: Manifest, contents: dict[str, bytes]) -> Image:
    configs = _configs(index, contents)
    platforms = _platforms(index, configs)
    if not configs:
        return msgspec.structs.replace(image, platforms=platforms)
    if len(configs) == 1:
        only = index.children[0]
        one = _of_one(image, parse_manifest(contents[only.digest], only.media_type), contents)
        return msgspec.structs.replace(one, platforms=platforms)
    labels, differing = _agreed([config.labels for config in configs])
    return msgspec.structs.replace(image, platforms=platforms, labels=labels, differing=differing)


def _configs(index: Manifest, contents: dict[str, bytes]) -> list[Config] | None:
    """The configuration of every platform; None where one is not recorded or is no image's."""
    configs = []
    for child in index.children:
        if child.digest not in contents:
            return None
        manifest = parse_manifest(contents[child.digest], child.media_type)
        if manifest.config is None:
            return None
        configs.append(parse_config(_content(contents, manifest.config.digest)))
    return configs


def _platforms(index: Manifest, configs: list[Config] | None) -> dict[str, str]:
    platforms: dict[str, str] = {}
    for place, child in enumerate(index.children):
        platform = child.platform or (configs[place].platform if configs else None)
        if platform is None:
            raise EvidenceError("the index lists a manifest without its platform")
        if platform in platforms:
            raise EvidenceError(f"the index lists the platform {platform} twice")
        platforms[platform] = child.digest
    return platforms


def _agreed(labels: list[dict[str, str]]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The labels that every platform has alike, and the names of the others."""
    first = labels[0]
    agreed = {name: value for name, value in first.items() if all(other.get(name) == value for other in labels)}
    return agreed, tuple(sorted({name for each in labels for name in each} - set(agreed)))


def _reading(image: Image, asked_at: str | None) -> Reading:
    platforms: dict[str, str] | UnsetType = image.platforms
    only = [] if platforms is UNSET or len(platforms) != 1 else list(platforms.values())
    counts = {"attestations": image.attestations}
    if platforms is not UNSET:
        counts["platforms"] = len(platforms)
    return Reading(facts=image, subjects=(image.digest, *only), produced_at=asked_at, counts=counts)
