"""Places in YAML text: what `at:` leads to, as nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gatekeeper.manifests.edited import Target
from gatekeeper.manifests.places import Found, NoPlaceError, find, place_of
from gatekeeper.manifests.scalars import text_of
from gatekeeper.manifests.yamlnodes import Source


class _View:
    def members(self, node: Node) -> Mapping[str, Node] | None:
        """The members that stand in the mapping itself."""
        return {str(key.value): value for key, value in node.value} if isinstance(node, MappingNode) else None

    def items(self, node: Node) -> Sequence[Node] | None:
        """The items of the list."""
        return node.value if isinstance(node, SequenceNode) else None

    def text(self, node: Node) -> str | None:
        """What the scalar says; nothing for null."""
        return text_of(node)


def locate(source: Source, target: Target) -> Found:
    """The node at the target's `at`. Raises ManifestError, InvalidRequestError for an `at` that cannot be read."""
    at = place_of(target)
    try:
        return find(at, source.documents, _View(), add=target.add)
    except NoPlaceError as fault:
        source.refuse(f"{target.at}: {fault}", fault.node)


def scalar(source: Source, found: Found) -> str | None:
    """What the scalar says; None for null. Raises ManifestError for a mapping or a list."""
    if not isinstance(found.node, ScalarNode):
        source.refuse("a mapping or list stands here, not a scalar", found.node)
    return text_of(found.node)
