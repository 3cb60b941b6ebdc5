"""The PolicyTest file: cases with evidence and the results that a policy must give."""

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType

from gatekeeper.model.artifact import ArtifactSpec
from gatekeeper.model.evidence import Status
from gatekeeper.model.judgement import Outcome, Verdict
from gatekeeper.model.policy import ParameterValue, Strict
from gatekeeper.model.scalars import Identifier, Instant, Name, Path, Signer, Text, VersionRange


class CaseEnvelope(Strict, frozen=True):
    """What stands around the facts: by default evaluated, produced now, about what is asked, signed as asked."""

    producer: Name | UnsetType = UNSET
    produced_at: Instant | UnsetType | None = UNSET
    subjects: tuple[Text, ...] | UnsetType = UNSET
    signed_by: tuple[Signer, ...] | UnsetType = UNSET
    status: Status = "evaluated"
    reason: Text | UnsetType = UNSET


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
    """One case. Evidence is given as facts (any keys), or as `{file, producer}`; `envelope` stands beside either."""

    policy: Name
    expect: Expectation
    version: VersionRange | UnsetType = UNSET
    now: Instant | UnsetType = UNSET
    parameters: dict[Identifier, ParameterValue] = {}
    environment: Name | UnsetType = UNSET
    artifact: ArtifactSpec | UnsetType = UNSET
    evidence: dict[Identifier, dict[str, Any]] = {}


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


class CaseFile(Strict, frozen=True):
    """Evidence of a case that stands in a report of its own, beside the test file."""

    file: Path
    producer: Name | UnsetType = UNSET
    envelope: CaseEnvelope | UnsetType = UNSET
