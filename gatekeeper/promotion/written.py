"""Holds and approvals as files: where they lie, and their text. What is written is what the loader reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from gatekeeper.evidence.fields import seen
from gatekeeper.model.instants import format_instant
from gatekeeper.policy.people import APPROVALS, HOLDS
from gatekeeper.policy.yamlwriting import scalar

_MAX_PART = 28
_MAX_SUBJECT = 120


def hold_file(
    environment: str, artifact: str | None, *, reason: str, by: str, since: datetime, until: datetime | None
) -> tuple[str, bytes]:
    """The path and bytes of a hold. The same hold has the same path: written twice, it is there once."""
    spec = {"environment": environment, "artifact": artifact, "reason": reason, "by": by}
    times = {"since": format_instant(since), "until": None if until is None else format_instant(until)}
    given = {key: value for key, value in {**spec, **times}.items() if value is not None}
    name = _name((environment, artifact or "all"), given.values())
    return f"{HOLDS}/{name}.yaml", document_text("Hold", name, given)


def approval_file(spec: Mapping[str, Any]) -> tuple[str, bytes]:
    """The path and bytes of an approval, of the keys of its `spec`.

    One person's approval of one digest in one environment has one path: given again, it takes the place of the former.
    """
    key = [spec[part] for part in ("environment", "artifact", "by", "digest")]
    name = _name(key[:3], key)
    return f"{APPROVALS}/{name}.yaml", document_text("Approval", name, spec)


def _name(shown: Any, whole: Any) -> str:
    """Parts that people read, cut where they are long, and a mark of the whole, so that no two share a name."""
    mark = sha256("\0".join(whole).encode()).hexdigest()[:8]
    parts = [part[:_MAX_PART].strip("-._") for part in shown]
    return "-".join([*(part for part in parts if part), mark])


def document_text(kind: str, name: str, spec: Mapping[str, Any]) -> bytes:
    """A document of ours, each value on its own line."""
    lines = ["apiVersion: gatekeeper/v1", f"kind: {kind}", "metadata:", f"  name: {scalar(name)}", "spec:"]
    for key, value in spec.items():
        if isinstance(value, Mapping):
            lines += [f"  {key}:", *(f"    {scalar(inner)}: {scalar(one)}" for inner, one in value.items())]
        else:
            lines.append(f"  {key}: {scalar(value)}")
    return ("\n".join(lines) + "\n").encode()


def subject(text: str) -> str:
    """Words that somebody chose, as the first line of a commit's message: one line, nothing that cannot be seen."""
    line = seen(" ".join(text.split()))
    return line if len(line) <= _MAX_SUBJECT else f"{line[:_MAX_SUBJECT]}…"
