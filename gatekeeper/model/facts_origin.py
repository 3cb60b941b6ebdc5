"""What CEL sees of where an artifact comes from: its lineage, its registry entry, its image, what was attested."""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from gatekeeper.model.facts import Whole

Said = str | UnsetType


class Lineage(Struct, frozen=True, kw_only=True):
    """What something was made from. A digest is written `algorithm:hex`."""

    commit: Annotated[Said, Meta(description="The source commit, in full.")] = UNSET
    run: Annotated[Said, Meta(description="The training run, such as `mlflow:3f6…`.")] = UNSET
    model: Annotated[Said, Meta(description="The model's digest.")] = UNSET
    data: Annotated[dict[str, str], Meta(description="Digests of data sets, by name.")] = {}
    outputs: Annotated[dict[str, str], Meta(description="Digests of what was made, by name.")] = {}
    changed: Annotated[
        tuple[str, ...] | UnsetType, Meta(description="What is not as it was recorded; absent where nobody looked.")
    ] = UNSET


class Model(Struct, frozen=True, kw_only=True):
    """A model's entry in a registry."""

    name: str
    version: str
    status: Annotated[Said, Meta(description="As the registry says, such as READY.")] = UNSET
    stage: Said = UNSET
    aliases: tuple[str, ...] = ()
    tags: dict[str, str] = {}
    run: Annotated[Said, Meta(description="The run that made it, such as `mlflow:3f6…`.")] = UNSET
    source: Said = UNSET
    digest: Said = UNSET


class Image(Struct, frozen=True, kw_only=True):
    """A container image as its registry holds it. `digest` is that of the manifest or index that was asked for."""

    name: Annotated[Said, Meta(description="The repository in full, `docker.io/library/…` included.")] = UNSET
    tag: Annotated[Said, Meta(description="The tag asked for, where it named this digest.")] = UNSET
    tag_digest: Annotated[Said, Meta(description="What the tag asked for named then.")] = UNSET
    digest: str
    media_type: str
    platforms: Annotated[
        dict[str, str] | UnsetType,
        Meta(description="Manifest digests by `os/architecture[/variant]`; attestations left out."),
    ] = UNSET
    config_digest: Annotated[Said, Meta(description="Of the one platform's configuration.")] = UNSET
    labels: Annotated[
        dict[str, str] | UnsetType,
        Meta(description="Those that all platforms have alike; absent where no configuration was read."),
    ] = UNSET
    differing: Annotated[
        tuple[str, ...], Meta(description="Names of labels that the platforms do not have alike.")
    ] = ()
    annotations: dict[str, str] = {}
    created: Said = UNSET
    size: Annotated[Whole, Meta(description="Bytes of configuration and layers, of the one platform.")] = UNSET
    attestations: Annotated[int, Meta(description="Attestation manifests that the index holds.")] = 0


class Attestation(Struct, frozen=True, kw_only=True):
    """An in-toto Statement whose predicate is no report that a producer reads."""

    predicate_type: str
    predicate: Annotated[dict[str, Any], Meta(description="As it stands.")] = {}
