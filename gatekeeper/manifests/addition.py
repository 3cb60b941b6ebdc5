"""A new entry of kustomize's images: at the end of `images:`, or with the list where there is none."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any, NoReturn

from yaml.nodes import MappingNode, Node, SequenceNode

from gatekeeper.manifests.edited import Edited, Target, Wish
from gatekeeper.manifests.imagelists import same
from gatekeeper.manifests.images import pins
from gatekeeper.manifests.splice import STRING, Span, apply, quoted
from gatekeeper.manifests.yamlnodes import Source, is_empty, meaning, member

_BREAK = re.compile(r"\r\n|\r|\n")
_REST_OF_LINE = re.compile(r"[ \t]*(?:[ \t]#[^\r\n]*)?(?=\r|\n|\Z)")
_LIST = "tag:yaml.org,2002:seq"
_LIST_KEY = (STRING, "images")


def add_entry(source: Source, target: Target, wish: Wish) -> Edited:
    """Add the entry to the first document.

    Raises InvalidRequestError where the pin asks for what the image has not, ManifestError where there is no document,
    or no place for the entry that is plain to see.
    """
    if not source.documents or not isinstance(source.documents[0], MappingNode):
        source.refuse("there is no Kustomization to add an entry to")
    tag, digest, notes = pins(target, wish)
    renamed = None if same(target.image, wish.image.written) else wish.image.written
    wished = {"name": target.image, "newName": renamed, "newTag": tag, "digest": digest}
    members = {name: value for name, value in wished.items() if value}
    text = apply(source.text, [_Addition(source, source.documents[0], members).span()])
    _prove(source, text, members)
    after = f"{renamed or target.image}{f':{tag}' if tag else ''}{f'@{digest}' if digest else ''}"
    return Edited(text, "", after, (*notes, f"{target.file}: an entry for {target.image} was added"))


class _Addition:
    """Where and how an entry is written: in the style of what stands there."""

    def __init__(self, source: Source, root: MappingNode, members: dict[str, str]) -> None:
        self.source = source
        self.root = root
        self.members = members
        found = _BREAK.search(source.text)
        self.newline = found[0] if found else "\n"

    def span(self) -> Span:
        found = member(self.root, "images")
        if found is None:
            return self._in_flow(self.root, f"{self._word('images')}: [{self._flow()}]") or self._list()
        key, images = found
        if isinstance(images, SequenceNode) and images.flow_style:
            return self._in_flow(images, self._flow()) or self._refuse(images)
        if isinstance(images, SequenceNode):
            return self._behind(
                images.value[-1], images.value[-1].start_mark.column - self._dash(images), self._dash(images)
            )
        if not is_empty(images) or self.source.start(images) != self.source.end(images) or self.root.flow_style:
            self._refuse(images)
        return self._behind_line(self.source.end(key) + 1, images, self._block(key.start_mark.column, 2))

    def _list(self) -> Span:
        """At the end: of the file where no other document follows, else of the last value."""
        key = self.root.value[0][0] if self.root.value else self._refuse(self.root)
        indent = " " * key.start_mark.column
        block = f"{indent}images:{self.newline}{self._block(key.start_mark.column, 2)}"
        if len(self.source.documents) == 1 and not re.search(r"(?m)^\.\.\.", self.source.text):
            return self._at_end(block)
        return self._behind_line(self._end(self.root), self.root, block)

    def _at_end(self, block: str) -> Span:
        text = self.source.text
        ended = text.endswith(("\n", "\r"))
        return Span(len(text), len(text), f"{block}{self.newline}" if ended else f"{self.newline}{block}")

    def _dash(self, images: SequenceNode) -> int:
        """How far behind its dash an entry begins."""
        item = images.value[-1]
        start = self.source.start(item)
        line = self.source.text[start - item.start_mark.column : start]
        if not re.fullmatch(r"\ufeff? *- +", line):
            self._refuse(item)
        return len(line) - line.index("-")

    def _behind(self, last: Node, column: int, width: int) -> Span:
        return self._behind_line(self._end(last), last, self._block(column, width))

    def _behind_line(self, end: int, node: Node, block: str) -> Span:
        text = self.source.text
        if text[end - 1 : end] in {"\n", "\r"}:
            return Span(end, end, f"{block}{self.newline}")
        rest = _REST_OF_LINE.match(text, end)
        if rest is None:
            self._refuse(node)
        return Span(rest.end(), rest.end(), f"{self.newline}{block}")

    def _end(self, node: Node) -> int:
        """Behind the last thing that stands inside, without the blank lines and comments that follow."""
        while isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
            last = node.value[-1]
            key, node = last if isinstance(last, tuple) else (None, last)
            if key is not None and self.source.start(node) == self.source.end(node):
                return self.source.end(key) + 1
        return self.source.end(node)

    def _block(self, column: int, width: int) -> str:
        lines = [f"{name}: {quoted(value, None)}" for name, value in self.members.items()]
        first = f"{' ' * column}-{' ' * (width - 1)}"
        return first + f"{self.newline}{' ' * (column + width)}".join(lines)

    def _in_flow(self, node: Node, text: str) -> Span | None:
        if not getattr(node, "flow_style", False):
            return None
        end = self.source.end(node) - 1
        inner = node.value[-1] if node.value else None
        if inner is None:
            return Span(end, end, text)
        behind = self.source.end(inner[1] if isinstance(inner, tuple) else inner)
        if self.source.text[behind:end].strip():
            self._refuse(node)
        return Span(behind, behind, f", {text}")

    def _flow(self) -> str:
        style = '"' if self._is_json() else None
        return "{" + ", ".join(f"{self._word(k)}: {quoted(v, style)}" for k, v in self.members.items()) + "}"

    def _word(self, word: str) -> str:
        return f'"{word}"' if self._is_json() else word

    def _is_json(self) -> bool:
        return bool(self.root.flow_style) and all(key.style == '"' for key, _ in self.root.value)

    def _refuse(self, node: Node) -> NoReturn:
        self.source.refuse("there is no place for a new entry that is plain to see; add it by hand", node)


def _prove(source: Source, text: str, members: dict[str, str]) -> None:
    expected: Any = deepcopy(meaning(source))
    images = expected[0].get(_LIST_KEY)
    entry = {(STRING, name): (STRING, value) for name, value in members.items()}
    expected[0][_LIST_KEY] = [*(images if isinstance(images, list) else [_LIST]), entry]
    if meaning(Source(text, source.file)) != expected:
        source.refuse("an entry cannot be added here without changing more; add it by hand", source.documents[0])
