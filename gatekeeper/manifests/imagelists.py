"""kustomize's entries of images, wherever they stand: found by name, and set.

What their fields mean is taken from kustomize's own transformer (api/filters/imagetag): `name` is what resources say,
`newName` replaces it, `newTag` and `digest` replace whatever tag and digest stood there, each alone or both together.
"""

from __future__ import annotations

from yaml.nodes import MappingNode, SequenceNode

from gatekeeper.errors import InvalidRequestError
from gatekeeper.manifests.edited import Edited, Target, Wish
from gatekeeper.manifests.images import pins
from gatekeeper.manifests.scalars import Change, prove
from gatekeeper.manifests.splice import STRING, Entry, Span, apply, quoted
from gatekeeper.manifests.walk import Spot
from gatekeeper.manifests.yamlnodes import Source, is_empty, member
from gatekeeper.model.image import ImageRef, parse_image

ORDER = ("name", "newName", "newTag", "digest")
# kustomize compares names without regard to case, and the last one wins (api/types/kustomization.go, Unmarshal).
_ALIKE = {name.lower(): name for name in ORDER}


class Found:
    """An entry, and where it stands."""

    def __init__(self, entry: Entry, spot: Spot) -> None:
        self.entry = entry
        self.spot = spot


def entries(images: Spot) -> list[Found]:
    """The entries of one list. Raises ManifestError for what is no such list."""
    source = images.source
    if not isinstance(images.node, SequenceNode):
        if not is_empty(images.node):
            source.refuse("images: is not a list", images.node)
        return []
    if source.uses[id(images.node)] > 1:
        source.refuse("the list is used in several places by aliases; an edit would change them all", images.node)
    return [_entry(spot) for spot in images.items()]


def _entry(spot: Spot) -> Found:
    node = spot.node
    if not isinstance(node, MappingNode) or member(node, "name") is None:
        spot.source.refuse("an entry of images: has no name", node)
    refuse_alike(spot.source, node, _ALIKE)
    return Found(Entry(spot.source, node), spot)


def refuse_alike(source: Source, node: MappingNode, alike: dict[str, str]) -> None:
    """Raise ManifestError for a key that kustomize takes for another one, which is edited here."""
    for key, _ in node.value:
        meant = alike.get(str(key.value).lower(), key.value)
        if meant != key.value:
            source.refuse(f"kustomize takes {key.value} for {meant}; write {meant}", key)


def matching(found: list[Found], image: str) -> list[Found]:
    """The entries whose name or newName is the image's."""
    return [
        each
        for each in found
        if any(same(name, image) for name in (each.entry.get("name"), each.entry.get("newName")) if name)
    ]


def same(written: str, image: str) -> bool:
    """Whether two names mean one repository; what is no name, or more than that, means itself alone."""
    if written == image:
        return True
    try:
        one, other = parse_image(written), parse_image(image)
        return (one.repository, one.tag, one.digest) == (other.repository, None, None)
    except InvalidRequestError:
        return False


def set_entry(found: Found, target: Target, wish: Wish) -> Edited:
    """Set one entry: newTag and digest as the pin says, newName where another repository results.

    Raises InvalidRequestError where the pin asks for what the image has not, ManifestError where the change cannot be
    made without touching anything else.
    """
    entry, source, new = found.entry, found.spot.source, wish.image
    wished, notes = _wished(entry, target, wish)
    changes = {name: value for name, value in wished.items() if _differs(entry, name, value)}
    if "newName" in changes and not same(entry.get("name") or "", target.image):
        source.refuse(
            f"{target.image} is this entry's newName, and would be gone; write its name as image:", entry.node
        )
    text = apply(source.text, _spans(entry, changes))
    place = found.spot.place
    prove(source, text, [Change(place.document, (*place.path, name), changes[name]) for name in changes], entry.node)
    deployed = wished["newName"] or entry.get("name") or ""
    after = ImageRef(repository=new.repository, written=deployed, tag=wished["newTag"], digest=wished["digest"])
    return Edited(text, shown(entry), str(after), notes)


def deployed(found: Found) -> ImageRef | None:
    """The image that an entry stands for; None without tag and digest. Raises ManifestError for what is no image."""
    entry = found.entry
    if entry.get("newTag") is None and entry.get("digest") is None:
        return None
    try:
        return parse_image(shown(entry))
    except InvalidRequestError as fault:
        found.spot.source.refuse(fault.message, entry.node)


def shown(entry: Entry) -> str:
    """What an entry stands for, as one would write it."""
    tag, digest = entry.get("newTag"), entry.get("digest")
    name = entry.get("newName") or entry.get("name")
    return f"{name}{f':{tag}' if tag else ''}{f'@{digest}' if digest else ''}"


def _wished(entry: Entry, target: Target, wish: Wish) -> tuple[dict[str, str | None], tuple[str, ...]]:
    tag, digest, notes = pins(target, wish)
    name, new = entry.get("newName") or entry.get("name") or "", wish.image.written
    return {"newName": entry.get("newName") if same(name, new) else new, "newTag": tag, "digest": digest}, notes


def _differs(entry: Entry, name: str, value: str | None) -> bool:
    """Also when the text is the same but some reader takes it for another type, such as a tag 1.10 without quotes."""
    pair = member(entry.node, name)
    if entry.get(name) != value or value is None or pair is None:
        return entry.get(name) != value
    return pair[1].tag != STRING or (not getattr(pair[1], "style", None) and quoted(value, None) != value)


def _spans(entry: Entry, changes: dict[str, str | None]) -> list[Span]:
    spans: list[Span] = []
    for name, value in changes.items():
        if value is None:
            spans.append(entry.remove(name))
        else:
            staying = tuple(other for other in ORDER[: ORDER.index(name)] if changes.get(other, "") is not None)
            spans.append(entry.set(name, value, staying))
    return _joined(spans)


def _joined(spans: list[Span]) -> list[Span]:
    """Several additions at one place would come out in reverse; they are made one."""
    joined: dict[tuple[int, int], Span] = {}
    for span in spans:
        one = joined.get(span[:2])
        joined[span[:2]] = Span(span.start, span.end, one.text + span.text) if one else span
    return list(joined.values())
