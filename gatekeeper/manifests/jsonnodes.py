"""A JSON text as nodes that know their place (RFC 8259, strict).

Refused with ManifestError: duplicate keys, comments and trailing commas, NaN and infinities, lone surrogates,
documents that are too deep or too large.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from msgspec import Struct

from gatekeeper.errors import ManifestError
from gatekeeper.manifests.yamlnodes import BOM, MAX_DEPTH, MAX_TEXT, position

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*"')
_OTHER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?(?![0-9A-Za-z_.+-])|(?:true|false|null)\b")


class JsonNode(Struct, frozen=True, kw_only=True):
    """A value: where it starts and ends, and its members, its items, its string, or the text of another scalar."""

    start: int
    end: int
    members: dict[str, JsonNode] | None = None
    items: list[JsonNode] | None = None
    string: str | None = None
    other: str | None = None
    # Where the keys of the members start, in their order.
    keys: tuple[int, ...] = ()


class JsonSource:
    """One JSON document: its text and its root."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        if len(text) > MAX_TEXT:
            self.refuse(f"the file is larger than {MAX_TEXT} characters")
        start = self._space(int(text.startswith(BOM)))
        self.root = self._value(start, 0)
        end = self._space(self.root.end)
        if end < len(text):
            self.refuse("not JSON: something stands behind the document", end)

    def refuse(self, message: str, at: int | None = None) -> NoReturn:
        """Raise ManifestError, with the place in the file."""
        place = "" if at is None else position(self.text, at)
        raise ManifestError(f"{self.file}{place}: {message}")

    def _space(self, at: int) -> int:
        found = _SPACE.match(self.text, at)
        return found.end() if found else at

    def _value(self, at: int, depth: int) -> JsonNode:
        if depth > MAX_DEPTH:
            self.refuse(f"the document is nested deeper than {MAX_DEPTH}", at)
        mark = self.text[at : at + 1]
        if mark == "{":
            return self._object(at, depth)
        if mark == "[":
            return self._array(at, depth)
        if mark == '"':
            text, end = self._string(at)
            return JsonNode(start=at, end=end, string=text)
        found = _OTHER.match(self.text, at)
        if found is None:
            self.refuse("not JSON: here a value is expected" + self._hint(at), at)
        return JsonNode(start=at, end=found.end(), other=found[0])

    def _hint(self, at: int) -> str:
        if self.text.startswith(("//", "/*"), at):
            return ", and JSON has no comments"
        return ", and JSON has no comma behind the last one" if self.text[at : at + 1] in "}]" and at else ""

    def _string(self, at: int) -> tuple[str, int]:
        found = _STRING.match(self.text, at)
        if found is None:
            self.refuse("not JSON: this string does not end, or holds what must be escaped", at)
        text: str = json.loads(found[0])
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            self.refuse("not JSON: a lone surrogate", at)
        return text, found.end()

    def _object(self, start: int, depth: int) -> JsonNode:
        members: dict[str, JsonNode] = {}
        keys: list[int] = []
        at = self._space(start + 1)
        while not self._ends(at, "}", bool(keys)):
            at = self._space(at + 1) if keys else at
            if self.text[at : at + 1] != '"':
                self.refuse("not JSON: here a key in double quotes is expected" + self._hint(at), at)
            key, end = self._string(at)
            if key in members:
                self.refuse(f"the key {key[:80]!r} stands twice", at)
            keys.append(at)
            at = self._space(end)
            if self.text[at : at + 1] != ":":
                self.refuse("not JSON: here a colon is expected", at)
            members[key] = self._value(self._space(at + 1), depth + 1)
            at = self._space(members[key].end)
        return JsonNode(start=start, end=at + 1, members=members, keys=tuple(keys))

    def _array(self, start: int, depth: int) -> JsonNode:
        items: list[JsonNode] = []
        at = self._space(start + 1)
        while not self._ends(at, "]", bool(items)):
            at = self._space(at + 1) if items else at
            items.append(self._value(at, depth + 1))
            at = self._space(items[-1].end)
        return JsonNode(start=start, end=at + 1, items=items)

    def _ends(self, at: int, mark: str, needs_comma: bool) -> bool:
        found = self.text[at : at + 1]
        if found == mark:
            return True
        if needs_comma and found != ",":
            self.refuse(f"not JSON: here a comma or {mark} is expected" + self._hint(at), at)
        return False


def plain(node: JsonNode) -> Any:
    """The value as something comparable with `==`: every scalar keeps its type, a number its spelling."""
    if node.members is not None:
        return {key: plain(inner) for key, inner in node.members.items()}
    if node.items is not None:
        return [plain(inner) for inner in node.items]
    return ("string", node.string) if node.string is not None else ("other", node.other)
