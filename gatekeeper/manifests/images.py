"""What is to stand at a place that holds an image, or one part of one: from the wish, the pin and what stands there.

A repository keeps the spelling it has in the manifest as long as it is the same after Docker's normalisation.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from gatekeeper.errors import InvalidRequestError
from gatekeeper.manifests.edited import Target, Wish
from gatekeeper.manifests.yamlnodes import VARIABLES
from gatekeeper.model.image import ImageRef, parse_image


class UnfitError(Exception):
    """What stands at a place is not what it should be, so that writing there is a risk."""


class Written(NamedTuple):
    """The text for one place, and what a person should know."""

    text: str
    notes: tuple[str, ...] = ()


def pinned(target: Target, wish: Wish) -> Written:
    """The part behind the repository, `:tag@digest`, as far as the pin asks and the artifact has it.

    Raises InvalidRequestError where the pin asks for what the artifact has not.
    """
    tag, digest, notes = pins(target, wish)
    return Written(f"{f':{tag}' if tag else ''}{f'@{digest}' if digest else ''}", notes)


def pins(target: Target, wish: Wish) -> tuple[str | None, str | None, tuple[str, ...]]:
    """Tag, digest and notes, as far as the pin asks for them. Raises InvalidRequestError for one that is not there."""
    pin, image = wish.pin, wish.image
    if pin == "tag" and image.tag is None:
        raise InvalidRequestError(f"{target.file}: pin is tag, but the artifact has none")
    if pin != "tag" and image.digest is None:
        raise InvalidRequestError(f"{target.file}: pin is {pin}, but the artifact has no digest")
    missing = pin == "tag+digest" and image.tag is None
    notes = (f"{target.file}: the artifact has no tag; the digest alone was written",) if missing else ()
    return image.tag if pin != "digest" else None, image.digest if pin != "tag" else None, notes


def standing_image(text: str | None, target: Target) -> ImageRef:
    """The image that stands at a place. Raises UnfitError for a variable, for no image, and for another repository."""
    refuse_variable(text)
    if not text:
        raise UnfitError(f"no image stands here; write {target.image} here first")
    wanted = wanted_image(target)
    try:
        image = parse_image(text)
    except InvalidRequestError as fault:
        raise UnfitError(fault.message) from fault
    if image.repository != wanted.repository:
        raise UnfitError(f"{image.written} stands here, not {target.image}; image: says the name in the manifest")
    return image


def wanted_image(target: Target) -> ImageRef:
    """The repository that the row names. Raises InvalidRequestError for a name with a tag or digest."""
    wanted = parse_image(target.image)
    refuse_tagged(target)
    return wanted


def refuse_tagged(target: Target) -> None:
    """Raise InvalidRequestError where the row's image is more than a repository; some formats take any other text."""
    if re.search(r"@|:[^/]*\Z", target.image):
        raise InvalidRequestError(f"{target.file}: image: is a repository, without tag and digest: {target.image}")


def same_image(text: str | None, target: Target) -> bool:
    """Whether the text is an image of the repository that the target names."""
    try:
        standing_image(text, target)
    except UnfitError:
        return False
    return True


def refuse_variable(text: str | None) -> None:
    """Raise UnfitError for text that something else will fill in: a template or a variable, with a default or not."""
    mark = next((mark for mark in VARIABLES if mark in (text or "")), None)
    if mark:
        raise UnfitError(f"a variable stands here ({mark}…): the value is set elsewhere, not in this file")


def whole_image(text: str | None, target: Target, wish: Wish) -> Written:
    """`name:tag@digest`, with the name as it stands there."""
    image = standing_image(text, target)
    behind, notes = pinned(target, wish)
    return Written(f"{image.written}{behind}", notes)
