"""`command`: what `gatekeeper run` writes, and nothing that only looks like it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence.command import Recorded, encode, read
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.facts import Command
from tests.evidence.reports import opened

DIGEST = "sha256:" + "0" * 64
RECORDED = Recorded(
    name="format",
    exit_status=1,
    started_at="2026-11-23T08:00:00+01:00",
    duration_seconds=1.5,
    output_digest=DIGEST,
    program="black",
)


def document(**changes: Any) -> dict[str, Any]:
    return {key: value for key, value in {**json.loads(encode(RECORDED)), **changes}.items() if value is not None}


def test_what_is_written_is_read() -> None:
    found = envelope(encode(RECORDED), source="format.json")
    assert (found.kind, found.status, found.produced_at) == ("command", "evaluated", "2026-11-23T07:00:00Z")
    assert found.facts == {"exit_status": 1, "duration_seconds": 1.5, "output_digest": DIGEST}
    assert read(opened(document())).facts == Command(exit_status=1, duration_seconds=1.5, output_digest=DIGEST)


def test_the_file_is_for_people_too() -> None:
    text = encode(RECORDED).decode()
    assert text.startswith('{\n  "schema": "gatekeeper.command/v1",\n  "name": "format",\n')
    assert text.endswith('"program": "black"\n}\n')


@pytest.mark.parametrize(
    "changes",
    [
        {"exit_status": "0"},
        {"exit_status": True},
        {"exit_status": 0.5},
        {"exit_status": None},
        {"started_at": "2026-11-23T08:00:00"},
        {"started_at": "yesterday"},
        {"duration_seconds": -1},
        {"output_digest": "0" * 64},
        {"program": "/usr/bin/black"},
        {"program": None},
        {"arguments": ["--token", "secret"]},
    ],
)
def test_what_gatekeeper_run_does_not_write_is_refused(changes: dict[str, Any]) -> None:
    found = envelope(json.dumps(document(**changes)).encode(), source="x")
    assert (found.kind, found.status) == ("command", "error")
    assert found.reason == "this is not a record of `gatekeeper run`"


def test_another_version_is_refused_as_such() -> None:
    with pytest.raises(EvidenceError, match="this version reads"):
        read(opened(document(schema="gatekeeper.command/v2")))


def test_nothing_that_would_be_refused_is_written() -> None:
    with pytest.raises(ValueError, match="offset"):
        encode(
            Recorded(name="a", exit_status=0, started_at="now", duration_seconds=0.0, output_digest=DIGEST, program="a")
        )
    with pytest.raises(ValueError, match="program"):
        encode(
            Recorded(
                name="a",
                exit_status=0,
                started_at="2026-11-23T08:00:00Z",
                duration_seconds=0.0,
                output_digest=DIGEST,
                program="a/b",
            )
        )
