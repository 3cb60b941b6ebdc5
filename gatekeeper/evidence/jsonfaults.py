"""Why a JSON document was refused, and where: a slow second reading that names the place."""

from __future__ import annotations

import json
from math import isfinite
from typing import Any

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence.quoting import MAX_SHOWN, shown


def explain(data: bytes) -> EvidenceError:
    """The fault of a document that the strict reader has refused."""
    try:
        return _first_fault(_DECODER.decode(data.decode())) or EvidenceError("not JSON that every reader reads alike")
    except EvidenceError as fault:
        return fault
    except UnicodeDecodeError as fault:
        return EvidenceError(f"the report is not UTF-8 (byte {fault.start})")
    except json.JSONDecodeError as fault:
        what = "cut off" if fault.pos >= len(fault.doc.rstrip()) else "broken"
        return EvidenceError(f"not JSON: {what} at line {fault.lineno}, column {fault.colno}")
    except RecursionError:
        return EvidenceError("the document is nested too deep")


class _Faulty(str):
    """Stands in the document for a number that is refused, and says why."""

    __slots__ = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, value in pairs:
        if key in members:
            raise EvidenceError(f"the key {shown(key)} stands twice in one object")
        members[key] = value
    return members


def _float(text: str) -> float | _Faulty:
    number = float(text)
    return number if isfinite(number) else _Faulty("is not finite")


def _int(text: str) -> int | _Faulty:
    return int(text) if len(text) <= 20 and -(2**63) <= int(text) < 2**63 else _Faulty("does not fit in 64 bits")


def _constant(_: str) -> _Faulty:
    return _Faulty("is not finite")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_int=_int, parse_constant=_constant)


def _first_fault(document: Any) -> EvidenceError | None:
    waiting: list[tuple[str, Any]] = [("", document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, _Faulty):
            return EvidenceError(f"the number at {shown(path)} {value}")
        if isinstance(value, str) and _is_torn(value):
            return EvidenceError(f"the text at {shown(path)} holds half of a surrogate pair")
        waiting.extend(reversed(_inside(path, value)))
    return None


def _inside(path: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        named = [(_joined(path, key), key, member) for key, member in value.items()]
        return [(name, part) for name, key, member in named for part in (key, member)]
    if isinstance(value, list):
        return [(f"{path}[{index}]", member) for index, member in enumerate(value)]
    return []


def _joined(path: str, key: str) -> str:
    # Bounded: a long key over many members would be copied into the path of each.
    return f"{path}.{key[:MAX_SHOWN]}"[-MAX_SHOWN:] if path else key[:MAX_SHOWN]


def _is_torn(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)
