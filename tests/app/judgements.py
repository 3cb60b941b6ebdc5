"""Judgements made by hand, for what happens after judging."""

from __future__ import annotations

from typing import Any

from gatekeeper.app.evaluate import Judged
from gatekeeper.model.environment import (
    After,
    ArtifactRow,
    Delivery,
    Environment,
    EnvironmentMetadata,
    EnvironmentSpec,
    ManifestPlace,
)
from gatekeeper.model.image import ImageRef, parse_image
from gatekeeper.model.judgement import (
    Counts,
    EngineUsed,
    JudgedArtifact,
    JudgedEvidence,
    JudgedPolicy,
    Judgement,
    Report,
    Result,
)
from gatekeeper.records.statement import decision_id

POLICY = "sha256:" + "c" * 64
ENGINE = EngineUsed(name="cel-cpp", version="0.1.3")


def digest(mark: str) -> str:
    """A digest that is easy to tell from others."""
    return "sha256:" + mark * 64


def environment(name: str = "staging", *artifacts: str, **changes: Any) -> Environment:
    """An environment with these artifacts, each with one kustomization of its own."""
    rows = tuple(row(name, artifact) for artifact in artifacts or ("churn",))
    values: dict[str, Any] = {"artifacts": rows, "delivery": Delivery(branch="main")} | changes
    metadata = EnvironmentMetadata(name=name)
    return Environment(
        apiVersion="gatekeeper/v1", kind="Environment", metadata=metadata, spec=EnvironmentSpec(**values)
    )


def row(environment: str, artifact: str, *paths: str) -> ArtifactRow:
    """One artifact of an environment."""
    places = paths or (f"environments/{environment}/{artifact}/kustomization.yaml",)
    return ArtifactRow(
        name=artifact,
        image=f"registry.example/{artifact}-model",
        manifests=tuple(ManifestPlace(path=path, format="kustomize") for path in places),
    )


def after(*names: str) -> tuple[After, ...]:
    """`after:` without soak."""
    return tuple(After(environment=name) for name in names)


def judgement(image: ImageRef | None, environment: str, artifact: str, **changes: Any) -> Judgement:
    """A judgement of one passed rule."""
    judged = image and JudgedArtifact(name=artifact, image=image.written, tag=image.tag, digest=image.digest)
    result = Result(
        policy="model-quality",
        rule="accuracy",
        enforcement="deny",
        severity="high",
        result="pass",
        message="accuracy 0.9 is at least 0.85",
        why="why",
        remedy="remedy",
        file="policies/model-quality.yaml",
        line=3,
    )
    policy = JudgedPolicy(name="model-quality", version="2.1.0", digest=POLICY, enforcement="deny", parameters={})
    evidence = JudgedEvidence(
        name="metrics",
        kind="metrics",
        producer=None,
        digest=POLICY,
        produced_at=None,
        status="evaluated",
        reason=None,
        subjects=(),
        bound="unbound",
    )
    values: dict[str, Any] = {
        "verdict": "allowed",
        "environment": environment,
        "judged_at": "2026-11-23T07:00:00Z",
        "artifact": judged,
        "policies": (policy,),
        "evidence": (evidence,),
        "results": (result,),
        "counts": Counts(passed=1),
    }
    return Judgement(**(values | changes))


def judged(
    where: Environment, image: str = f"registry.example/churn-model:1.4.2@{digest('a')}", **changes: Any
) -> Judged:
    """The judging use case's answer for the row that the image names."""
    reference = parse_image(image)
    rows = [row for row in where.spec.artifacts if row.image == reference.written]
    made = judgement(reference, where.metadata.name, rows[0].name, **changes)
    report = Report(decision=decision_id(made), judgement=made, engine=ENGINE, sources=("metrics.json",))
    return Judged(report=report, environment=where, row=rows[0])
