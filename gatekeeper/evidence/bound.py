"""What a Statement wraps: a report of another producer, by our own binding predicate or by those of others.

Ours is `urn:ml-gatekeeper:evidence:v1`, which `gatekeeper evidence bind` writes: the report's own bytes in base64, with
their digest, its producer, when it was bound, and what it is about that has no digest. cosign wraps a scanner's report
(specs/COSIGN_VULN_ATTESTATION_SPEC.md of github.com/sigstore/cosign), or any text as `Data`.
"""

from __future__ import annotations

from binascii import Error as NotBase64
from binascii import a2b_base64
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence.fields import instant, mapping
from gatekeeper.evidence.in_toto import NAME, Statement, statement
from gatekeeper.evidence.opened import open_report
from gatekeeper.evidence.registry import is_known, kinds_of, reader
from gatekeeper.model.digests import sha256_of
from gatekeeper.model.evidence import Opened, Reading

PREDICATE = "urn:ml-gatekeeper:evidence:v1"
COSIGN_VULN = "https://cosign.sigstore.dev/attestation/vuln/v1"
COSIGN_CUSTOM = "https://cosign.sigstore.dev/attestation/v1"
MAX_REPORT = 64 * 1024 * 1024

# Of these the type tells what they are; their content, which anybody may shape, is shown to no producer.
_OWN_MEANING = (
    "https://in-toto.io/",
    "https://slsa.dev/",
    "https://spdx.dev/",
    "https://cyclonedx.org/",
    "urn:ml-gatekeeper:",
)


Id = Annotated[str, Meta(pattern=r"^(?!sha256:|gitCommit:)[!-~]{1,200}$(?!\n)")]
"""What can name a thing that has no digest of its own: printable ASCII without spaces."""


class Binding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Our predicate. `about` are ids that are no digest of a Statement: a run, or the md5 of a data set."""

    producer: str
    digest: str
    report: str
    bound_at: str
    produced_at: str | None = None
    about: Annotated[tuple[Id, ...], Meta(max_length=100)] = ()


class _Inner(Struct, frozen=True, kw_only=True):
    """What is inside: a document, who wrote it where that is said, when, and what it is about besides the subjects.

    `itself` is the digest of its bytes, where they are there.
    """

    document: Opened
    producer: str | None = None
    produced_at: str | None = None
    bound_at: str | None = None
    about: tuple[str, ...] = ()
    itself: str | None = None


def read_bound(report: Opened, producer: str | None, claimer: Callable[[Opened], str | None]) -> tuple[str, Reading]:
    """What a Statement says, and by whom: `producer` where one is named, else who the wrapping names or claims it.

    Where that is nobody, it is an attestation. Raises what readers raise, and EvidenceError where the Statement and the
    report in it are not about the same thing, or not of the same time.
    """
    whole = statement(report.json)
    inner = None if producer == NAME else _inner(whole)
    if inner is not None and producer and inner.producer not in (None, producer):
        raise EvidenceError(f"this was bound as a report of {inner.producer}, and {producer} is to read it")
    if inner is None and producer not in (None, NAME):
        raise EvidenceError(f"a Statement of this predicate type holds no report of {producer}")
    chosen = NAME if inner is None else producer or inner.producer or claimer(inner.document) or NAME
    if inner is None or chosen == NAME:
        return NAME, reader(NAME).read(report)
    return chosen, _joined(whole, inner, reader(chosen).read(inner.document), kinds_of(chosen)[0])


def _inner(whole: Statement) -> _Inner | None:
    if whole.predicate_type == PREDICATE:
        return _ours(whole)
    if whole.predicate_type == COSIGN_VULN:
        scanner = mapping(whole.predicate.get("scanner"), "predicate.scanner")
        metadata = mapping(whole.predicate.get("metadata", {}), "predicate.metadata")
        result = scanner.get("result")
        return _Inner(document=_document(result), bound_at=instant(metadata.get("scanFinishedOn")))
    if whole.predicate_type == COSIGN_CUSTOM:
        data = whole.predicate.get("Data")
        return _text(data.encode()) if isinstance(data, str) else _Inner(document=_document(data))
    if whole.predicate_type.startswith(_OWN_MEANING):
        return None
    return _Inner(document=_document(whole.predicate))


def _text(data: bytes) -> _Inner:
    return _Inner(document=open_report(data), itself=sha256_of(data))


def _document(value: Any) -> Opened:
    outermost = value[0] if isinstance(value, list) and value else value
    return Opened(form="json", json=value, marks=frozenset(outermost) if isinstance(outermost, dict) else frozenset())


def _ours(whole: Statement) -> _Inner:
    try:
        binding = msgspec.convert(whole.predicate, Binding)
        data = a2b_base64(binding.report.encode("ascii"), strict_mode=True)
    except (msgspec.ValidationError, NotBase64, UnicodeEncodeError) as fault:
        raise EvidenceError("the predicate is not one that `gatekeeper evidence bind` writes") from fault
    if len(data) > MAX_REPORT:
        raise EvidenceError(f"the bound report has {len(data)} bytes; at most {MAX_REPORT} are read")
    if sha256_of(data) != binding.digest:
        raise EvidenceError("the bound report is not the one whose digest stands beside it")
    if not is_known(binding.producer) or binding.producer == NAME:
        raise EvidenceError("the bound report is of a producer that this version does not read")
    times = (binding.bound_at, binding.produced_at or binding.bound_at)
    if None in map(instant, times):
        raise EvidenceError("the binding's times are not RFC 3339 with offset")
    return _Inner(
        document=open_report(data),
        producer=binding.producer,
        produced_at=instant(binding.produced_at),
        bound_at=instant(binding.bound_at),
        about=binding.about,
        itself=binding.digest,
    )


def _joined(whole: Statement, inner: _Inner, reading: Reading, kind: str) -> Reading:
    """The report's facts, about the Statement's subjects and its own; as old as it says, else as its wrapping says."""
    outer = frozenset(whole.subjects) - {inner.itself}
    if kind in _OF_IMAGES:
        _check_same_image(outer, frozenset(reading.subjects))
    own, said = reading.produced_at, inner.produced_at
    if own and said and own != said:
        raise EvidenceError(f"the statement says that the report was made at {said}, the report at {own}")
    return msgspec.structs.replace(
        reading,
        subjects=tuple(sorted(outer.union(reading.subjects, inner.about))),
        produced_at=own or said or inner.bound_at,
        report=inner.itself,
    )


_OF_IMAGES = frozenset({"scan", "image", "rollout"})
"""Kinds whose reports name the image that they are about: a Statement about another was put around the wrong file."""


def _check_same_image(outer: frozenset[str], own: frozenset[str]) -> None:
    images = sorted(subject for subject in outer if subject.startswith("sha256:"))
    if images and own and own.isdisjoint(images):
        raise EvidenceError(
            f"the statement is about {', '.join(images[:5])}, the report in it about {', '.join(sorted(own)[:5])}"
        )
