"""A case as a YAML document, ready to be pasted into a test file."""

from __future__ import annotations

import re
from typing import Any

from msgspec.json import encode

from gatekeeper.policy.plain import read_plain

_PLAIN = re.compile(r"[A-Za-z]([-A-Za-z0-9_./@ ]*[A-Za-z0-9])?")
_WIDTH = 110


def case_text(name: str, spec: dict[str, Any]) -> str:
    """The document. Values are written on one line where they fit, else each member on its own."""
    lines = ["apiVersion: gatekeeper/v1", "kind: PolicyTest", f"metadata: {{name: {_scalar(name)}}}", "spec:"]
    for key, value in spec.items():
        lines += _member(key, value, 1)
    return "\n".join(lines) + "\n"


def _member(key: str, value: Any, depth: int) -> list[str]:
    indent = "  " * depth
    line = f"{indent}{_scalar(key)}: {_flow(value)}"
    is_nested = isinstance(value, dict) and bool(value)
    if not is_nested or (depth > 1 and len(line) <= _WIDTH):
        return [line]
    return [f"{indent}{_scalar(key)}:", *(line for one in value.items() for line in _member(one[0], one[1], depth + 1))]


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(member)}" for key, member in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, str) and _PLAIN.fullmatch(value) and read_plain(value) == value:
        return value
    text = encode(value).decode().replace("##", "#\\u0023")  # CI systems make commands of `##[`
    return "".join(one if one.isprintable() else _escape(ord(one)) for one in text)


def _escape(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
