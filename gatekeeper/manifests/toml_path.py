"""toml-path: the string at a place of a TOML file (TOML 1.0).

What the file means is read by the standard library before and after. It gives no positions: these are found by
marking every string on one line that says the same, and looking which mark arrives at the place.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, NoReturn

from gatekeeper.errors import InvalidRequestError, ManifestError
from gatekeeper.manifests import slots
from gatekeeper.manifests.edited import Edited, Target, Wish
from gatekeeper.manifests.images import UnfitError
from gatekeeper.manifests.places import Found, NoPlaceError, find, place_of
from gatekeeper.manifests.scalars import shown
from gatekeeper.manifests.splice import Span, apply
from gatekeeper.manifests.yamlnodes import BOM, MAX_DEPTH, MAX_TEXT, position
from gatekeeper.model.image import ImageRef

# Everything in which a quote or a # is no mark: comments, strings of several lines, strings of one.
_TOKEN = re.compile(
    r"#[^\n]*"
    r'|"""(?:[^"\\]|\\.|"(?!""))*"{3,5}|' + r"'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?:[^"\\\n]|\\[^\n])*"|' + r"'[^'\n]*'",
    re.DOTALL,
)
# The parser takes time and memory by the square of the parts of a dotted key.
_LONG_KEY = re.compile(r"""(?<![A-Za-z0-9_-])(?:(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){32}""")
_ENDS_KEY = re.compile(r"[ \t]*[=.]")
_HEADER = re.compile(r"[ \t]*\[[^\n]*\Z")
_PLACE = re.compile(r"(.*) \(at line (\d+), column (\d+)\)")
_MARK = "gatekeeper-mark-"


class _Token(NamedTuple):
    start: int
    end: int
    quote: str


class _View:
    def members(self, node: Any) -> Mapping[str, Any] | None:
        return node if isinstance(node, dict) else None

    def items(self, node: Any) -> Sequence[Any] | None:
        return node if isinstance(node, list) else None

    def text(self, node: Any) -> str | None:
        return node if isinstance(node, str) else str(node) if isinstance(node, int) else None


class _Source:
    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        if len(text) > MAX_TEXT:
            self.refuse(f"the file is larger than {MAX_TEXT} characters")
        self.value = self.parse(text)

    def parse(self, text: str) -> dict[str, Any]:
        """What the text means. Raises ManifestError."""
        if _LONG_KEY.search(text):
            self.refuse("a key has more than 32 parts")
        try:
            value = tomllib.loads(text.removeprefix(BOM))
        except tomllib.TOMLDecodeError as fault:
            said = _PLACE.fullmatch(str(fault))
            place = f":{said[2]}:{said[3]}" if said else ""
            raise ManifestError(f"{self.file}{place}: not TOML: {said[1] if said else fault}") from fault
        except (RecursionError, ValueError) as fault:
            raise ManifestError(f"{self.file}: not TOML that can be read: a value is too deep or too large") from fault
        if _depth(value) > MAX_DEPTH:
            self.refuse(f"the document is nested deeper than {MAX_DEPTH}")
        return value

    def refuse(self, message: str, at: int | None = None) -> NoReturn:
        place = "" if at is None else position(self.text, at)
        raise ManifestError(f"{self.file}{place}: {message}")


def edit(text: str, target: Target, wish: Wish) -> Edited:
    """Set the string at `at` to what `write` names: the image, its name, tag or digest, or the model's URI.

    Raises InvalidRequestError for a place or a combination that cannot be, ManifestError where the place is not
    there, holds something else, or is not written on one line.
    """
    source = _Source(text, target.file)
    found = _locate(source, target)
    token = _token(source, found)
    try:
        written = slots.fill(found.node, target, wish)
    except UnfitError as fault:
        source.refuse(str(fault), token.start)
    new = text
    if written.text != found.node:
        new = apply(text, [Span(token.start, token.end, _quoted(written.text, token.quote))])
    _prove(source, new, found, written.text)
    return Edited(new, slots.shown(found.node, target), slots.shown(written.text, target), written.notes)


