"""Strict JSON, for reports that may be hostile: a document that two readers could read differently is refused.

Refused: duplicate keys, NaN and infinities in any spelling, whole numbers outside 64 bits, U+0000, lone surrogates,
documents nested deeper than `MAX_DEPTH`, trailing text, encodings other than UTF-8.
"""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import Any, NoReturn

from gatekeeper.errors import EvidenceError

MAX_DEPTH = 200

_NUL = re.compile(rb"\\u0000|\x00")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def parse_json(data: bytes) -> Any:
    """The document as plain dicts, lists, strings, numbers, booleans and None. Raises EvidenceError with the place."""
    text = _decode(data)
    try:
        document = _DECODER.decode(text)
    except json.JSONDecodeError as fault:
        raise EvidenceError(f"not JSON: {fault.msg} at line {fault.lineno}, column {fault.colno}") from fault
    except RecursionError as fault:
        raise EvidenceError(f"the document is nested deeper than {MAX_DEPTH}") from fault
    return document


def _decode(data: bytes) -> str:
    if _NUL.search(data):
        raise EvidenceError("the report holds U+0000")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise EvidenceError(f"the report is not UTF-8 (byte {fault.start})") from fault
    return text


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        _refuse_duplicate(pairs)
    return members


def _refuse_duplicate(pairs: list[tuple[str, Any]]) -> NoReturn:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise EvidenceError(f"the key {key[:100]!r} stands twice in one object")
        seen.add(key)
    raise AssertionError


def _float(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise EvidenceError(f"{text[:40]} is not a finite number")
    return number


def _int(text: str) -> int:
    if len(text) > 20 or not -(2**63) <= (number := int(text)) < 2**63:
        raise EvidenceError(f"{text[:40]} does not fit in 64 bits")
    return number


def _constant(text: str) -> NoReturn:
    raise EvidenceError(f"{text} is not a finite number")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_int=_int, parse_constant=_constant)
