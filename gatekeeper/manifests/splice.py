"""Changes of single scalars in YAML text, byte for byte: everything outside the spans given stays as it was."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from yaml.nodes import MappingNode, Node, ScalarNode
from yaml.resolver import Resolver

from gatekeeper.manifests.yamlnodes import Source, member

STRING = "tag:yaml.org,2002:str"
# What YAML 1.1, YAML 1.2 or Go's YAML reads as something else than a string, of the strings that an image is made of.
_OTHER_TYPE = re.compile(
    r"[-+]?[0-9_]*\.?[0-9_]*(?:[eE][-+]?[0-9_]+)?|[-+]?0[xXoObB][0-9A-Fa-f_]+|\d{4}-\d\d?-\d\d?(?:[Tt].*)?"
    r"|(?i:null|true|false|yes|no|on|off|y|n|nan|inf)"
)
_PLAIN = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_./@=-]|:(?=[A-Za-z0-9_./@=-]))*")
_REST_OF_LINE = re.compile(r"[ \t]*(?:[ \t]#[^\r\n]*)?(?=\r|\n|\Z)")
_BREAK = re.compile(r"\r\n|\r|\n")


_resolve: Any = Resolver().resolve


class Span(NamedTuple):
    """Replace the text from `start` to `end` by `text`."""

    start: int
    end: int
    text: str


def apply(text: str, spans: list[Span]) -> str:
    """The text with all spans replaced; they must not overlap."""
    pieces = []
    at = 0
    for span in sorted(spans):
        pieces += [text[at : span.start], span.text]
        at = span.end
    return "".join([*pieces, text[at:]])


def quoted(value: str, style: str | None) -> str:
    """`value`, of printable letters, as a YAML string: in the quotes given, else bare where all readers take it so."""
    if style == "'":
        return "'" + value.replace("'", "''") + "'"
    if style == '"':
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    bare = _PLAIN.fullmatch(value) and not _OTHER_TYPE.fullmatch(value)
    is_string = bare and _resolve(ScalarNode, value, (True, False)) == STRING
    return value if is_string else quoted(value, '"')


class Entry:
    """A mapping whose scalar members are set, added and removed."""

    def __init__(self, source: Source, node: MappingNode) -> None:
        self.source = source
        self.node = node
        self._refuse_shared(node)
        if member(node, "<<"):
            source.refuse("an entry with a merge key (<<) cannot be edited safely", node)

    def get(self, name: str) -> str | None:
        """The text of the scalar called `name`; None where it is missing, empty or null."""
        found = member(self.node, name)
        if found is None:
            return None
        if not isinstance(found[1], ScalarNode):
            self.source.refuse(f"{name} is no scalar", found[1])
        return None if found[1].tag.endswith(":null") else str(found[1].value) or None

    def set(self, name: str, value: str, after: tuple[str, ...]) -> Span:
        """Set `name` to `value`; where it is missing, add it behind the last one present of `after`."""
        found = member(self.node, name)
        if found is None:
            reference = next(pair for pair in (member(self.node, other) for other in reversed(after)) if pair)
            return self._add(name, value, *reference)
        node = self._scalar(name, found[1])
        start, end = self.source.start(node), self.source.end(node)
        if start == end:
            return self._fill(name, value, found[0])
        return Span(start, end, quoted(value, node.style))

    def _fill(self, name: str, value: str, key: Node) -> Span:
        """Behind a key with no value at all, `newTag:`."""
        at = self.source.end(key) + 1
        if self.source.text[at - 1 : at] != ":":
            self.source.refuse(f"{name} has no value, and its place is not plain to see", key)
        return Span(at, at, f" {quoted(value, None)}")

    def remove(self, name: str) -> Span:
        """Take `name` away: its whole line, or in a flow mapping its part of it."""
        pairs = self.node.value
        index = next(number for number, (key, _) in enumerate(pairs) if key.value == name)
        key, value = pairs[index]
        self._scalar(name, value)
        if self.node.flow_style:
            return self._remove_flow(index)
        return self._remove_line(index, key, value)

    def _add(self, name: str, value: str, key: ScalarNode, behind: Node) -> Span:
        reference = self._scalar(str(key.value), behind)
        end = max(self.source.end(reference), self.source.end(key) + 1)
        if self.node.flow_style:
            style = reference.style if key.style in {"'", '"'} else None
            label = f"{key.style}{name}{key.style}" if key.style in {"'", '"'} else name
            return Span(end, end, f", {label}: {quoted(value, style)}")
        end = self._line_end(end, reference)
        line = f"{' ' * key.start_mark.column}{name}: {quoted(value, None)}"
        return Span(end, end, self._newline(end) + line)

    def _remove_flow(self, index: int) -> Span:
        pairs = self.node.value
        start, end = self.source.start(pairs[index][0]), self.source.end(pairs[index][1])
        if index:
            start = self.source.end(pairs[index - 1][1])
        else:
            end = self.source.start(pairs[1][0])
        self._refuse_comment(start, end, pairs[index][0])
        return Span(start, end, "")

    def _remove_line(self, index: int, key: Node, value: Node) -> Span:
        text = self.source.text
        start, end = self.source.start(key), self._line_end(self.source.end(value), value)
        line = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
        if text[line:start].strip(" \ufeff"):
            if index + 1 == len(self.node.value):
                self.source.refuse(f"{key.value} does not begin its line; write it plainly", key)
            following = self.source.start(self.node.value[index + 1][0])
            self._refuse_comment(start, following, key)
            return Span(start, following, "")
        newline = _BREAK.match(text, end)
        if newline:
            return Span(line, newline.end(), "")
        # The last line, and no newline ends it: the one before it goes instead.
        before = line - (2 if text[:line].endswith("\r\n") else 1)
        return Span(before, end, "")

    def _line_end(self, at: int, node: Node) -> int:
        rest = _REST_OF_LINE.match(self.source.text, at)
        if rest is None:
            self.source.refuse("something else stands on the same line", node)
        return rest.end()

    def _newline(self, at: int) -> str:
        found = _BREAK.match(self.source.text, at) or _BREAK.search(self.source.text)
        return found[0] if found else "\n"

    def _refuse_comment(self, start: int, end: int, node: Node) -> None:
        if "#" in self.source.text[start:end]:
            self.source.refuse(f"a comment would be lost with {node.value}; move it first", node)

    def _scalar(self, name: str, node: Node) -> ScalarNode:
        self._refuse_shared(node)
        if not isinstance(node, ScalarNode) or node.style in {"|", ">"} or node.start_mark.line != node.end_mark.line:
            self.source.refuse(f"{name} is not a scalar on one line", node)
        if self.source.text[self.source.start(node) : self.source.start(node) + 1] in {"&", "!"}:
            self.source.refuse(f"{name} has an anchor or a tag; write it plainly", node)
        self.source.refuse_filled(node)
        return node

    def _refuse_shared(self, node: Node) -> None:
        if self.source.uses[id(node)] > 1:
            self.source.refuse("this is used in several places by aliases; an edit would change them all", node)
