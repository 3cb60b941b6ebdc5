"""From YAML nodes to plain values: one meaning for each, or a problem with its place."""

from __future__ import annotations

import re
from typing import Any

from gatekeeper.errors import InvalidFileError, Problem
from gatekeeper.policy.filetext import named, unfit_character
from gatekeeper.policy.plain import Ambiguous, read_plain
from gatekeeper.policy.tree import Tree, start_of

MAX_DEPTH = 50
MAX_NODES = 100_000

_MAYBE_TAG = r"(?:^|[\s\[\]{},:?-])!"
_TAG = r"(?:&\S+\s+)?!"


def build(tree: Tree, file: str) -> None:
    """Fill the tree's `value` and `problems`. Raises InvalidFileError where its aliases unfold to too much."""
    maybe_tags = "!" in tree.text and re.search(_MAYBE_TAG, tree.text, re.MULTILINE) is not None
    tree.value = _Builder(tree, file, maybe_tags).value(tree.root, 0)


class _Builder:
    """Aliases are followed each time, so that what they cost is counted."""

    def __init__(self, tree: Tree, file: str, maybe_tags: bool) -> None:
        self._tree = tree
        self._file = file
        self._maybe_tags = maybe_tags
        self._count = 0

    def value(self, node: Any, depth: int) -> Any:
        """The plain value of a node."""
        self._count += 1
        if self._count > MAX_NODES or depth > MAX_DEPTH:
            raise InvalidFileError([self._too_much(node, depth)])
        if node.tag is not None or self._maybe_tags:
            self._check_tag(node)
        kind = node.id
        if kind == "scalar":
            return self._scalar(node)
        if kind == "mapping":
            return self._mapping(node, depth + 1)
        return [self.value(item, depth + 1) for item in node.value]

    def _scalar(self, node: Any) -> Any:
        text: str = node.value
        if node.style:
            if node.style == '"' and (unfit := unfit_character(text)):
                self._refuse(node, named(unfit), "Remove the escape.")
            return text
        value = read_plain(text)
        if value.__class__ is Ambiguous:
            self._refuse(node, value.message, value.remedy)
            return text
        return value

    def _mapping(self, node: Any, depth: int) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, depth)
            value = self.value(value_node, depth)
            if key is None:
                continue
            if key in members:
                self._refuse(key_node, f"the key {_shown(key)} stands twice in one mapping", "Keep one of them.")
            members[key] = value
        return members

    def _key(self, node: Any, depth: int) -> str | None:
        key = self.value(node, depth)
        if key.__class__ is not str:
            self._refuse(node, *_not_a_key(node, key))
            return None
        if key == "<<" and not node.style:
            self._refuse(node, "merge keys (`<<`) are not read", "Write the keys out.")
            return None
        return key

    def _check_tag(self, node: Any) -> None:
        if node.tag is not None or self._begins_with_tag(node):
            self._refuse(
                node,
                "an unquoted `!` begins a YAML tag, and tags are not read",
                "Quote the value if it is text or an expression, or write it below `>-`; else remove the tag.",
            )

    def _begins_with_tag(self, node: Any) -> bool:
        """libyaml hides a lone `!`, which makes any value text."""
        return re.compile(_TAG).match(self._tree.text, node.start_mark.index) is not None

    def _refuse(self, node: Any, message: str, remedy: str) -> None:
        self._tree.problems.append(Problem(message, self._file, *start_of(node), remedy))

    def _too_much(self, node: Any, depth: int) -> Problem:
        what = f"is nested deeper than {MAX_DEPTH}" if depth > MAX_DEPTH else f"holds more than {MAX_NODES} values"
        return Problem(f"the document {what} once its aliases are followed", self._file, *start_of(node))


def _not_a_key(node: Any, key: Any) -> tuple[str, str]:
    if node.id != "scalar":
        return "a key must be text", "Quote it if it is text; mappings, such as `{{ x }}`, and lists cannot be keys."
    kind = "a boolean" if isinstance(key, bool) else "nothing" if key is None else "a number"
    return f"a key must be text, and unquoted {_shown(node.value)} is {kind} in YAML", "Quote it."


def _shown(text: str) -> str:
    return f"`{text}`" if len(text) <= 60 else f"`{text[:57]}…`"
