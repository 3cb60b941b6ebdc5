"""Scalars in YAML that every reader reads alike, and that no log or terminal acts on."""

from __future__ import annotations

import re
from typing import Any

from msgspec.json import encode

from gatekeeper.policy.plain import read_plain

_PLAIN = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_./@ ]*[A-Za-z0-9])?")


def scalar(value: Any) -> str:
    """One value on one line: text as it is where that can be nothing else, else in double quotes."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, str) and _PLAIN.fullmatch(value) and read_plain(value) == value:
        return value
    text = encode(value).decode().replace("##", "#\\u0023")  # CI systems make commands of `##[`
    return "".join(one if one.isprintable() else _escape(ord(one)) for one in text)


def _escape(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
