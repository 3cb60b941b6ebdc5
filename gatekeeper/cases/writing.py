"""A case as a YAML document, ready to be pasted into a test file."""

from __future__ import annotations

from typing import Any

from gatekeeper.policy.yamlwriting import scalar

_WIDTH = 110


def case_text(name: str, spec: dict[str, Any]) -> str:
    """The document. Values are written on one line where they fit, else each member on its own."""
    lines = ["apiVersion: gatekeeper/v1", "kind: PolicyTest", f"metadata: {{name: {scalar(name)}}}", "spec:"]
    for key, value in spec.items():
        lines += _member(key, value, 1)
    return "\n".join(lines) + "\n"


def _member(key: str, value: Any, depth: int) -> list[str]:
    indent = "  " * depth
    line = f"{indent}{scalar(key)}: {_flow(value)}"
    is_nested = isinstance(value, dict) and bool(value)
    if not is_nested or (depth > 1 and len(line) <= _WIDTH):
        return [line]
    return [f"{indent}{scalar(key)}:", *(line for one in value.items() for line in _member(one[0], one[1], depth + 1))]


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(key)}: {_flow(member)}" for key, member in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return scalar(value)
