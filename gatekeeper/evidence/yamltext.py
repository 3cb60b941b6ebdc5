"""A YAML document of another tool, strictly: one meaning or a refusal. The only reader of YAML among the producers.

Refused: tags, merge keys, keys that stand twice, keys that are no scalars, several documents, and documents that are
too large, too deep or too many once their aliases are followed. Numbers are those of JSON; what only some versions of
YAML take for a number, a boolean or a time is text.
"""

from __future__ import annotations

import re
from typing import Any

from yaml.cyaml import CParser  # type: ignore[attr-defined]
from yaml.error import YAMLError

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence.quoting import shown

MAX_CHARACTERS = 4 * 1024 * 1024
MAX_DEPTH = 50
MAX_VALUES = 500_000

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,9})?", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS: dict[str, bool | None] = {"": None, "~": None}
_WORDS |= {spelling: value for word, value in (("true", True), ("false", False), ("null", None))
           for spelling in (word, word.capitalize(), word.upper())}  # fmt: skip


def parse_yaml(text: str) -> Any:
    """The one document as plain dicts, lists, text, numbers, booleans and None. Raises EvidenceError with the place.

    `.nan` and `.inf` are floats: whoever takes a number refuses them.
    """
    if len(text) > MAX_CHARACTERS:
        raise EvidenceError(f"the report has {len(text)} characters of YAML; at most {MAX_CHARACTERS} are read")
    try:
        return _Builder(CParser(text)).document()
    except YAMLError as fault:
        raise EvidenceError(f"not YAML: broken{_place(fault)}") from fault


def _place(fault: YAMLError) -> str:
    mark = getattr(fault, "problem_mark", None)
    if mark is not None:
        return f" at line {mark.line + 1}, column {mark.column + 1}"
    position = getattr(fault, "position", None)
    return f" at character {position + 1}" if isinstance(position, int) else ""


class _Builder:
    """Values out of libyaml's events, so that depth is counted before anything recurses."""

    def __init__(self, parser: Any) -> None:
        self._parser = parser
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._count = 0

    def document(self) -> Any:
        """The one document of the stream."""
        self._next()
        start = self._next()
        if _kind(start) != "DocumentStart":
            raise EvidenceError("the report holds no YAML document")
        if start.tags:
            raise _refusal(start, "tag directives are not read")
        value = self._value(self._next(), 0)
        self._next()
        if _kind(after := self._next()) != "StreamEnd":
            raise _refusal(after, "the report holds more than one YAML document")
        return value

    def _next(self) -> Any:
        return self._parser.get_event()

    def _value(self, event: Any, depth: int) -> Any:
        kind = _kind(event)
        if kind == "Alias":
            return self._alias(event)
        before = self._count
        self._spend(event, 1)
        if depth > MAX_DEPTH:
            raise _refusal(event, f"the document is nested deeper than {MAX_DEPTH}")
        if event.tag is not None:
            raise _refusal(event, "a tag is not read")
        value = self._scalar(event) if kind == "Scalar" else self._inside(kind, depth + 1)
        if event.anchor:
            self._anchors[event.anchor] = (value, self._count - before)
        return value

    def _alias(self, event: Any) -> Any:
        # An anchor counts once what it names is whole, so nothing can hold itself.
        if event.anchor not in self._anchors:
            raise _refusal(event, "an alias names nothing that stands before it")
        value, size = self._anchors[event.anchor]
        self._spend(event, size)
        return value

    def _spend(self, event: Any, count: int) -> None:
        self._count += count
        if self._count > MAX_VALUES:
            raise _refusal(event, f"the document holds more than {MAX_VALUES} values once its aliases are followed")

    def _inside(self, kind: str, depth: int) -> Any:
        if kind == "SequenceStart":
            items: list[Any] = []
            while _kind(item := self._next()) != "SequenceEnd":
                items.append(self._value(item, depth))
            return items
        members: dict[str, Any] = {}
        while _kind(key := self._next()) != "MappingEnd":
            name = self._key(key, members)
            members[name] = self._value(self._next(), depth)
        return members

    def _key(self, event: Any, members: dict[str, Any]) -> str:
        if _kind(event) != "Scalar" or event.tag is not None or event.anchor:
            raise _refusal(event, "a key is not plain text")
        if event.value == "<<" and not event.style:
            raise _refusal(event, "merge keys are not read")
        if event.value in members:
            raise _refusal(event, f"the key {shown(event.value)} stands twice in one mapping")
        self._spend(event, 1)
        return str(event.value)

    def _scalar(self, event: Any) -> Any:
        return event.value if event.style else _plain(event.value)


def _kind(event: Any) -> str:
    return type(event).__name__.removesuffix("Event")


def _refusal(event: Any, message: str) -> EvidenceError:
    mark = event.start_mark
    return EvidenceError(f"{message} (line {mark.line + 1}, column {mark.column + 1})")


def _plain(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if match := _NUMBER.fullmatch(text):
        return float(text) if match[1] or match[2] else int(text)
    if _NOT_FINITE.fullmatch(text):
        return float(text.lower().replace(".", ""))
    return text
