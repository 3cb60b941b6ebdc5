"""Which version of which registered model an environment's alias is to stand for."""

from __future__ import annotations

from msgspec import UNSET, Struct

from gatekeeper.app.asked import Means
from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.environment import Environment
from gatekeeper.model.judgement import JudgedArtifact


class Model(Struct, frozen=True, kw_only=True):
    """A version of a registered model."""

    name: str
    version: str


def model_of(environment: Environment, artifact: JudgedArtifact | None) -> Model | None:
    """The version that the alias is to stand for; None where the artifact does not say it."""
    settings = environment.spec.registry
    model = None if artifact is None or artifact.model is UNSET else artifact.model
    if settings is UNSET or model is None or model.version is UNSET:
        return None
    name = model.name if settings.model is UNSET else settings.model
    return None if name is UNSET else Model(name=name, version=model.version)


def check_followed(environment: Environment, artifact: JudgedArtifact | None, means: Means) -> None:
    """Refuse, before anything is written, what no alias could follow. Raises InvalidRequestError."""
    settings = environment.spec.registry
    assert settings is not UNSET
    where = environment.metadata.name
    if settings.model is not UNSET and len(environment.spec.artifacts) > 1:
        raise InvalidRequestError(
            f"{where} has several artifacts, and registry.model lets one alias follow all of them",
            "Leave out registry.model: each artifact says its own model.",
        )
    if model_of(environment, artifact) is None:
        raise InvalidRequestError(
            f"the alias {settings.alias} follows promotions to {where}, and the artifact says no version of a model",
            "Say it in an Artifact file, `model: {name: …, version: …}`, or by the image's labels.",
        )
    means.registry(environment)
