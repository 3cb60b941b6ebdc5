"""The decision record: an in-toto Statement v1 around a judgement and its context.

Source of the form: github.com/in-toto/attestation, spec/v1/statement.md. The file is the canonical form and a newline.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from gatekeeper.errors import GatekeeperError
from gatekeeper.model.digests import is_sha256
from gatekeeper.model.judgement import EngineUsed, Judgement
from gatekeeper.model.promoted import Promoted
from gatekeeper.model.verdict import counts, verdict
from gatekeeper.records.canonical import NotCanonicalError, canonical, parse_canonical
from gatekeeper.records.decision import decision_id as decision_id
from gatekeeper.records.decision import identify
from gatekeeper.records.promoted import contradiction

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "urn:ml-gatekeeper:decision:v1"
MAX_RECORD = 4 * 1024 * 1024


class RecordError(GatekeeperError):
    """A record cannot be believed; the message says what is wrong with it."""


class Tool(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The program that judged."""

    name: str
    version: str


class Context(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stood beside the judgement without taking part in it.

    `commit` is that from which policies were read; null when that was a working tree. `sources` are where evidence
    lay, in the judgement's order: relative, or null where the place was absolute. `facts` are the digests of the kept
    facts of each evidence, in the same order; null for what nothing was kept of.
    """

    tool: Tool
    engine: EngineUsed
    commit: str | None = None
    sources: tuple[str | None, ...] = ()
    facts: tuple[str | None, ...] | UnsetType = UNSET


class Record(Struct, frozen=True, kw_only=True):
    """A record that was read and found whole. `promotion` is null where it was not written for one."""

    decision: str
    judgement: Judgement
    context: Context
    promotion: Promoted | None = None

    @property
    def at(self) -> str:
        """The instant in the record's path."""
        return self.judgement.judged_at if self.promotion is None else self.promotion.at


class Subject(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the record is about, by digest."""

    name: str
    digest: dict[str, str]


class _Predicate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    decision: str
    judgement: dict[str, Any]
    context: Context
    promotion: Promoted | UnsetType = UNSET


class _Statement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"type_": "_type"}):
    type_: Literal["https://in-toto.io/Statement/v1"]
    subject: tuple[Subject, ...]
    predicateType: Literal["urn:ml-gatekeeper:decision:v1"]  # noqa: N815
    predicate: _Predicate


def context(
    engine: EngineUsed,
    version: str,
    commit: str | None = None,
    sources: tuple[str | None, ...] = (),
    facts: tuple[str | None, ...] | UnsetType = UNSET,
) -> Context:
    """The context of a judgement made by this version of gatekeeper; absolute places are left out."""
    shown = tuple(None if place is None or _is_absolute(place) else place for place in sources)
    tool = Tool(name="gatekeeper", version=version)
    return Context(tool=tool, engine=engine, commit=commit, sources=shown, facts=facts)


def _is_absolute(place: str) -> bool:
    path = place.rpartition("=")[2]
    path = path.partition(":")[2] or path
    return any(text.startswith(("/", "\\", "~")) or text[1:3] in {":\\", ":/"} for text in (place, path)) or (
        "://" in place
    )


def statement(judgement: Judgement, context: Context, promotion: Promoted | UnsetType = UNSET) -> dict[str, Any]:
    """The Statement, as plain values. Its subject is the artifact's image; without a digest, the judgement itself."""
    plain = msgspec.to_builtins(judgement)
    decision = identify(plain)
    promoted = {} if promotion is UNSET else {"promotion": msgspec.to_builtins(promotion)}
    return {
        "_type": STATEMENT,
        "subject": [_subject(judgement, decision)],
        "predicateType": PREDICATE,
        "predicate": {"decision": decision, "judgement": plain, "context": msgspec.to_builtins(context), **promoted},
    }


def _subject(judgement: Judgement, decision: str) -> dict[str, Any]:
    artifact = judgement.artifact
    if artifact is None or artifact.digest is None:
        return {"name": "judgement", "digest": {"sha256": decision.removeprefix("sha256:")}}
    return {"name": artifact.image, "digest": {"sha256": artifact.digest.removeprefix("sha256:")}}


def record_bytes(judgement: Judgement, context: Context, promotion: Promoted | UnsetType = UNSET) -> bytes:
    """The record's file. Raises NotCanonicalError."""
    return canonical(statement(judgement, context, promotion)) + b"\n"


def read_record(data: bytes) -> Record:
    """The record in `data`. Raises RecordError unless it is whole, canonical, and its id and subject are its own."""
    if len(data) > MAX_RECORD:
        raise RecordError(f"the record is larger than {MAX_RECORD} bytes")
    plain, parsed = _parsed(data)
    judgement = _judgement(parsed.predicate.judgement)
    if parsed.predicate.decision != identify(parsed.predicate.judgement):
        raise RecordError("the decision's id is not that of its judgement: one of them was changed")
    if verdict(judgement.results) != judgement.verdict or counts(judgement.results) != judgement.counts:
        raise RecordError("the judgement's verdict or counts do not follow from its results")
    if plain["subject"] != [_subject(judgement, parsed.predicate.decision)]:
        raise RecordError("the record's subject is not the artifact that was judged")
    record = Record(
        decision=parsed.predicate.decision,
        judgement=judgement,
        context=parsed.predicate.context,
        promotion=None if parsed.predicate.promotion is UNSET else parsed.predicate.promotion,
    )
    _check_facts(record)
    if record.promotion is not None:
        if fault := contradiction(record.decision, judgement, record.promotion):
            raise RecordError(f"the record contradicts itself: {fault}")
        if record.context.commit is None:
            raise RecordError("the record contradicts itself: a promotion judged by the policies of no commit")
    return record


def _check_facts(record: Record) -> None:
    facts = record.context.facts
    if facts is UNSET:
        return
    if len(facts) != len(record.judgement.evidence):
        raise RecordError("the record does not name the kept facts of each evidence")
    if any(digest is not None and not is_sha256(digest) for digest in facts):
        raise RecordError("the record names kept facts by something that is no digest")


def _parsed(data: bytes) -> tuple[dict[str, Any], _Statement]:
    try:
        plain = parse_canonical(data.removesuffix(b"\n"))
        if not data.endswith(b"\n"):
            raise RecordError("the record's last line is cut off")
        return plain, msgspec.convert(plain, _Statement)
    except NotCanonicalError as fault:
        raise RecordError(f"the record cannot be read: {fault.message}") from fault
    except msgspec.ValidationError as fault:
        raise RecordError(f"the file is not a decision record of version 1: {fault}") from fault


def _judgement(plain: dict[str, Any]) -> Judgement:
    try:
        judgement = msgspec.convert(plain, Judgement)
    except msgspec.ValidationError as fault:
        raise RecordError(f"the judgement is not one of version 1: {fault}") from fault
    if not _within(plain, msgspec.to_builtins(judgement)):
        raise RecordError("the judgement has keys that version 1 does not know")
    return judgement


def _within(plain: Any, known: Any) -> bool:
    """Whether all of `plain` came through. `known` may hold more: fields that were added since, at their defaults."""
    if isinstance(plain, dict):
        return isinstance(known, dict) and all(key in known and _within(plain[key], known[key]) for key in plain)
    if isinstance(plain, list):
        same = isinstance(known, list | tuple) and len(known) == len(plain)
        return same and all(map(_within, plain, known))
    return canonical(plain) == canonical(known)
