"""What a case gives, as the judge takes it: envelopes, the artifact, the environment's name and the clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from msgspec import UNSET, Struct
from msgspec.structs import replace

from gatekeeper.cases.artifact import given_artifact, usual_artifact
from gatekeeper.cases.facts import facts_of
from gatekeeper.cases.parts import in_parts
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.evidence.kinds_shown import producers_of
from gatekeeper.evidence.reading import envelope
from gatekeeper.judge.judge import Case
from gatekeeper.judge.supply import known_subjects
from gatekeeper.model.artifact import Artifact
from gatekeeper.model.evidence import Envelope, Producer
from gatekeeper.model.instants import format_instant, parse_instant
from gatekeeper.model.policy import Policy, Requirement
from gatekeeper.model.policytest import CaseEnvelope, CaseEvidence, CaseSpec
from gatekeeper.policy.near import near
from gatekeeper.policy.tree import Step
from gatekeeper.policy.trust import AsNamed
from gatekeeper.records.unseal import unseal

At = tuple[Step, ...]
Complain = Callable[[At, str, str], None]
"""Hears of a fault: its place below `spec`, what it is, and what to do."""
ReadFile = Callable[[str], bytes | None]
"""The bytes of a file, by its path from the folder of the test; None where there is none."""

OWN_KEYS = frozenset({"file", "producer", "envelope"})
"""Keys of evidence that are no facts."""

_SOME_DIGEST = "sha256:" + "0" * 64


class Surroundings(Struct, frozen=True, kw_only=True):
    """What a case stands in: the policy it tests, the clock where it names none, and the files beside it."""

    policy: Policy
    now: datetime
    read_file: ReadFile


def given(spec: CaseSpec, raw: Mapping[str, Any], around: Surroundings, complain: Complain) -> Case:
    """The case for the judge; `raw` is its `spec` as it stands in the file. Faults are told to `complain`."""
    now = around.now if spec.now is UNSET else parse_instant(spec.now)
    artifact = _artifact(spec, around.policy, complain)
    declared = around.policy.spec.evidence
    envelopes: list[Envelope] = []
    for name, evidence in spec.evidence.items():
        if name not in declared:
            remedy = near(name, declared) or f"There is {', '.join(declared) or 'none'}."
            complain(("evidence", name), f"policy {around.policy.metadata.name} has no evidence `{name}`", remedy)
            continue
        one = _Evidence(name, declared[name], evidence, raw["evidence"][name], complain)
        envelopes += one.envelopes(around.read_file, artifact, now)
    return Case(
        artifact=artifact,
        environment=None if spec.environment is UNSET else spec.environment,
        envelopes=tuple(envelopes),
        now=now,
        signers=AsNamed(),
    )


def _artifact(spec: CaseSpec, policy: Policy, complain: Complain) -> Artifact | None:
    if spec.artifact is UNSET:
        return usual_artifact(policy.spec)
    try:
        return None if spec.artifact is None else given_artifact(spec.artifact)
    except InvalidRequestError as fault:
        complain(("artifact", "image"), fault.message, fault.remedy)
        return None


class _Evidence:
    """One entry of a case's `evidence`."""

    def __init__(
        self, name: str, requirement: Requirement, evidence: CaseEvidence, raw: Mapping[str, Any], complain: Complain
    ) -> None:
        self.name = name
        self.requirement = requirement
        self.evidence = evidence
        self.facts = {key: value for key, value in raw.items() if key not in OWN_KEYS}
        self._complain = complain

    def envelopes(self, read_file: ReadFile, artifact: Artifact | None, now: datetime) -> tuple[Envelope, ...]:
        """As many as it comes in; none where it cannot be read as it is written."""
        read = self._written() if self.evidence.file is UNSET else self._read(read_file, self.evidence.file, now)
        if read is None:
            return ()
        said, expected = self.evidence.envelope, self.requirement.expect
        count = said.reports if said.reports is not UNSET else 1 if expected is UNSET else expected
        return in_parts(self._filled(read, artifact, now), count)

    def complain(self, at: At, message: str, remedy: str) -> None:
        self._complain(("evidence", self.name, *at), message, remedy)

    def _written(self) -> Envelope:
        """The facts as they stand in the case, under an envelope of which nothing is known yet."""
        if self.evidence.producer is not UNSET:
            self.complain(("producer",), "`producer` says who reads the `file`", "Write it below `envelope`.")
        kind = self.requirement.kind
        facts = facts_of(kind, self.facts, self.complain)
        return Envelope(name=self.name, kind=kind, producer=None, source=self.name, digest=None, facts=facts)

    def _read(self, read_file: ReadFile, file: str, now: datetime) -> Envelope | None:
        for key in self.facts:
            self.complain((key,), f"beside `file`, `{key}` has no place", "The facts are those of the file.")
        try:
            data = read_file(file)
        except (InvalidRequestError, CannotActError) as fault:
            self.complain(("file",), fault.message, fault.remedy)
            return None
        if data is None:
            self.complain(("file",), f"there is no file {file!r}", "It is looked for from the folder of the test.")
            return None
        producer = None if self.evidence.producer is UNSET else self.evidence.producer
        try:
            read = envelope(data, source=file, name=self.name, producer=producer)
        except InvalidRequestError as fault:
            self.complain(("producer",), fault.message, fault.remedy)
            return None
        return read if read.sealed is None else _opened(read, now)

    def _filled(self, read: Envelope, artifact: Artifact | None, now: datetime) -> Envelope:
        """With what the case says, and else the report; where neither says anything, as the policy asks."""
        said = self.evidence.envelope
        filled = replace(
            unseal(read, None, now),
            producer=self._producer(said, read),
            produced_at=self._produced_at(said, read, now),
            subjects=tuple(sorted(set(self._subjects(said, read, artifact)))),
            signed_by=tuple(sorted(set(self.requirement.signed_by if said.signed_by is UNSET else said.signed_by))),
            unverified=None,
        )
        if said.status == "evaluated":
            if said.reason is not UNSET:
                self.complain(("envelope", "reason"), "`reason` says why a report was not evaluated", "Give `status`.")
            return filled
        reason = "as the case says" if said.reason is UNSET else said.reason
        # Who did not sign it is said of a file: one that is not there has no digest, and nobody could have signed it.
        digest = read.digest if said.signed_by is UNSET else read.digest or _SOME_DIGEST
        return replace(filled, status=said.status, reason=reason, facts={}, digest=digest)

    def _producer(self, said: CaseEnvelope, read: Envelope) -> Producer:
        if said.producer is not UNSET:
            return Producer(name=said.producer)
        if read.producer is not None:
            return read.producer
        wanted, kind = self.requirement.producers, self.requirement.kind
        return Producer(name=wanted[0] if wanted else next(iter(producers_of(kind)), kind))

    def _produced_at(self, said: CaseEnvelope, read: Envelope, now: datetime) -> str | None:
        if said.produced_at is UNSET:
            return read.produced_at or format_instant(now)
        return None if said.produced_at is None else format_instant(parse_instant(said.produced_at))

    def _subjects(self, said: CaseEnvelope, read: Envelope, artifact: Artifact | None) -> tuple[str, ...]:
        if said.subjects is not UNSET:
            return said.subjects
        about = self.requirement.about
        return read.subjects or (() if about is UNSET else tuple(sorted(known_subjects(artifact, about))))


def _opened(read: Envelope, now: datetime) -> Envelope:
    """What was signed, without its signatures: a case says itself who signed."""
    from gatekeeper.records.unseal import unseal  # few cases have signed evidence

    return replace(unseal(read, None, now), unverified=None)
