"""The JSON Schemas of a decision record and of the facts that are kept with it, from the types of both."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from gatekeeper.model.judgement import Judgement
from gatekeeper.model.promoted import Promoted
from gatekeeper.records.facts import KeptFacts
from gatekeeper.records.statement import Context, Subject


class DecisionPredicate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The decision's id, the judgement that it is the digest of, what stood beside it, and the promotion it made."""

    decision: str
    judgement: Judgement
    context: Context
    promotion: Promoted | UnsetType = UNSET


class DecisionRecord(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"type_": "_type"}):
    """An in-toto Statement v1 around a judgement, in RFC 8785 form."""

    type_: Literal["https://in-toto.io/Statement/v1"]
    subject: tuple[Subject, ...]
    predicateType: Literal["urn:ml-gatekeeper:decision:v1"]  # noqa: N815
    predicate: DecisionPredicate


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the record."""
    return _schema("decision", "Decision record", DecisionRecord)


def facts_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the document that holds kept facts, unpacked."""
    return _schema("facts", "Kept facts", KeptFacts)


def _schema(name: str, title: str, kind: type[Struct]) -> dict[str, Any]:
    from msgspec.json import schema as generate  # only the schema's file and command need it

    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:ml-gatekeeper:schema:{name}:v1"}
    return {**head, "title": title, **generate(kind)}
