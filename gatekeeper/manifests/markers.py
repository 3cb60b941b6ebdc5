"""Flux's setter markers: the comment behind a scalar that says which image policy sets it, and which part of the image.

Format: https://fluxcd.io/flux/guides/image-update/ and image-automation-controller 1.0 (internal/update/setters.go).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import NamedTuple

from yaml.nodes import ScalarNode

from gatekeeper.errors import InvalidRequestError, ManifestError
from gatekeeper.manifests.beside import digest_beside, is_digest
from gatekeeper.manifests.edited import Edited, Target, Wish
from gatekeeper.manifests.images import UnfitError, Written, standing_image, whole_image
from gatekeeper.manifests.scalars import Path, Place, places, replace, shown, text_of
from gatekeeper.manifests.slots import fill_digest, fill_tag, split_tag
from gatekeeper.manifests.walk import Spot
from gatekeeper.manifests.yamlnodes import Source
from gatekeeper.model.digests import is_sha256
from gatekeeper.model.image import ImageRef, parse_image

_MARKER = re.compile(r'(?<!\S)#[ \t]*\{[ \t]*"\$imagepolicy"[ \t]*:[ \t]*"([^"\\\r\n]*)"[ \t]*\}[ \t]*(?=[\r\n]|\Z)')
_SETTER = re.compile(r"([a-z0-9][a-z0-9.-]*:[a-z0-9][a-z0-9.-]*)(?::(tag|name|digest))?")
_POLICY = re.compile(r"[a-z0-9][a-z0-9.-]*:[a-z0-9][a-z0-9.-]*")


class Marked(NamedTuple):
    """A scalar with a marker: the policy, the part of the image (empty for all of it), and the places that have it."""

    policy: str
    part: str
    at: tuple[Place, ...]


def find_marked(source: Source) -> list[Marked]:
    """All marked scalars. Raises ManifestError for a marker that stands behind no scalar."""
    by_node: dict[int, list[Place]] = {}
    for place in places(source):
        by_node.setdefault(id(place.node), []).append(place)
    scalars = sorted(
        (source.end(at[0].node), source.start(at[0].node), key)
        for key, at in by_node.items()
        if isinstance(at[0].node, ScalarNode)
    )
    marked = []
    for found in _MARKER.finditer(source.text):
        setter = _SETTER.fullmatch(found[1])
        if setter and not _is_text(scalars, found.start()):
            key = _before(source, scalars, found.start())
            marked.append(Marked(setter[1], setter[2] or "", tuple(by_node[key])))
    return marked


def _is_text(scalars: list[tuple[int, int, int]], at: int) -> bool:
    """Whether that is inside a scalar, and so no comment."""
    after = bisect_right(scalars, (at, at, 0))
    return any(start <= at < end for end, start, _ in scalars[after : after + 4])


def _before(source: Source, scalars: list[tuple[int, int, int]], at: int) -> int:
    last = bisect_right(scalars, (at, at, 0)) - 1
    if last >= 0 and not source.text[scalars[last][0] : at].strip(" \t") and scalars[last][0] > scalars[last][1]:
        return scalars[last][2]
    line, column = source.text.count("\n", 0, at) + 1, at - source.text.rfind("\n", 0, at)
    message = "the marker stands behind no scalar; write it behind the one that it means"
    raise ManifestError(f"{source.file}:{line}:{column}: {message}")


def edit_marked(source: Source, target: Target, wish: Wish) -> Edited:
    """Set the scalars that the policy named by `at` marks, and none besides.

    Raises InvalidRequestError where the pin asks for what they cannot hold, ManifestError where none is marked or one
    is another image.
    """
    marked = _of_policy(source, target)
    wished: list[tuple[Place, str]] = []
    notes: list[str] = []
    _refuse_beside(source, marked)
    for each in marked:
        try:
            written = _written(each, target, wish)
        except UnfitError as fault:
            source.refuse(str(fault), each.at[0].node)
        wished += [(place, written.text) for place in each.at]
        notes += written.notes
    has_digest = {each.part for each in marked} >= {"tag", "digest"}
    said = () if has_digest else tuple(dict.fromkeys(notes))
    text = replace(source, wished)
    after = _image({id(place.node): value for place, value in wished}, marked, target)
    return Edited(text, _image({}, marked, target), after, said)


def _refuse_beside(source: Source, marked: list[Marked]) -> None:
    """A digest beside a tag or a whole image wins over it, so one that is not marked would keep the old image."""
    ours = {id(each.at[0].node) for each in marked}
    held: dict[Path, list[tuple[str, str]]] = {}
    for each in marked:
        for place in each.at if each.part in {"", "tag"} else ():
            key = str(place.path[-1]) if place.path else ""
            held.setdefault((place.document, *place.path[:-1]), []).append((each.part, key))
    for holder in places(source) if held else ():
        for part, key in held.get((holder.document, *holder.path), ()):
            for spot in Spot(source, holder.node, holder.document).walk("*"):
                if spot.live and id(spot.node) not in ours and _wins(part, key, str(spot.path[-1]), text_of(spot.node)):
                    what = "tag" if part else "image"
                    message = f"a digest stands beside a marked {what} and wins over it; mark it, or take it away"
                    source.refuse(message, spot.node)


def _wins(part: str, key: str, name: str, text: str | None) -> bool:
    return is_digest(name, text) if part else digest_beside(key, {name: text or ""}) is not None


def marked_image(source: Source, target: Target) -> ImageRef | None:
    """The image that the marked scalars name. Raises ManifestError where they contradict each other or are no image."""
    marked = _of_policy(source, target)
    images: list[ImageRef] = []
    parts: dict[str, str] = {}
    for each in marked:
        text = text_of(each.at[0].node) or ""
        try:
            if not each.part:
                images.append(standing_image(text, target))
            elif parts.setdefault(each.part, text) != text:
                raise UnfitError(f"another {each.part} stands at {shown(each.at[0].path)}")
        except UnfitError as fault:
            source.refuse(str(fault), each.at[0].node)
    images += _from_parts(source, parts, target)
    if len({(image.tag, image.digest) for image in images}) > 1:
        source.refuse(f"{target.at} marks two images, {images[0]} and {images[-1]}")
    return images[0] if images else None


def _from_parts(source: Source, parts: dict[str, str], target: Target) -> list[ImageRef]:
    digest = parts.get("digest") or None
    try:
        tag, inside = split_tag(parts.get("tag"))
    except UnfitError as fault:
        source.refuse(str(fault))
    if digest and not is_sha256(digest):
        source.refuse(f"no digest stands at the marker of {target.at}")
    name = parse_image(target.image)
    found = ImageRef(repository=name.repository, written=name.written, tag=tag, digest=digest or inside)
    return [found] if tag or found.digest else []


def is_policy(at: str | None) -> bool:
    """Whether a row's `at` is a policy, `namespace:name`."""
    return at is not None and _POLICY.fullmatch(at) is not None


