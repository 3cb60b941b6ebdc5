"""Images in Helm's values, as the map that charts use for one or as one string: found, read and set.

The map has `repository` (or `name`, or `image`), mostly `tag`, and often `registry` before and `digest` behind it. An
overlay may have the tag alone, which only a place finds. An empty tag or digest is how charts say that there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from yaml.nodes import MappingNode, Node, ScalarNode

from gatekeeper.errors import InvalidRequestError
from gatekeeper.manifests.beside import digest_beside, other_digest, part_of
from gatekeeper.manifests.edited import Edited, Target, Wish
from gatekeeper.manifests.images import UnfitError, pins, refuse_variable, same_image, standing_image, whole_image
from gatekeeper.manifests.scalars import Change, Place, places, prove, replace, text_of, way
from gatekeeper.manifests.slots import split_tag
from gatekeeper.manifests.splice import Entry, apply
from gatekeeper.manifests.walk import Spot
from gatekeeper.manifests.yamlnodes import Source, is_empty, member
from gatekeeper.model.digests import is_sha256
from gatekeeper.model.image import ImageRef, parse_image

_NAMES = ("repository", "name", "image")
_BEFORE = ("registry", *_NAMES, "tag")


class Held(NamedTuple):
    """Where the image stands: one node, and all the places that have it by aliases."""

    source: Source
    node: Node
    at: tuple[Place, ...]


class _Split(NamedTuple):
    """What a map says: its repository, tag and digest."""

    name: str
    tag: str | None
    digest: str | None

    def __str__(self) -> str:
        return f"{self.name}{f':{self.tag}' if self.tag else ''}{f'@{self.digest}' if self.digest else ''}"


def set_values(held: Held, target: Target, wish: Wish) -> Edited:
    """Set the tag and digest of the map, or the string.

    Raises InvalidRequestError where the pin asks for what the image has not or the map cannot hold, ManifestError
    where it is another image or cannot be changed alone.
    """
    try:
        return _edit_map(held, target, wish) if isinstance(held.node, MappingNode) else _edit_text(held, target, wish)
    except UnfitError as fault:
        held.source.refuse(str(fault), held.node)


def values_image(held: Held, target: Target) -> ImageRef | None:
    """The image that stands there; None without tag and digest. Raises ManifestError where it is none, or another."""
    try:
        if not isinstance(held.node, MappingNode):
            return _whole(held, target)
        split = _split(held, target)
        return parse_image(str(split)) if split.tag or split.digest else None
    except (UnfitError, InvalidRequestError) as fault:
        held.source.refuse(str(fault), held.node)


def values_matching(source: Source, target: Target, inside: Sequence[Place]) -> list[Held]:
    """The maps and strings below the places given that are the target's image."""
    roots = {(root.document, *root.path) for root in inside}
    by_node: dict[int, list[Place]] = {}
    # All of them first: aliases that multiply are refused before anything looks through merge keys.
    for place in list(places(source)):
        way = (place.document, *place.path)
        if not any(way[:steps] in roots for steps in range(1, len(way) + 1)):
            continue
        if _is_map(source, place, target) or _is_text(place, target):
            by_node.setdefault(id(place.node), []).append(place)
    named = {id(pair[1]) for at in by_node.values() for key in _NAMES if (pair := _member(at[0].node, key))}
    return [Held(source, at[0].node, tuple(at)) for key, at in by_node.items() if key not in named]


def _member(node: Node, name: str) -> tuple[ScalarNode, Node] | None:
    return member(node, name) if isinstance(node, MappingNode) else None


def _is_map(source: Source, place: Place, target: Target) -> bool:
    if not isinstance(place.node, MappingNode) or "<<" in place.path:
        return False
    name = _name(Spot(source, place.node, place.document, place.path))
    return bool(name) and same_image(name, target) and ":" not in name.rpartition("/")[2] and "@" not in name


def _is_text(place: Place, target: Target) -> bool:
    key = str(place.path[-1]) if place.path else ""
    return (
        isinstance(place.node, ScalarNode) and key.lower().endswith("image") and same_image(text_of(place.node), target)
    )


def _name(spot: Spot) -> str:
    """The repository that the map names; empty where it is no map of an image."""
    has_part = any(True for part in ("tag", "digest") for _ in spot.get(part))
    name = next((text for key in _NAMES if (text := spot.text(key)) and (has_part or key == "repository")), "")
    registry = spot.text("registry")
    return f"{registry}/{name}" if registry and name else name


