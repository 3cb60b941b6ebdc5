"""kustomize: the `images` list of a Kustomization or Component.

What its fields mean is taken from kustomize's own transformer (api/filters/imagetag): `name` is what resources say,
`newName` replaces it, `newTag` and `digest` replace whatever tag and digest stood there, each alone or both together.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from yaml.nodes import MappingNode, SequenceNode

from gatekeeper.errors import InvalidRequestError
from gatekeeper.manifests.edited import Edited, Target, Wish
from gatekeeper.manifests.splice import STRING, Entry, Span, apply, quoted
from gatekeeper.manifests.yamlnodes import Source, is_empty, meaning, member
from gatekeeper.model.environment import Pin
from gatekeeper.model.image import ImageRef, parse_image

_KINDS = frozenset({"Kustomization", "Component"})
_GROUP = "kustomize.config.k8s.io/"
_ORDER = ("name", "newName", "newTag", "digest")
_IMAGES = (STRING, "images")
# What kustomize takes for a field beside the one that is edited: it compares names without regard to case, the last
# one wins, and `imageTags` is added to `images` (api/types/kustomization.go, Unmarshal and FixKustomization).
_LIKE_IMAGES = {"images": "images", "imagetags": "images"}
_LIKE_MEMBERS = {name.lower(): name for name in _ORDER}


def edit(text: str, target: Target, wish: Wish) -> Edited:
    """Set the entry for `target.image` to the wish: newTag and digest as its pin says, newName where another results.

    Raises InvalidRequestError where the pin asks for what the image has not, ManifestError with the place where no
    entry or more than one fits, or where the change cannot be made without touching anything else.
    """
    image, new, pin, file = target.image, wish.image, wish.pin, target.file
    source = Source(text, file)
    found = _only(source, image)
    wished, notes = _wished(found.entry, new, pin, source)
    changes = {name: value for name, value in wished.items() if _differs(found.entry, name, value)}
    if "newName" in changes and not _same(found.entry.get("name") or "", image):
        source.refuse(f"{image} is this entry's newName, and would be gone; write its name as image:", found.entry.node)
    edited = apply(text, _spans(found.entry, changes))
    _prove(source, edited, found, changes)
    after = ImageRef(
        repository=new.repository,
        written=_deployed(found.entry, wished),
        tag=wished["newTag"],
        digest=wished["digest"],
    )
    return Edited(edited, _shown(found.entry), str(after), notes)


def current(text: str, target: Target) -> ImageRef | None:
    """The image that the entry for `target.image` stands for; None where there is no entry, or no tag and digest in it.

    Raises ManifestError where more than one entry fits, or the entry is not an image.
    """
    image, file = target.image, target.file
    source = Source(text, file)
    entries = _matching(source, image)
    if not entries:
        return None
    entry = _one(source, entries, image).entry
    if entry.get("newTag") is None and entry.get("digest") is None:
        return None
    try:
        return parse_image(_shown(entry))
    except InvalidRequestError as fault:
        source.refuse(fault.message, entry.node)


class _Found:
    """An entry, and where it stands: the document's number and its own in the list."""

    def __init__(self, entry: Entry, document: int, index: int) -> None:
        self.entry = entry
        self.document = document
        self.index = index


def _only(source: Source, image: str) -> _Found:
    entries = _matching(source, image)
    if not entries:
        source.refuse(f"no entry of images: is named {image}; add this one:\n  images:\n    - name: {image}")
    return _one(source, entries, image)


def _one(source: Source, entries: list[_Found], image: str) -> _Found:
    if len(entries) > 1:
        source.refuse(f"{len(entries)} entries of images: fit {image}; only one may", entries[1].entry.node)
    if entries[0].document:
        source.refuse("kustomize reads the first document only, and this is another one", entries[0].entry.node)
    return entries[0]


def _matching(source: Source, image: str) -> list[_Found]:
    return [
        found
        for number, root in enumerate(source.documents)
        for found in _entries(source, root, number)
        if any(_same(name, image) for name in (found.entry.get("name"), found.entry.get("newName")) if name)
    ]


