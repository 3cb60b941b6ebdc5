"""The PolicyTest file: cases with evidence and the results that a policy must give."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from gatekeeper.model.artifact import ArtifactSpec
from gatekeeper.model.evidence import Status
from gatekeeper.model.judgement import Outcome, Verdict
from gatekeeper.model.policy import ParameterValue, Strict
from gatekeeper.model.references import VersionRange
from gatekeeper.model.scalars import Identifier, Instant, Name, Path, Signer, Text


class CaseEnvelope(Strict, frozen=True):
    """What stands around the facts: by default evaluated, produced now, about what is asked, signed as asked.

    `reports` is how many reports it came in, by default as many as the policy expects.
    """

    producer: Name | UnsetType = UNSET
    produced_at: Instant | UnsetType | None = UNSET
    subjects: tuple[Text, ...] | UnsetType = UNSET
    signed_by: tuple[Signer, ...] | UnsetType = UNSET
    status: Status = "evaluated"
    reason: Text | UnsetType = UNSET
    reports: Annotated[int, Meta(ge=1, le=1000)] | UnsetType = UNSET


class CaseEvidence(Struct, frozen=True, kw_only=True):
    """One piece of evidence: its facts, any of the kind's, or the `file` of a real report that `producer` reads.

    `file` is relative to the folder of the test. All other keys are facts.
    """

    envelope: CaseEnvelope = CaseEnvelope()
    file: Path | UnsetType = UNSET
    producer: Name | UnsetType = UNSET


class ExpectedResult(Strict, frozen=True):
    """A rule's result, and what else of it the case fixes."""

    result: Outcome
    message: Text | UnsetType = UNSET
    path: Text | UnsetType = UNSET


class Expectation(Strict, frozen=True):
    """The verdict, and the results by rule id; rules and `evidence/<name>` that are not named are not compared."""

    verdict: Verdict | UnsetType = UNSET
    results: dict[str, Outcome | ExpectedResult] = {}


class CaseSpec(Strict, frozen=True):
    """One case. Evidence not given is absent; the artifact, where not given, carries all that `about` asks for."""

    policy: Name
    expect: Expectation
    version: VersionRange | UnsetType = UNSET
    now: Instant | UnsetType = UNSET
    parameters: dict[Identifier, ParameterValue] = {}
    environment: Name | UnsetType = UNSET
    artifact: ArtifactSpec | UnsetType | None = UNSET
    evidence: dict[Identifier, CaseEvidence] = {}


class CaseMetadata(Strict, frozen=True):
    """The case's name, by which it is selected."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]
    labels: dict[str, str] = {}


class PolicyTest(Strict, frozen=True):
    """`kind: PolicyTest`; several cases per file."""

    apiVersion: Literal["gatekeeper/v1"]  # noqa: N815
    kind: Literal["PolicyTest"]
    metadata: CaseMetadata
    spec: CaseSpec
