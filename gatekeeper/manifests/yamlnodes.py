"""A YAML text as nodes that know their place, and what two such texts mean, to compare them.

Refused with ManifestError: what does not parse, templates, duplicate keys, documents that are too deep or too large.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from typing import Any, NoReturn

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from gatekeeper.errors import ManifestError

MAX_TEXT = 1024 * 1024
MAX_DEPTH = 100
MAX_NODES = 200_000
BOM = "\ufeff"
VARIABLES = ("{{", "${", "$(", "<%", "%(")

_TEMPLATE = re.compile(r"\{\{")
# What YAML's reader refuses before it parses (YAML 1.1, c-printable).
_UNREADABLE = re.compile(r"[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COMMENT = re.compile(r"(?:(?<![^\s\ufeff]))#[^\r\n]*")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Source:
    """One manifest: its text, its documents' root nodes, and how often each node is used."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        # The parser drops the mark and counts from behind it.
        self._skipped = int(text.startswith(BOM))
        if len(text) > MAX_TEXT:
            self.refuse(f"the file is larger than {MAX_TEXT} characters")
        self.documents = self._composed()
        self.uses: Counter[int] = Counter()
        self._has_braces = "{{" in text
        # Where scalars stand, text that is no structure: asked for where there may be a template.
        self._opaque: list[tuple[int, int]] = []
        for root in self.documents:
            self._count(root)
        self._refuse_templates()

    def start(self, node: Node) -> int:
        """Where in the text the node begins."""
        return int(node.start_mark.index) + self._skipped

    def end(self, node: Node) -> int:
        """Where in the text the node ends."""
        return int(node.end_mark.index) + self._skipped

    def refuse(self, message: str, node: Node | None = None) -> NoReturn:
        """Raise ManifestError, with the place in the file."""
        place = f":{node.start_mark.line + 1}:{node.start_mark.column + 1}" if node else ""
        raise ManifestError(f"{self.file}{place}: {message}")

    def refuse_filled(self, node: ScalarNode) -> None:
        """Raise ManifestError for a scalar that something else fills in: a template, a variable."""
        mark = next((mark for mark in VARIABLES if mark in node.value), None)
        if mark:
            self.refuse(f"a variable stands here ({mark}…): the value is set elsewhere, not in this file", node)

    def _refuse_templates(self) -> None:
        """`{{` is data in scalars and comments (Argo's arguments, Helm's tpl); as structure it makes a template."""
        if not self._has_braces:
            return
        quiet = sorted([*self._opaque, *self._comments()])
        at = self.text.find("{{")
        for start, end in [*quiet, (len(self.text), len(self.text))]:
            if 0 <= at < start:
                self._refuse_template(at)
            if start <= at < end:
                at = self.text.find("{{", end)

    def _comments(self) -> Iterator[tuple[int, int]]:
        opaque = sorted(self._opaque)
        at = 0
        while found := _COMMENT.search(self.text, at):
            inside = bisect_right(opaque, (found.start(), len(self.text))) - 1
            if inside >= 0 and found.start() < opaque[inside][1]:
                at = opaque[inside][1]
            else:
                at = found.end()
                yield found.span()

    def _refuse_template(self, at: int) -> NoReturn:
        raise ManifestError(f"{self.file}{position(self.text, at)}: the file is a template; edit what it is made from")

    def _composed(self) -> list[Node]:
        body = self.text[self._skipped :]
        try:
            self._check_depth(body)
            return list(yaml.compose_all(body, Loader=_Loader))
        except yaml.MarkedYAMLError as fault:
            template = _TEMPLATE.search(self.text)
            if template:
                self._refuse_template(template.start())
            mark = fault.problem_mark
            place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
            raise ManifestError(f"{self.file}{place}: not YAML: {fault.problem}") from fault
        except yaml.YAMLError as fault:
            found = _UNREADABLE.search(self.text)
            place = position(self.text, found.start()) if found else ""
            raise ManifestError(f"{self.file}{place}: not YAML: {str(fault).splitlines()[0]}") from fault

    def _check_depth(self, body: str) -> None:
        """Before composing, which recurses in C and would take the process down."""
        depth = 0
        for event in yaml.parse(body, Loader=_Loader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise ManifestError(f"{self.file}: the document is nested deeper than {MAX_DEPTH}")

    def _count(self, node: Node) -> None:
        uses = self.uses[id(node)] = self.uses.get(id(node), 0) + 1
        if uses > 1:
            return
        if isinstance(node, ScalarNode):
            if self._has_braces:
                self._opaque.append((self.start(node), self.end(node)))
            return
        if isinstance(node, MappingNode):
            self._check_keys(node)
        for child in children(node):
            self._count(child)

    def _check_keys(self, node: MappingNode) -> None:
        seen: set[tuple[str, str]] = set()
        for key, _ in node.value:
            if not isinstance(key, ScalarNode):
                if self.text.startswith("{{", self.start(key) - 1):
                    self._refuse_template(self.start(key) - 1)
                self.refuse("a key that is no scalar", key)
            if (key.tag, key.value) in seen:
                self.refuse(f"the key {key.value!r} stands twice", key)
            seen.add((key.tag, key.value))


def position(text: str, at: int) -> str:
    """`:line:column` of a place in a text, from 1; a byte order mark is no column."""
    start = text.rfind("\n", 0, at) + 1
    return f":{text.count(chr(10), 0, at) + 1}:{at - start + 1 - (start == 0 and text.startswith(BOM))}"


def children(node: Node) -> Iterator[Node]:
    """The nodes directly inside."""
    if isinstance(node, MappingNode):
        for key, value in node.value:
            yield key
            yield value
    elif isinstance(node, SequenceNode):
        yield from node.value


def is_empty(node: Node) -> bool:
    """Whether the node is null, as an empty document is."""
    return isinstance(node, ScalarNode) and node.tag.endswith(":null")


def member(node: MappingNode, name: str) -> tuple[ScalarNode, Node] | None:
    """The key and value called `name`."""
    for key, value in node.value:
        if key.value == name:
            return key, value
    return None


def meaning(source: Source) -> list[Any]:
    """All documents as plain values that keep each scalar's type apart: `(tag, text)`.

    Comparable with `==`. Raises ManifestError for aliases that multiply beyond bounds.
    """
    budget = [MAX_NODES]
    return [_plain(root, source, budget) for root in source.documents]


def _plain(node: Node, source: Source, budget: list[int], depth: int = 0) -> Any:
    budget[0] -= 1
    if budget[0] < 0 or depth > 2 * MAX_DEPTH:
        source.refuse("the document's aliases multiply beyond bounds", node)
    if isinstance(node, MappingNode):
        return {(key.tag, key.value): _plain(value, source, budget, depth + 1) for key, value in node.value}
    if isinstance(node, SequenceNode):
        return [node.tag, *(_plain(item, source, budget, depth + 1) for item in node.value)]
    return (node.tag, node.value)
