"""The status as text, Markdown and JSON. All words in it were written by others: none of them acts on anything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from msgspec import to_builtins

from gatekeeper.model.judgement import Waiting
from gatekeeper.model.status import EnvironmentStatus, Newer, Standing, Status
from gatekeeper.reports.jsontext import indented
from gatekeeper.reports.markdowntext import code, prose
from gatekeeper.reports.plain import line, short

SCHEMA = "gatekeeper.status/v1"


class Document(Status, frozen=True, kw_only=True):
    """The status in its JSON form."""

    schema: Literal["gatekeeper.status/v1"]


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the status."""
    from msgspec.json import schema as generate  # only the schema's file and command need it

    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:ml-gatekeeper:schema:status:v1"}
    return {**head, "title": SCHEMA, **generate(Document)}


def render(form: str, status: Status) -> str:
    """In one of the forms, ending in a newline."""
    if form == "json":
        return indented({"schema": SCHEMA, **to_builtins(status)})
    return "\n".join(_markdown(status) if form == "markdown" else _text(status)) + "\n"


def _text(status: Status) -> Iterator[str]:
    yield f"status at {line(status.at)}, commit {line(status.commit or 'none')}"
    for environment in status.environments:
        after = f"  after {line(', '.join(environment.after))}" if environment.after else ""
        yield ""
        yield f"{line(environment.environment)}{after}"
        if environment.branch:
            yield f"  ruled by branch {line(environment.branch)}, which was not read"
        if environment.trouble:
            yield f"  cannot be read: {line(environment.trouble)}"
        for row in environment.artifacts:
            yield f"  {line(row.artifact)}  {line(_image(row))}"
            yield from (f"    {text}" for text in _said(row))


def _markdown(status: Status) -> Iterator[str]:
    yield f"Status at {prose(status.at)}, commit {code(status.commit or 'none')}"
    for environment in status.environments:
        yield ""
        yield f"### {prose(environment.environment)}"
        yield ""
        if environment.branch:
            yield f"ruled by branch {prose(environment.branch)}, which was not read"
        if environment.trouble:
            yield f"cannot be read: {prose(environment.trouble)}"
            yield ""
        yield from _table(environment)


def _table(environment: EnvironmentStatus) -> Iterator[str]:
    if not environment.artifacts:
        return
    yield "| Artifact | Image | What is to be known |"
    yield "|---|---|---|"
    for row in environment.artifacts:
        told = "<br>".join(prose(text) for text in _said(row))
        yield f"| {code(row.artifact)} | {code(_image(row))} | {told} |"


def _image(row: Standing) -> str:
    parts = [row.tag or "", short(row.digest) if row.digest else ""]
    return " ".join(part for part in parts if part) or "no image"


def _said(row: Standing) -> Iterator[str]:
    if row.trouble:
        yield line(f"cannot be read: {row.trouble}")
    if row.differ:
        yield "ITS MANIFESTS name different images"
    yield from _decision(row)
    if row.override is not None:
        yield line(f"OVERRIDE by {row.override.by}: {row.override.reason} ({row.override.ticket})")
    if row.rollback is not None:
        yield line(f"rolled back: {row.rollback.reason}")
    yield from (line(_waiting(one)) for one in row.holds)
    for newer in row.newer:
        yield from _newer(newer)


def _decision(row: Standing) -> Iterator[str]:
    if row.how == "by hand":
        yield "NO DECISION stands for it: put there by hand, or before there were any"
    if row.how == "nothing":
        yield "nothing was promoted yet"
    if row.how != "decided":
        return
    by = "" if row.requester is None else f", asked for by {row.requester.name or row.requester.login}"
    approved = f", approved by {', '.join(one.by for one in row.approvals)}" if row.approvals else ""
    yield line(f"since {row.since} by decision {short(row.decision or '')} ({row.verdict}){by}{approved}")


def _newer(newer: Newer) -> Iterator[str]:
    what = " ".join(part for part in (newer.tag or "", short(newer.digest or "")) if part)
    verb = "rolled back to in" if newer.rolled_back else "newer in"
    yield line(f"{verb} {newer.environment}: {what}, there since {newer.since}; {_state(newer)}")
    yield from (line(f"  {reason}") for reason in newer.reasons)
    yield from (line(f"  waits for {_waiting(one)}") for one in newer.waiting)


def _state(newer: Newer) -> str:
    if newer.verdict is None:
        return "it cannot be judged by what was recorded"
    if newer.verdict != "allowed":
        return f"{newer.verdict} by what was recorded"
    if newer.waiting:
        return f"allowed, not before {newer.not_before}" if newer.not_before else "allowed, waiting"
    return f"allowed: `promote --from {newer.environment}` would take it"


def _waiting(one: Waiting) -> str:
    until = f" (until {one.until})" if one.until else ""
    return f"{one.condition}: {one.message}{until}"
