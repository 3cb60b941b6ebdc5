"""Which facts are kept with a decision: those of every file of evidence that its judgement used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from gatekeeper.model.evidence import Envelope
from gatekeeper.model.judgement import JudgedEvidence, Judgement
from gatekeeper.records.facts import facts_path, kept_facts
from gatekeeper.records.masking import Known


class Kept(Struct, frozen=True, kw_only=True):
    """The files for the evidence branch, by path, and the digest for each evidence of the judgement, in its order."""

    files: dict[str, bytes] = {}
    digests: tuple[str | None, ...] = ()


def facts_to_keep(judgement: Judgement, envelopes: Sequence[Envelope], keys: Mapping[str, str], known: Known) -> Kept:
    """What is kept. `keys` are the fingerprints of the trusted keys by name.

    Raises CannotActError, naming the evidence, for facts that are too large or have no canonical form.
    """
    files: dict[str, bytes] = {}
    done: dict[int, str] = {}
    digests: list[str | None] = []
    for index, judged in enumerate(judgement.evidence):
        found = _used(judged, judgement.evidence[:index].count(judged), envelopes)
        if found is None:
            digests.append(None)
            continue
        if id(found) not in done:
            digest, packed = kept_facts(found, keys, known)
            done[id(found)] = digest
            files[facts_path(digest)] = packed
        digests.append(done[id(found)])
    return Kept(files=files, digests=tuple(digests))


def _used(judged: JudgedEvidence, before: int, envelopes: Sequence[Envelope]) -> Envelope | None:
    """The file that was judged as this. Several that are alike, as files that are not there, stand in their order."""
    alike = sorted((one for one in envelopes if _is_of(one, judged)), key=lambda one: (one.name is None, one.source))
    return alike[min(before, len(alike) - 1)] if alike else None


def _is_of(envelope: Envelope, judged: JudgedEvidence) -> bool:
    if envelope.name not in (None, judged.name):
        return False
    said = (envelope.kind, envelope.producer, envelope.digest, envelope.produced_at, envelope.status, envelope.reason)
    return said == (
        judged.kind,
        judged.producer,
        judged.digest,
        judged.produced_at,
        judged.status,
        judged.reason,
    ) and (envelope.subjects, envelope.signed_by) == (judged.subjects, judged.signed_by)