def _of_policy(source: Source, target: Target) -> list[Marked]:
    everything = find_marked(source)
    found = [each for each in everything if each.policy == target.at]
    if not found:
        known = ", ".join(dict.fromkeys(each.policy for each in everything)) or "none"
        source.refuse(f"no scalar is marked for {target.at}; policies that mark here: {known}")
    if {each.part for each in found} == {"name"}:
        source.refuse(f"{target.at} marks names only, and a name says neither tag nor digest", found[0].at[0].node)
    return found


def _written(each: Marked, target: Target, wish: Wish) -> Written:
    text = text_of(each.at[0].node)
    if each.part == "tag":
        return fill_tag(text, target, wish)
    if each.part == "digest":
        return fill_digest(text, target, wish)
    if not each.part:
        return whole_image(text, target, wish)
    name = standing_image(text, target)
    if name.tag or name.digest:
        raise UnfitError("a whole image stands here, where the marker says a name")
    return Written(name.written)


def _image(values: dict[int, str], marked: list[Marked], target: Target) -> str:
    """What the first marked scalars say together, for people."""
    parts: dict[str, str] = {}
    for each in marked:
        node = each.at[0].node
        parts.setdefault(each.part, values.get(id(node), text_of(node) or ""))
    if "" in parts:
        return parts[""]
    tag, digest = parts.get("tag"), parts.get("digest")
    return f"{target.image}{f':{tag}' if tag else ''}{f'@{digest}' if digest else ''}"


def refuse_unsaid(source: Source) -> None:
    """Raise ManifestError for a file with markers: which policy is meant must be said."""
    marked = find_marked(source)
    if marked:
        known = ", ".join(dict.fromkeys(each.policy for each in marked))
        source.refuse(f"setter markers stand here; say with at: which policy is meant ({known})", marked[0].at[0].node)


def check_policy(target: Target) -> None:
    """Raise InvalidRequestError for an `at` that is neither a policy nor a place."""
    if target.at is not None and not is_policy(target.at) and not target.at.startswith("."):
        raise InvalidRequestError(
            f"{target.file}: at: {target.at} is neither an image policy nor a place",
            "Such as flux-system:churn, or .spec.values.image.",
        )