def _entries(source: Source, root: Any, number: int) -> list[_Found]:
    if is_empty(root):
        return []
    _check_kind(source, root)
    images = member(root, "images")
    if images is None or not isinstance(images[1], SequenceNode):
        if images is not None and not is_empty(images[1]):
            source.refuse("images: is not a list", images[1])
        return []
    if source.uses[id(images[1])] > 1:
        source.refuse("the list is used in several places by aliases; an edit would change them all", images[1])
    found = []
    for index, node in enumerate(images[1].value):
        if not isinstance(node, MappingNode) or member(node, "name") is None:
            source.refuse("an entry of images: has no name", node)
        _refuse_alike(source, node, _LIKE_MEMBERS)
        found.append(_Found(Entry(source, node), number, index))
    return found


def _refuse_alike(source: Source, node: MappingNode, alike: dict[str, str]) -> None:
    for key, _ in node.value:
        meant = alike.get(str(key.value).lower(), key.value)
        if meant != key.value:
            source.refuse(f"kustomize takes {key.value} for {meant}; write {meant}", key)


def _check_kind(source: Source, root: Any) -> None:
    if not isinstance(root, MappingNode):
        source.refuse("not a Kustomization: the document is no mapping", root)
    kind, version = member(root, "kind"), member(root, "apiVersion")
    if kind and str(kind[1].value) not in _KINDS:
        source.refuse(f"not a Kustomization or Component: kind is {str(kind[1].value)[:80]}", kind[1])
    if version and not str(version[1].value).startswith(_GROUP):
        source.refuse(f"not one of kustomize's own files: apiVersion is {str(version[1].value)[:80]}", version[1])
    if member(root, "<<"):
        source.refuse("a file with a merge key (<<) at its top cannot be edited safely", root)
    _refuse_alike(source, root, _LIKE_IMAGES)


def _same(written: str, image: str) -> bool:
    if written == image:
        return True
    try:
        return parse_image(written).repository == parse_image(image).repository
    except InvalidRequestError:
        return False


def _wished(entry: Entry, new: ImageRef, pin: Pin, source: Source) -> tuple[dict[str, str | None], tuple[str, ...]]:
    if pin == "tag" and new.tag is None:
        raise InvalidRequestError(f"{source.file}: pin is tag, but the artifact has none")
    if pin != "tag" and new.digest is None:
        raise InvalidRequestError(f"{source.file}: pin is {pin}, but the artifact has no digest")
    deployed = entry.get("newName") or entry.get("name") or ""
    wished = {
        "newName": entry.get("newName") if _same(deployed, new.written) else new.written,
        "newTag": new.tag if pin != "digest" else None,
        "digest": new.digest if pin != "tag" else None,
    }
    missing = pin == "tag+digest" and new.tag is None
    return wished, ((f"{source.file}: the artifact has no tag; the digest alone was written",) if missing else ())


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
            staying = tuple(other for other in _ORDER[: _ORDER.index(name)] if changes.get(other, "") is not None)
            spans.append(entry.set(name, value, staying))
    return _joined(spans)


def _joined(spans: list[Span]) -> list[Span]:
    """Several additions at one place would come out in reverse; they are made one."""
    joined: dict[tuple[int, int], Span] = {}
    for span in spans:
        same = joined.get(span[:2])
        joined[span[:2]] = Span(span.start, span.end, same.text + span.text) if same else span
    return list(joined.values())


def _deployed(entry: Entry, wished: dict[str, str | None]) -> str:
    return wished["newName"] or entry.get("name") or ""


def _shown(entry: Entry) -> str:
    tag, digest = entry.get("newTag"), entry.get("digest")
    name = entry.get("newName") or entry.get("name")
    return f"{name}{f':{tag}' if tag else ''}{f'@{digest}' if digest else ''}"


def _prove(source: Source, edited: str, found: _Found, changes: dict[str, str | None]) -> None:
    """The new text must mean what the old one meant, with this entry changed as wished, and nothing else."""
    expected = deepcopy(meaning(source))
    entry = expected[found.document][_IMAGES][found.index + 1]
    for name, value in changes.items():
        entry.pop((STRING, name), None)
        if value is not None:
            entry[(STRING, name)] = (STRING, value)
    if meaning(Source(edited, source.file)) != expected:
        source.refuse("this entry cannot be changed without changing more; write it on plain lines", found.entry.node)
