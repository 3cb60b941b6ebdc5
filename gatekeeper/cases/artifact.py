"""The artifact of a case: the one that it gives, or one that carries whatever the policy's evidence must be about."""

from __future__ import annotations

from msgspec import UNSET

from gatekeeper.model.artifact import Artifact, ArtifactSpec, ModelIdentity
from gatekeeper.model.image import parse_image
from gatekeeper.model.policy import PolicySpec

_IMAGE = "registry.example/artifact"
_DIGESTS = {side: f"sha256:{letter * 64}" for side, letter in (("artifact", "a"), ("model", "b"), ("dataset", "d"))}
_COMMIT = "c" * 40
_RUN = "run"


def given_artifact(spec: ArtifactSpec) -> Artifact:
    """The artifact as it is written. Raises InvalidRequestError where its image is no reference."""
    image = parse_image(spec.image)
    return Artifact(
        name=None,
        image=image.written,
        tag=image.tag,
        digest=image.digest,
        model=None if spec.model is UNSET else spec.model,
        commit=None if spec.commit is UNSET else spec.commit,
        run=None if spec.run is UNSET else spec.run,
        datasets=dict(spec.datasets),
    )


def usual_artifact(policy: PolicySpec) -> Artifact | None:
    """What the evidence is about, where the policy asks for that; None where it asks nothing."""
    sides = {requirement.about for requirement in policy.evidence.values()} - {UNSET}
    if not sides:
        return None
    return Artifact(
        name=None,
        image=_IMAGE,
        digest=_DIGESTS["artifact"],
        model=ModelIdentity(digest=_DIGESTS["model"]) if "model" in sides else None,
        commit=_COMMIT if "commit" in sides else None,
        run=_RUN if "run" in sides else None,
        datasets={"data": _DIGESTS["dataset"]} if "dataset" in sides else {},
    )
