"""Whole images, `name:tag@digest`, at all the spots where a format may name one: those of one repository are set.

What is no image, but looks like one of that repository, is refused with its place: it may be what somebody deploys.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from gatekeeper.errors import InvalidRequestError
from gatekeeper.manifests.edited import Edited, Target, Wish
from gatekeeper.manifests.images import UnfitError, same_image, standing_image, whole_image
from gatekeeper.manifests.scalars import replace, shown, text_of
from gatekeeper.manifests.walk import Spot
from gatekeeper.manifests.yamlnodes import Source
from gatekeeper.model.image import ImageRef, parse_image

_OCI = "oci://"
_VARIABLE = re.compile(r"[@\s]|\{\{|\$[{(]|<%|%\(")
_MOST_FOREIGN = 5
_MOST_SHOWN = 5


class Held(NamedTuple):
    """A spot, and the image that stands there behind `prefix`."""

    spot: Spot
    prefix: str
    image: ImageRef


def edit_images(source: Source, spots: Iterable[Spot], target: Target, wish: Wish) -> Edited:
    """Set every image of the target's repository among the spots; all or none.

    Raises InvalidRequestError where the pin asks for what the image has not, ManifestError where no spot holds
    the image, where a look-alike does, or where one cannot be set alone.
    """
    spots = list(spots)
    held = holding(spots, target)
    if not held:
        source.refuse(_nothing(spots, target), spots[0].node if spots else None)
    written = whole_image(str(held[0].image), target, wish)
    behind = written.text[len(held[0].image.written) :]
    text = replace(source, [(each.spot.place, f"{each.prefix}{each.image.written}{behind}") for each in held])
    return Edited(text, str(held[0].image), written.text, (*written.notes, *_differing(held, target)))


def current_image(source: Source, spots: Iterable[Spot], target: Target) -> ImageRef | None:
    """The image that all spots of the target's repository name; None where there is none.

    Raises ManifestError where they name different ones.
    """
    held = holding(spots, target)
    for each in held:
        if _pins(each) != _pins(held[0]):
            both = f"{held[0].image} at {shown(held[0].spot.path)} and {each.image}"
            source.refuse(f"two images of one repository stand here, {both}", each.spot.node)
    return held[0].image if held else None


def holding(spots: Iterable[Spot], target: Target) -> list[Held]:
    """The spots that hold an image of the target's repository, with effect in at least one place.

    Raises ManifestError for one that only looks like it.
    """
    held = [each for spot in spots if (each := _held(spot, target))]
    effective = {id(each.spot.node) for each in held if each.spot.live}
    return [each for each in held if id(each.spot.node) in effective]


def _held(spot: Spot, target: Target) -> Held | None:
    text = text_of(spot.node) or ""
    prefix = _OCI if text.startswith(_OCI) else ""
    name = text.removeprefix(prefix)
    if same_image(name, target):
        return Held(spot, prefix, standing_image(name, target))
    if _looks_alike(name, target):
        try:
            standing_image(name, target)
        except UnfitError as fault:
            spot.source.refuse(f"this looks like {target.image}, but {fault}", spot.node)
    return None


def _looks_alike(text: str, target: Target) -> bool:
    """Whether it would be the target's repository without variables, spaces, capitals and foreign letters."""
    name = _VARIABLE.split(text.strip(), maxsplit=1)[0].casefold()
    head, slash, last = name.rpartition("/")
    name = f"{head}{slash}{last.partition(':')[0]}"
    foreign = [letter for letter in name if not letter.isascii()]
    if foreign:
        pattern = "".join(re.escape(letter) if letter.isascii() else ".?" for letter in name)
        return len(foreign) <= _MOST_FOREIGN and re.fullmatch(pattern, target.image) is not None
    try:
        image = parse_image(name)
        return image.repository == parse_image(target.image).repository and name != text
    except InvalidRequestError:
        return False


def _pins(each: Held) -> tuple[str | None, str | None]:
    return each.image.tag, each.image.digest


def _nothing(spots: list[Spot], target: Target) -> str:
    where = f"in container {target.container} " if target.container else ""
    texts = dict.fromkeys(text for spot in spots if (text := text_of(spot.node)))
    some = ", ".join(text if len(text) <= 120 else f"{text[:120]}…" for text in list(texts)[:_MOST_SHOWN])
    more = f" and {len(texts) - _MOST_SHOWN} more" if len(texts) > _MOST_SHOWN else ""
    there = f"the images here are {some}{more}; image: says the name in the manifest" if texts else "it names no image"
    return f"no image {where}is {target.image}: {there}"


def _differing(held: list[Held], target: Target) -> tuple[str, ...]:
    by_pins = {_pins(each): each for each in reversed(held) if each.spot.live}
    if len(by_pins) < 2:
        return ()
    some = ", ".join(f"{each.image} at {shown(each.spot.path)}" for each in [*reversed(by_pins.values())][:_MOST_SHOWN])
    return (f"{target.file}: different images stood here before: {some}",)