def current(text: str, target: Target) -> ImageRef | None:
    """The image that the place holds, with the target's repository where it holds a tag or digest alone.

    Raises ManifestError where the place is not there or holds something else.
    """
    source = _Source(text, target.file)
    found = _locate(source, target)
    try:
        return slots.current(found.node, target)
    except UnfitError as fault:
        source.refuse(str(fault), _token(source, found).start)


def _locate(source: _Source, target: Target) -> Found:
    at = place_of(target)
    if at.document is not None:
        raise InvalidRequestError(f"{target.file}: at: a TOML file is one document; begin with a dot: .{target.at}")
    if target.add:
        raise InvalidRequestError(f"{target.file}: add: nothing is added to a TOML file; write the key by hand once")
    try:
        found = find(at, [source.value], _View(), add=False)
    except NoPlaceError as fault:
        source.refuse(f"{target.at}: {fault}")
    if not isinstance(found.node, str):
        source.refuse(f"{target.at}: no string stands here")
    return found


def _token(source: _Source, found: Found) -> _Token:
    tokens = [token for token in _strings(source.text) if _says(source, token, found.node)]
    values = [token for token in tokens if not _ENDS_KEY.match(source.text, token.end)]
    # In a line that begins with a bracket a string may be an item, or the name of a table.
    items = [token for token in values if not _is_in_header(source.text, token)]
    token = _marked(source, found, values) or _marked(source, found, items)
    if token is None:
        source.refuse(f"{shown(found.path)}: the string here is not written on one line of its own; write it so")
    return token


def _marked(source: _Source, found: Found, tokens: list[_Token]) -> _Token | None:
    """The one of these strings whose mark arrives at the place when all are marked; None where none does."""
    spans = [Span(token.start, token.end, f'"{_MARK}{number}"') for number, token in enumerate(tokens)]
    try:
        value: Any = source.parse(apply(source.text, spans))
        for step in found.path:
            value = value[step]
    except (ManifestError, LookupError, TypeError):
        return None
    if not isinstance(value, str) or not value.startswith(_MARK) or value == found.node:
        return None
    return tokens[int(value.removeprefix(_MARK))]


def _strings(text: str) -> list[_Token]:
    return [
        _Token(*token.span(), token[0][0])
        for token in _TOKEN.finditer(text)
        if token[0][0] != "#" and not token[0].startswith(('"""', "'''"))
    ]


def _says(source: _Source, token: _Token, value: str) -> bool:
    written = source.text[token.start : token.end]
    if token.quote == "'" or "\\" not in written:
        return written[1:-1] == value
    try:
        return bool(tomllib.loads(f"v = {written}")["v"] == value)
    except tomllib.TOMLDecodeError:
        return False


def _is_in_header(text: str, token: _Token) -> bool:
    line = text.rfind("\n", 0, token.start) + 1
    return _HEADER.match(text, line, token.start) is not None


def _quoted(value: str, quote: str) -> str:
    if quote == "'" and "'" not in value:
        return f"'{value}'"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _prove(source: _Source, text: str, found: Found, value: str) -> None:
    """The new text must mean what the old one meant, with this string changed, and nothing else."""
    expected = _typed(source.value)
    holder = expected
    for step in found.path[:-1]:
        holder = holder[step]
    holder[found.path[-1]] = ("str", repr(value))
    if _typed(source.parse(text)) != expected:
        source.refuse("this string cannot be changed without changing more; write it on a plain line of its own")


def _typed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _typed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_typed(inner) for inner in value]
    # Not repr: it refuses whole numbers of thousands of digits.
    return (type(value).__name__, hex(value) if isinstance(value, int) else repr(value))


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [
            inner
            for holder in level
            for inner in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(inner, dict | list)
        ]
    return depth
