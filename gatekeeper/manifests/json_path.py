"""json-path: the string at a place of a JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gatekeeper.errors import InvalidRequestError
from gatekeeper.manifests import slots
from gatekeeper.manifests.edited import Edited, Target, Wish
from gatekeeper.manifests.images import UnfitError
from gatekeeper.manifests.jsonnodes import JsonNode, JsonSource, plain
from gatekeeper.manifests.places import Found, NoPlaceError, find, place_of
from gatekeeper.manifests.splice import Span, apply
from gatekeeper.model.image import ImageRef


class _View:
    def members(self, node: JsonNode) -> Mapping[str, JsonNode] | None:
        return node.members

    def items(self, node: JsonNode) -> Sequence[JsonNode] | None:
        return node.items

    def text(self, node: JsonNode) -> str | None:
        return node.string if node.string is not None else node.other


def edit(text: str, target: Target, wish: Wish) -> Edited:
    """Set the string at `at` to what `write` names: the image, its name, tag or digest, or the model's URI.

    Raises InvalidRequestError for a place or a combination that cannot be, ManifestError where the place is not
    there, or holds something else.
    """
    source = JsonSource(text, target.file)
    found = _locate(source, target)
    standing = _standing(source, found)
    try:
        written = slots.fill(standing, target, wish)
    except UnfitError as fault:
        source.refuse(str(fault), (found.node or found.holder).start)
    new = text if written.text == standing else apply(text, [_span(source, found, written.text)])
    _prove(source, new, found, written.text)
    return Edited(new, slots.shown(standing, target), slots.shown(written.text, target), written.notes)


def current(text: str, target: Target) -> ImageRef | None:
    """The image that the place holds, with the target's repository where it holds a tag or digest alone.

    Raises ManifestError where the place is not there or holds something else.
    """
    source = JsonSource(text, target.file)
    found = _locate(source, target)
    try:
        return slots.current(_standing(source, found), target)
    except UnfitError as fault:
        source.refuse(str(fault), (found.node or found.holder).start)


def _locate(source: JsonSource, target: Target) -> Found:
    at = place_of(target)
    if at.document is not None:
        raise InvalidRequestError(f"{target.file}: at: a JSON file is one document; begin with a dot: .{target.at}")
    try:
        return find(at, [source.root], _View(), add=target.add)
    except NoPlaceError as fault:
        source.refuse(f"{target.at}: {fault}", None if fault.node is None else fault.node.start)


def _standing(source: JsonSource, found: Found) -> str | None:
    node: JsonNode | None = found.node
    if node is None or node.other == "null":
        return None
    if node.string is None:
        source.refuse("no string stands here", node.start)
    return node.string


def _span(source: JsonSource, found: Found, value: str) -> Span:
    if found.node is not None:
        return Span(found.node.start, found.node.end, json.dumps(value))
    return _addition(source, found.holder, f"{json.dumps(found.path[-1])}: {json.dumps(value)}")


def _addition(source: JsonSource, holder: JsonNode, member: str) -> Span:
    """Behind the last member, set off from it as that is set off from what stands before it."""
    if not holder.keys:
        return Span(holder.start + 1, holder.start + 1, member)
    last = max((inner.end for inner in (holder.members or {}).values()), default=holder.start)
    before = len(source.text[: holder.keys[-1]].rstrip(" \t\r\n"))
    return Span(last, last, f",{source.text[before : holder.keys[-1]]}{member}")


def _prove(source: JsonSource, text: str, found: Found, value: str) -> None:
    """The new text must mean what the old one meant, with this string changed, and nothing else."""
    expected: Any = [plain(source.root)]
    holder = expected
    for step in (0, *found.path[:-1]):
        holder = holder[step]
    holder[found.path[-1]] = ("string", value)
    if plain(JsonSource(text, source.file).root) != expected[0]:
        source.refuse("this cannot be changed without changing more", found.holder.start)