def _split(held: Held, target: Target) -> _Split:
    """Raises UnfitError for a map that is another image's or none."""
    spot = _spot(held)
    name, tag, digest = _name(spot), spot.text("tag") or None, spot.text("digest") or None
    for text in (name, tag, digest):
        refuse_variable(text)
    if not name and next(spot.get("tag"), None) is None and next(spot.get("digest"), None) is None:
        raise UnfitError("no image stands here: a map with repository, tag or digest, or a string")
    if name:
        image = standing_image(name, target)
        if image.tag or image.digest:
            raise UnfitError(f"a whole image stands beside tag: {name[:120]}")
    other = other_digest(spot.texts())
    if other:
        raise UnfitError(f"{other}: stands in this map and may win over tag and digest; take it away, or use yaml-path")
    tag, embedded = split_tag(tag)
    if digest and not is_sha256(digest):
        raise UnfitError(f"digest: is none (sha256: and 64 hex digits): {digest[:120]!r}")
    if digest and embedded and digest != embedded:
        raise UnfitError("two digests stand here, in tag: and in digest:")
    return _Split(name or parse_image(target.image).written, tag, digest or embedded)


def _whole(held: Held, target: Target) -> ImageRef:
    """The string's image. Raises UnfitError where its tag, or a digest, stands apart from it."""
    if not isinstance(held.node, ScalarNode):
        raise UnfitError("a list stands here, not an image")
    image = standing_image(text_of(held.node), target)
    inside: dict[int, dict[str | int, Node]] = {}
    known: dict[int, dict[str, str]] = {}
    for each in held.at:
        nodes = [*way(held.source, each, inside)]
        holder = nodes[-2] if len(nodes) > 1 else nodes[-1]
        if id(holder) not in known:
            texts = Spot(held.source, holder, each.document).texts()
            known[id(holder)] = {name.lower(): text for name, text in texts.items()}
        key = str(each.path[-1]) if each.path else ""
        digest = digest_beside(key, known[id(holder)])
        if digest:
            raise UnfitError(f"{digest}: stands beside this image and may win over it; take it away, or use yaml-path")
        part = None if image.tag or image.digest else part_of(key, known[id(holder)])
        if part:
            raise UnfitError(f"{part}: stands beside this name, and charts join them; use yaml-path with write: tag")
    return image


def _edit_text(held: Held, target: Target, wish: Wish) -> Edited:
    before = _whole(held, target)
    written = whole_image(str(before), target, wish)
    text = replace(held.source, [(place, written.text) for place in held.at])
    return Edited(text, str(before), written.text, written.notes)


def _edit_map(held: Held, target: Target, wish: Wish) -> Edited:
    before = _split(held, target)
    members, notes = _wished(held, target, wish)
    text = _set(held, {key: value for key, value in members.items() if value is not None}, add=target.add)
    tag, embedded = split_tag(members.get("tag"))
    after = before._replace(tag=tag, digest=members.get("digest") or embedded)
    return Edited(text, str(before), str(after), notes)


def _wished(held: Held, target: Target, wish: Wish) -> tuple[dict[str, str | None], tuple[str, ...]]:
    """What tag and digest are to say; None leaves one as it is, and empty text says that there is none."""
    tag, digest, notes = pins(target, wish)
    has_digest, stands = _has(held, "digest"), _has(held, "tag")
    if digest is None:
        return {"tag": tag, "digest": "" if has_digest else None}, notes
    if has_digest or target.add:
        return {"tag": tag or ("" if stands else None), "digest": digest}, notes
    if tag is None:
        raise InvalidRequestError(
            f"{target.file}: the digest alone is to be written, and this image has no digest:",
            "add: true adds one, where the chart knows it.",
        )
    if split_tag(_spot(held).text("tag"))[1]:
        return {"tag": f"{tag}@{digest}"}, notes
    return {"tag": tag}, (f"{target.file}: this image has no digest:, so the tag alone is written",)


def _has(held: Held, name: str) -> bool:
    return next(_spot(held).get(name), None) is not None


def _spot(held: Held) -> Spot:
    return Spot(held.source, held.node, held.at[0].document, held.at[0].path)


def _set(held: Held, members: dict[str, str], *, add: bool) -> str:
    wished, missing = [], {}
    for name, value in members.items():
        pair = _member(held.node, name)
        if pair is not None and not (value == "" and is_empty(pair[1])):
            wished += [(Place(each.document, (*each.path, name), pair[1]), value) for each in held.at]
        if pair is None and (value or _spot(held).text(name)):  # what is merged in would win over nothing
            missing[name] = value
    if missing and not add:
        raise UnfitError(f"{' and '.join(missing)}: does not stand in this map itself; add: true adds it")
    text = replace(held.source, wished)
    for name, value in missing.items():
        text = _add(text, held, name, value)
    return text


def _add(text: str, held: Held, name: str, value: str) -> str:
    source = Source(text, held.source.file)
    place = next(each for each in places(source) if each[:2] == held.at[0][:2])
    if not isinstance(place.node, MappingNode) or len(held.at) > 1:
        source.refuse(f"{name}: would be added in several places by aliases", place.node)
    entry = Entry(source, place.node)
    behind = tuple(other for other in _BEFORE if member(place.node, other))
    new = apply(text, [entry.set(name, value, behind)])
    prove(source, new, [Change(place.document, (*place.path, name), value)], place.node)
    return new
