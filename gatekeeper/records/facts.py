"""The kept facts of one file of evidence: a canonical document (RFC 8785), compressed, named by its own digest.

The digest is that of the canonical bytes, not of the compressed ones: it does not depend on who compressed them.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any, Literal

import msgspec
from msgspec import Struct

from gatekeeper.errors import CannotActError, GatekeeperError
from gatekeeper.evidence.reading import plain_facts
from gatekeeper.model.digests import is_sha256, sha256_of
from gatekeeper.model.evidence import Envelope, Producer, Reading, Recorded, Status
from gatekeeper.model.facts import ALL_KINDS, ScanDatabase, facts_type
from gatekeeper.records.canonical import NotCanonicalError, canonical, parse_canonical
from gatekeeper.records.masking import Known, mask
from gatekeeper.records.texts import is_name

SCHEMA: Literal["gatekeeper.facts/v1"] = "gatekeeper.facts/v1"
MAX_DOCUMENT = 64 * 1024 * 1024
MAX_COMPRESSED = 8 * 1024 * 1024
_GZIP = 31
"""zlib's `wbits` for gzip of the largest window; its header then holds neither time nor name."""


class FactsError(GatekeeperError):
    """Kept facts cannot be believed; the message says what is wrong with them."""


class KeptKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A key that had signed the evidence: its name in `trust.yaml` then, and its fingerprint."""

    name: str
    fingerprint: str


class KeptFacts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of evidence as a judgement used it.

    `digest` is that of the file's bytes, `payload` that of what stood inside; `name` is null where none was given.
    `facts` are of the kind's fields, and `masked` the paths of those that were left out. `unverified` says why
    signatures did not count.
    """

    schema: Literal["gatekeeper.facts/v1"]
    name: str | None
    kind: str | None
    producer: Producer | None
    digest: str | None
    payload: str | None
    subjects: tuple[str, ...]
    produced_at: str | None
    status: Status
    reason: str | None
    counts: dict[str, int]
    facts: dict[str, Any]
    masked: tuple[tuple[str, ...], ...]
    signed_by: tuple[KeptKey, ...]
    unverified: str | None


def facts_path(digest: str) -> str:
    """Where facts of this digest lie on the evidence branch."""
    text = digest.removeprefix("sha256:")
    return f"facts/{text[:2]}/{text}.json.gz"


def kept_facts(envelope: Envelope, keys: Mapping[str, str], known: Known) -> tuple[str, bytes]:
    """The digest and the compressed file. `keys` are the fingerprints of the keys by name.

    Raises CannotActError, naming the evidence, for facts that are too large or that no canonical form can hold.
    """
    document = _document(envelope, keys, known)
    try:
        data = canonical(msgspec.to_builtins(document))
    except NotCanonicalError as fault:
        raise CannotActError(f"the facts of {_told(envelope)} cannot be kept: {fault.message}") from fault
    if len(data) > MAX_DOCUMENT:
        raise _too_large(envelope, len(data), MAX_DOCUMENT)
    packer = zlib.compressobj(9, zlib.DEFLATED, _GZIP)
    packed = packer.compress(data) + packer.flush()
    if len(packed) > MAX_COMPRESSED:
        raise _too_large(envelope, len(packed), MAX_COMPRESSED)
    return sha256_of(data), packed


def _document(envelope: Envelope, keys: Mapping[str, str], known: Known) -> KeptFacts:
    facts, masked = mask(envelope.kind, envelope.facts, known) if envelope.facts else ({}, ())
    before = () if envelope.recorded is None else envelope.recorded.masked
    small = any(path[0] in ("attributes", "only") for path in masked)
    return KeptFacts(
        schema=SCHEMA,
        name=envelope.name,
        kind=envelope.kind,
        producer=envelope.producer,
        digest=envelope.digest,
        payload=envelope.payload,
        subjects=envelope.subjects,
        produced_at=envelope.produced_at,
        status=envelope.status,
        reason=envelope.reason,
        counts={key: count for key, count in envelope.counts.items() if is_name(key) and not small},
        facts=facts,
        masked=tuple(dict.fromkeys((*before, *masked))),
        signed_by=tuple(KeptKey(name=name, fingerprint=keys[name]) for name in envelope.signed_by if name in keys),
        unverified=envelope.unverified,
    )


def _too_large(envelope: Envelope, size: int, limit: int) -> CannotActError:
    return CannotActError(
        f"the facts of {_told(envelope)} have {size} bytes; {limit} at most are kept with a decision",
        "Give a smaller report: one that is split, or that leaves out what no rule reads.",
    )


