"""Strict JSON, for reports that may be hostile: a document that two readers could read differently is refused.

Refused: duplicate keys, NaN and infinities in any spelling, whole numbers outside 64 bits, U+0000, lone surrogates,
documents nested deeper than `MAX_DEPTH`, trailing text, encodings other than UTF-8.

Reading is a race between a scanner in C, which lets some of this through, and hooks in Python, which are slow. So the
scanner reads, and what it lets through is found by counting: a document that repeats a key has more keys in its text
than members in its objects. Only a document that fails is read again, slowly, to name the place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from gatekeeper.errors import EvidenceError

MAX_DEPTH = 200

_ALL = bytes(range(256))
# What shows where strings begin and end: quotes, and all that may follow a backslash.
_NOT_OF_STRINGS = bytes(byte for byte in _ALL if byte not in b'":\\/bfnrtu')
_NOT_QUOTE_OR_COLON = bytes(byte for byte in _ALL if byte not in b'":')
_DIGITS_AS_0 = bytes(48 if 48 <= byte <= 57 else 32 if byte in b" \t\r\n:,[-" else 120 for byte in _ALL)
_LONG_NUMBER = b" " + b"0" * 19
_CHUNK = 1 << 18
_BACKSLASH = ord("\\")
_AFTER_BACKSLASHES: Any = re.compile(rb"\\*").match
_BOM = b"\xef\xbb\xbf"


def parse_json(data: bytes) -> Any:
    """The document as plain dicts, lists, strings, numbers, booleans and None. Raises EvidenceError with the place."""
    data = data.removeprefix(_BOM)
    if _holds_nul(data):
        raise EvidenceError("the report holds U+0000")
    keys = _keys_in_text(data)
    may_be_long = _may_hold_long_number(data)
    try:
        document = msgspec.json.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as fault:
        raise _explained(data) from fault
    if _members(document) != keys or (may_be_long and _has_whole_beyond_64_bits(document)):
        raise _explained(data)
    return document


def _holds_nul(data: bytes) -> bool:
    # Backslashes pair from the left: what is left after this begins an escape.
    return b"\\u0000" in data and b"\\u0000" in data.replace(b"\\\\", b"")


def _keys_in_text(data: bytes) -> int:
    """How many keys stand in a well-formed document: as many as there are colons outside strings."""
    keys = begins_inside = 0
    for start, end in _chunks(data):
        chunk = data[start:end]
        if b"\\" in chunk:
            chunk = chunk.translate(None, _NOT_OF_STRINGS).replace(b"\\\\", b"").replace(b'\\"', b"")
        between_quotes = chunk.translate(None, _NOT_QUOTE_OR_COLON).split(b'"')
        keys += between_quotes[begins_inside::2].count(b":")
        begins_inside ^= (len(between_quotes) - 1) & 1
    return keys


def _chunks(data: bytes) -> Iterator[tuple[int, int]]:
    """Where to cut the text so that no escape is torn. Cut, because copies of the whole would double the memory."""
    start = 0
    while start < len(data):
        end = min(start + _CHUNK, len(data))
        if data[end - 1] == _BACKSLASH:
            end = min(_AFTER_BACKSLASHES(data, end).end() + 1, len(data))
        yield start, end
        start = end


def _may_hold_long_number(data: bytes) -> bool:
    reach = len(_LONG_NUMBER)
    pieces = (data[start : end + reach].translate(_DIGITS_AS_0) for start, end in _chunks(data))
    return data[:1].isdigit() or any(_LONG_NUMBER in piece for piece in pieces)


def _members(document: Any) -> int:
    """How many members all objects of the document have together. Raises EvidenceError where it is too deep."""
    members = depth = 0
    level: list[Any] = [document] if isinstance(document, dict | list) else []
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise EvidenceError(f"the document is nested deeper than {MAX_DEPTH}")
        below: list[Any] = []
        for container in level:
            values: Any = container
            if container.__class__ is dict:
                members += len(container)
                values = container.values()
            below += [value for value in values if value.__class__ is dict or value.__class__ is list]
        level = below
    return members


def _has_whole_beyond_64_bits(document: Any) -> bool:
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, int) and not -(2**63) <= value < 2**63:
            return True
    return False


def _explained(data: bytes) -> EvidenceError:
    from gatekeeper.evidence.jsonfaults import explain  # slow, and needed only for a document that is refused

    return explain(data)
