"""What `gatekeeper run` records of a tool that writes no report: how it ended, when, and the digest of what it printed.

The form is our own, `gatekeeper.command/v1`. Neither the arguments nor the output are in it: both may hold secrets.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence.fields import instant
from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.facts import Command
from gatekeeper.model.references import Digest

NAME = "command"
KIND = "command"

_SCHEMAS = "gatekeeper.command/"


class Recorded(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file. `program` is the command's name without folders; `started_at` is RFC 3339 with offset."""

    name: Annotated[str, Meta(min_length=1, max_length=100)]
    exit_status: Annotated[int, Meta(ge=-255, le=2**32 - 1)]
    started_at: str
    duration_seconds: Annotated[float, Meta(ge=0, le=1e9)]
    output_digest: Digest
    program: Annotated[str, Meta(pattern=r"^[^/\\]{1,255}$")]
    schema: Literal["gatekeeper.command/v1"] = "gatekeeper.command/v1"


def encode(recorded: Recorded) -> bytes:
    """The bytes to write, ending in a newline. Raises ValueError for what `read` would refuse."""
    document = {"schema": recorded.schema, **msgspec.to_builtins(recorded)}
    _checked(document)
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def claims(report: Opened) -> bool:
    """Objects whose `schema` is a version of `gatekeeper.command`."""
    document = report.json
    schema = document.get("schema") if isinstance(document, dict) else None
    return isinstance(schema, str) and schema.startswith(_SCHEMAS)


def read(report: Opened) -> Reading:
    """How the command ended. Raises EvidenceError for other versions and for what `gatekeeper run` does not write."""
    if claims(report) and report.json["schema"] != f"{_SCHEMAS}v1":
        raise EvidenceError(f"this version reads {_SCHEMAS}v1 only")
    try:
        recorded = _checked(report.json)
    except ValueError as fault:
        raise EvidenceError("this is not a record of `gatekeeper run`") from fault
    facts = Command(
        exit_status=recorded.exit_status,
        duration_seconds=recorded.duration_seconds,
        output_digest=recorded.output_digest,
    )
    return Reading(facts=facts, produced_at=instant(recorded.started_at), counts={"exit_status": recorded.exit_status})


def _checked(document: object) -> Recorded:
    recorded = msgspec.convert(document, Recorded)
    if instant(recorded.started_at) is None:
        raise ValueError("started_at is not RFC 3339 with offset")
    return recorded
