"""The Artifact file: what an image carries, against which `about:` compares."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from gatekeeper.model.policy import Strict
from gatekeeper.model.references import DataDigest, DataName, Digest, Id, Uri
from gatekeeper.model.scalars import Name, Text


class ModelIdentity(Strict, frozen=True):
    """The model inside the image."""

    name: Text | UnsetType = UNSET
    version: Text | UnsetType = UNSET
    uri: Uri | UnsetType = UNSET
    digest: Digest | UnsetType = UNSET


class ArtifactSpec(Strict, frozen=True):
    """The image by reference, and the model, commit, run and datasets it carries."""

    image: Text
    model: ModelIdentity | UnsetType = UNSET
    commit: Id | UnsetType = UNSET
    run: Id | UnsetType = UNSET
    datasets: dict[DataName, DataDigest] = {}


class ArtifactMetadata(Strict, frozen=True):
    """The artifact's name."""

    name: Name
    labels: dict[str, str] = {}


class ArtifactFile(Strict, frozen=True):
    """`kind: Artifact`."""

    apiVersion: Literal["gatekeeper/v1"]  # noqa: N815
    kind: Literal["Artifact"]
    spec: ArtifactSpec
    metadata: ArtifactMetadata | UnsetType = UNSET


class Artifact(Struct, frozen=True, kw_only=True):
    """What is judged. `name` is the environment row's; `image` the repository without tag and digest."""

    name: str | None
    image: str
    tag: str | None = None
    digest: str | None = None
    model: ModelIdentity | None = None
    commit: str | None = None
    run: str | None = None
    datasets: dict[str, str] = {}
