"""An image as evidence, and the digest that a tag names."""

from __future__ import annotations

from datetime import UTC, datetime

from gatekeeper.connect.oci.registry import Content, Registry
from gatekeeper.errors import EvidenceError, InvalidRequestError, NotEvaluatedError
from gatekeeper.evidence.oci import Recorded, encode
from gatekeeper.evidence.ocimanifest import Manifest, parse_manifest
from gatekeeper.model.image import ImageRef, parse_image
from gatekeeper.model.instants import format_instant
from gatekeeper.ports import Door, Fetched

MAX_PLATFORMS = 32
"""An index that lists more is recorded without the configurations of its platforms."""


def fetch(locator: str, door: Door) -> Fetched:
    """What the registry holds under `name:tag`, `name@digest` or both; where both are given the digest wins.

    Raises what `ports.Source.fetch` raises.
    """
    reference = _named(locator)
    registry = Registry(reference.repository, door)
    tagged = _tagged(registry, reference)
    found = tagged if reference.digest is None else registry.manifest(reference.digest)
    if found is None:
        raise NotEvaluatedError(f"{reference} is not in its registry")
    digest = reference.digest or found.digest
    recorded = Recorded(
        reference=f"{reference.repository}{f':{reference.tag}' if reference.tag else ''}@{digest}",
        asked_at=format_instant(datetime.now(UTC).replace(microsecond=0)),
        media_type=found.media_type,
        tag_digest=tagged.digest if tagged is not None else None,
        contents={content.digest: _text(content) for content in (found, *_below(registry, found))},
    )
    return Fetched(data=encode(recorded), source=f"oci:{recorded.reference}")


def resolve(reference: ImageRef, door: Door) -> str | None:
    """The digest that the reference's tag names now; None where there is no such tag.

    Raises CannotActError where the registry cannot be asked, EvidenceError where it cannot be believed.
    """
    found = None if reference.tag is None else Registry(reference.repository, door).manifest(reference.tag)
    return None if found is None else found.digest


def _named(locator: str) -> ImageRef:
    reference = parse_image(locator)
    if reference.tag is None and reference.digest is None:
        raise InvalidRequestError(
            f"oci:{locator} names neither tag nor digest", "Write oci:name:tag, or oci:name@sha256:…."
        )
    return reference


def _tagged(registry: Registry, reference: ImageRef) -> Content | None:
    return None if reference.tag is None else registry.manifest(reference.tag)


def _below(registry: Registry, found: Content) -> list[Content]:
    """The configuration of an image, or all that an index leads to, each content once."""
    manifest = parse_manifest(found.data, found.media_type)
    if not manifest.is_index:
        return _config(registry, manifest)
    if len(manifest.children) > MAX_PLATFORMS:
        return []
    contents: list[Content] = []
    for child in manifest.children:
        image = registry.manifest(child.digest)
        if image is None:
            raise EvidenceError(f"the registry lacks {child.digest}, which the index lists")
        _check_size(image, child.size)
        contents += [image, *_config(registry, parse_manifest(image.data, child.media_type))]
    return contents


def _config(registry: Registry, manifest: Manifest) -> list[Content]:
    if manifest.config is None:
        return []
    content = registry.blob(manifest.config.digest)
    _check_size(content, manifest.config.size)
    return [content]


def _check_size(content: Content, size: int) -> None:
    if len(content.data) != size:
        raise EvidenceError(f"{content.digest} has another size than the manifest says")


def _text(content: Content) -> str:
    try:
        return content.data.decode()
    except UnicodeDecodeError as fault:
        raise EvidenceError(f"the content of {content.digest} is not UTF-8") from fault
