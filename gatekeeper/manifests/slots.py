"""A place for a whole image or for one part of it, by `write:`: what is to stand there, and what stands there now."""

from __future__ import annotations

import re

from gatekeeper.errors import InvalidRequestError
from gatekeeper.manifests.edited import Target, Wish
from gatekeeper.manifests.images import (
    UnfitError,
    Written,
    pins,
    refuse_variable,
    standing_image,
    wanted_image,
    whole_image,
)
from gatekeeper.manifests.yamlnodes import VARIABLES
from gatekeeper.model.digests import is_sha256
from gatekeeper.model.image import ImageRef, parse_image

_MAX_URI = 2000
_TAG = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})(?:@(sha256:[0-9a-f]{64}))?")


def fill(standing: str | None, target: Target, wish: Wish) -> Written:
    """The text for the place, given the one that stands there.

    Raises UnfitError where something else stands there than the row says, InvalidRequestError where the pin and what
    the row writes contradict, or the artifact has not what is to be written.
    """
    refuse_variable(standing)
    write = target.write or "image"
    if write == "image":
        return _image(standing, target, wish)
    if write == "name":
        return _name(standing, target)
    if write == "tag":
        return fill_tag(standing, target, wish)
    return fill_digest(standing, target, wish) if write == "digest" else _uri(standing, target, wish)


def shown(text: str | None, target: Target) -> str:
    """The text of a place as an image, for people."""
    write = target.write or "image"
    if write in {"image", "name", "model-uri"}:
        return text or ""
    mark = ":" if write == "tag" else "@"
    return f"{target.image}{mark}{text}" if text else target.image


def current(standing: str | None, target: Target) -> ImageRef | None:
    """The image that stands there, as far as the place says; None for a name or a model. Raises UnfitError."""
    write = target.write or "image"
    refuse_variable(standing)
    if not standing or write in {"name", "model-uri"}:
        return None
    if write == "image":
        return standing_image(standing, target)
    tag, digest = split_tag(standing) if write == "tag" else (None, _digest(standing))
    image = wanted_image(target)
    return ImageRef(repository=image.repository, written=image.written, tag=tag, digest=digest)


def _image(standing: str | None, target: Target, wish: Wish) -> Written:
    if not standing and target.add:
        return whole_image(wanted_image(target).written, target, wish)
    return whole_image(standing, target, wish)


def _name(standing: str | None, target: Target) -> Written:
    wanted = wanted_image(target)
    if standing is None and not target.add:
        raise UnfitError("no name stands here; add: true writes one")
    if not standing:
        return Written(wanted.written)
    try:
        image = parse_image(standing)
    except InvalidRequestError as fault:
        raise UnfitError(fault.message) from fault
    if image.tag or image.digest:
        raise UnfitError(f"a whole image stands here, not a name alone: {standing[:120]!r}")
    return Written(image.written if image.repository == wanted.repository else wanted.written)


def fill_tag(standing: str | None, target: Target, wish: Wish) -> Written:
    """A tag, or `tag@digest` where that stands there. Raises as `fill` does."""
    if wish.pin == "digest":
        raise InvalidRequestError(f"{target.file}: pin is digest, and a place for a tag cannot hold one")
    tag, digest, _ = pins(target, wish)
    if tag is None:
        raise InvalidRequestError(f"{target.file}: a tag is to be written, but the artifact has none")
    if split_tag(standing)[1] and digest:
        return Written(f"{tag}@{digest}")
    notes = (f"{target.file}: a place for a tag holds no digest; the tag alone is written",) if digest else ()
    return Written(tag, notes)


def split_tag(standing: str | None) -> tuple[str | None, str | None]:
    """The tag, and the digest where it is `tag@digest`. Raises UnfitError for other text."""
    refuse_variable(standing)
    if not standing:
        return None, None
    found = _TAG.fullmatch(standing)
    if found is None:
        raise UnfitError(f"no tag stands here: {standing[:120]!r}")
    return found[1], found[2]


def fill_digest(standing: str | None, target: Target, wish: Wish) -> Written:
    """A digest. Raises as `fill` does."""
    if wish.pin == "tag":
        raise InvalidRequestError(f"{target.file}: pin is tag, and a digest is to be written")
    _digest(standing)
    return Written(str(pins(target, wish)[1]))


def _digest(standing: str | None) -> str | None:
    refuse_variable(standing)
    if standing and not is_sha256(standing):
        raise UnfitError(f"no digest stands here (sha256: and 64 hex digits): {standing[:120]!r}")
    return standing or None


def _uri(standing: str | None, target: Target, wish: Wish) -> Written:
    if wish.model_uri is None:
        raise InvalidRequestError(f"{target.file}: a model's URI is to be written, and the artifact has none")
    uri = wish.model_uri
    is_filled = any(mark in uri for mark in VARIABLES)
    if len(uri) > _MAX_URI or not uri.isprintable() or uri != uri.strip() or not uri or is_filled:
        raise InvalidRequestError(f"{target.file}: the model's URI cannot stand in a file: {uri[:120]!r}")
    if not standing and not target.add:
        raise UnfitError("no URI stands here; add: true writes one")
    if standing and ":" not in standing and "/" not in standing:
        raise UnfitError(f"neither a URI nor a path stands here: {standing[:120]!r}")
    return Written(uri)
