"""yaml-path: the scalar at a place of any YAML file, whatever tool it belongs to."""

from __future__ import annotations

from typing import Any

from yaml.nodes import Node, ScalarNode

from gatekeeper.manifests import slots
from gatekeeper.manifests.edited import Edited, Target, Wish
from gatekeeper.manifests.images import UnfitError
from gatekeeper.manifests.places import Found
from gatekeeper.manifests.scalars import Change, Place, prove, replace
from gatekeeper.manifests.splice import Entry, apply
from gatekeeper.manifests.yamlnodes import Source
from gatekeeper.manifests.yamlplaces import locate, scalar
from gatekeeper.model.image import ImageRef


def edit(text: str, target: Target, wish: Wish) -> Edited:
    """Set the scalar at `at` to what `write` names: the image, its name, tag or digest, or the model's URI.

    Raises InvalidRequestError for a place or a combination that cannot be, ManifestError where the place is not
    there, holds something else, or cannot be changed alone.
    """
    source = Source(text, target.file)
    found = locate(source, target)
    standing = None if found.node is None else scalar(source, found)
    try:
        written = slots.fill(standing, target, wish)
    except UnfitError as fault:
        source.refuse(str(fault), found.node or found.holder)
    place = Place(found.document, found.path, found.node)
    new = _added(source, found, written.text) if found.node is None else replace(source, [(place, written.text)])
    return Edited(new, slots.shown(standing, target), slots.shown(written.text, target), written.notes)


def current(text: str, target: Target) -> ImageRef | None:
    """The image that the place holds, with the target's repository where it holds a tag or digest alone.

    Raises ManifestError where the place is not there or holds something else.
    """
    source = Source(text, target.file)
    found = locate(source, target)
    try:
        return None if found.node is None else slots.current(scalar(source, found), target)
    except UnfitError as fault:
        source.refuse(str(fault), found.node)


def _added(source: Source, found: Found, value: str) -> str:
    """The member, behind the last of its mapping that is written on one line."""
    name: Any = found.path[-1]
    entry = Entry(source, found.holder)
    plain = [str(key.value) for key, inner in found.holder.value if _is_plain(source, inner)]
    if not plain:
        source.refuse(f"no member here is written on one line, to add {name} behind", found.holder)
    text = apply(source.text, [entry.set(str(name), value, tuple(plain))])
    prove(source, text, [Change(found.document, found.path, value)], found.holder)
    return text


def _is_plain(source: Source, node: Node) -> bool:
    one_line = isinstance(node, ScalarNode) and node.start_mark.line == node.end_mark.line
    return one_line and source.uses[id(node)] == 1 and source.text[source.start(node)] not in "&!"