def _told(envelope: Envelope) -> str:
    return f"{envelope.name or envelope.kind or 'evidence'} ({ascii(envelope.source)[1:-1][-200:]})"


def read_facts(packed: bytes, digest: str, source: str, earlier: Recorded) -> Envelope:
    """The evidence in a kept file. Raises FactsError unless it is whole and has that digest.

    `earlier` says which decision used it; the keys and masked facts are filled in.
    """
    data = _unpacked(packed)
    if sha256_of(data) != digest:
        raise FactsError("they do not have the digest that the record names")
    kept = _parsed(data)
    facts = _facts(kept)
    recorded = msgspec.structs.replace(
        earlier, keys=tuple(key.fingerprint for key in kept.signed_by), masked=kept.masked
    )
    return Envelope(
        name=kept.name,
        kind=kept.kind,
        producer=kept.producer,
        source=source,
        digest=kept.digest,
        subjects=kept.subjects,
        produced_at=kept.produced_at,
        status=kept.status,
        reason=kept.reason,
        counts=kept.counts,
        facts=facts,
        unverified=kept.unverified,
        payload=kept.payload,
        recorded=recorded,
    )


def _unpacked(packed: bytes) -> bytes:
    if len(packed) > MAX_COMPRESSED:
        raise FactsError(f"they have more than {MAX_COMPRESSED} bytes")
    reader = zlib.decompressobj(_GZIP)
    try:
        data = reader.decompress(packed, MAX_DOCUMENT + 1)
    except zlib.error as fault:
        raise FactsError("they are not whole gzip") from fault
    if len(data) > MAX_DOCUMENT:
        raise FactsError(f"unpacked they have more than {MAX_DOCUMENT} bytes")
    if not reader.eof or reader.unused_data:
        raise FactsError("they are cut off, or something follows them")
    return data


def _parsed(data: bytes) -> KeptFacts:
    try:
        plain = parse_canonical(data)
        kept = msgspec.convert(plain, KeptFacts)
    except NotCanonicalError as fault:
        raise FactsError(f"they cannot be read: {fault.message}") from fault
    except msgspec.ValidationError as fault:
        raise FactsError(f"they are no kept facts of version 1: {fault}") from fault
    digests = (kept.digest, kept.payload, *(key.fingerprint for key in kept.signed_by))
    if any(digest is not None and not is_sha256(digest) for digest in digests):
        raise FactsError("they name something by what is no digest")
    if any(not path or not all(path) for path in kept.masked):
        raise FactsError("they leave out what has no name")
    if (kept.status == "evaluated") != (kept.kind is not None and bool(kept.facts or kept.masked)):
        raise FactsError("they are evaluated and hold nothing, or are not and hold something")
    return kept


def _facts(kept: KeptFacts) -> dict[str, Any]:
    """The facts, of the types that their kind declares; what was left out of them stands empty where it must stand."""
    if kept.status != "evaluated":
        return {}
    if kept.kind not in ALL_KINDS:
        raise FactsError(f"there is no kind of evidence {kept.kind!a}")
    kind: type[Struct] = facts_type(str(kept.kind))
    if kept.kind == "scan" and "db_updated_at" in kept.facts and "counts" not in kept.facts and not kept.masked:
        kind = ScanDatabase
    try:
        facts = plain_facts(Reading(facts=msgspec.convert({**_empty(kind, kept), **kept.facts}, kind)))
    except (msgspec.ValidationError, GatekeeperError) as fault:
        raise FactsError(f"they are no facts of kind {kept.kind}: {fault}") from fault
    if not kept.facts.keys() <= facts.keys():
        raise FactsError(f"they hold what evidence of kind {kept.kind} does not have")
    return facts


def _empty(kind: type[Struct], kept: KeptFacts) -> dict[str, Any]:
    """Something of the right type for each field that must stand and was left out."""
    left_out = {path[0] for path in kept.masked if len(path) == 1}
    needed = {field.encode_name: field.type for field in msgspec.structs.fields(kind) if field.required}
    return {name: _empty_of(hint) for name, hint in needed.items() if name in left_out}


def _empty_of(hint: Any) -> Any:
    choices: tuple[Any, ...] = ({}, "", False, 0, 0.0)
    for empty in choices:
        try:
            msgspec.convert(empty, hint, strict=True)
        except msgspec.ValidationError:
            continue
        return empty
    return None
