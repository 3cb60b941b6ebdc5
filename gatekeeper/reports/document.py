"""The JSON form of a report, key by key in the order that is printed: `gatekeeper.report/v1`."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from gatekeeper.model.evidence import Producer, Status
from gatekeeper.model.judgement import (
    Bound,
    Counts,
    EngineUsed,
    Interval,
    JudgedArtifact,
    JudgedPolicy,
    Outcome,
    Promotion,
    Report,
    Verdict,
    Waived,
    WaiverNote,
)

NAME: Literal["gatekeeper.report/v1"] = "gatekeeper.report/v1"


class EvidenceRow(Struct, frozen=True, kw_only=True):
    """One piece of evidence, with the place it was read from."""

    name: str | None
    kind: str | None
    producer: Producer | None
    source: str
    digest: str | None
    produced_at: str | None
    status: Status
    reason: str | None
    subjects: tuple[str, ...]
    bound: Bound
    signed_by: tuple[str, ...]


class ResultRow(Struct, frozen=True, kw_only=True):
    """One rule's result."""

    policy: str
    rule: str
    enforcement: str
    severity: str
    result: Outcome
    waived: Waived | None
    message: str
    observed: Any
    limit: Any
    comparator: str | None
    margin: float | int | str | None
    n: int | None
    interval: Interval | None
    evidence: str | None
    path: str | None
    why: str
    remedy: str
    file: str
    line: int
    effective_on: str | None


REPORTS = "gatekeeper.reports/v1"


class Document(Struct, frozen=True, kw_only=True):
    """The whole report. `promotion` is there for promote, plan and rollback, `trust` where signatures mattered."""

    schema: Literal["gatekeeper.report/v1"]
    decision: str
    verdict: Verdict
    environment: str | None
    judged_at: str
    artifact: JudgedArtifact | None
    engine: EngineUsed
    policies: tuple[JudgedPolicy, ...]
    evidence: tuple[EvidenceRow, ...]
    results: tuple[ResultRow, ...]
    counts: Counts
    waivers: tuple[WaiverNote, ...]
    unused: tuple[str, ...]
    root: str | None
    trust: str | UnsetType = UNSET
    promotion: Promotion | UnsetType = UNSET


class Documents(Struct, frozen=True, kw_only=True):
    """The reports of several artifacts of one promotion."""

    schema: Literal["gatekeeper.reports/v1"]
    reports: tuple[Document, ...]


def document(report: Report) -> Document:
    """The report in its JSON form."""
    judged = report.judgement
    return Document(
        schema=NAME,
        decision=report.decision,
        verdict=judged.verdict,
        environment=judged.environment,
        judged_at=judged.judged_at,
        artifact=judged.artifact,
        engine=report.engine,
        policies=judged.policies,
        evidence=_evidence(report),
        results=tuple(_row(result, ResultRow) for result in judged.results),
        counts=judged.counts,
        waivers=judged.waivers,
        unused=report.unused,
        root=report.root,
        trust=judged.trust,
        promotion=UNSET if report.promotion is None else report.promotion,
    )


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the report."""
    return _schema("report", NAME, Document)


def reports_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the reports of several artifacts."""
    return _schema("reports", REPORTS, Documents)


def _schema(name: str, title: str, kind: type[Struct]) -> dict[str, Any]:
    from msgspec.json import schema as generate  # only the schema's file and tests need it

    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:ml-gatekeeper:schema:{name}:v1"}
    return {**head, "title": title, **generate(kind)}


def _evidence(report: Report) -> tuple[EvidenceRow, ...]:
    pairs = zip(report.judgement.evidence, report.sources, strict=True)
    return tuple(_row(item, EvidenceRow, source=source) for item, source in pairs)


def _row(given: Struct, kind: type[Any], **more: Any) -> Any:
    names = [name for name in kind.__struct_fields__ if name not in more]
    return kind(**{name: getattr(given, name) for name in names}, **more)
