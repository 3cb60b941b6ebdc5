"""The Environment file: which policies apply, what comes before, and where the manifests are."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from gatekeeper.model.conditions import After as After
from gatekeeper.model.conditions import Approvals, Level, Windows
from gatekeeper.model.delivery import Delivery as Delivery
from gatekeeper.model.delivery import ManifestPlace as ManifestPlace
from gatekeeper.model.delivery import ModelRegistry
from gatekeeper.model.policy import Enforcement, ParameterValue, Strict
from gatekeeper.model.references import VersionRange
from gatekeeper.model.scalars import Duration, Identifier, Name, Path, Text

Pin = Literal["tag", "digest", "tag+digest"]


class PolicyUse(Strict, frozen=True):
    """One policy at one enforcement, with the parameters that this environment sets."""

    name: Name
    version: VersionRange
    enforcement: Enforcement = "deny"
    parameters: dict[Identifier, ParameterValue] = {}


class WaiverTerms(Strict, frozen=True):
    """How far waivers reach here: the level of their approval, and the longest time one may run."""

    level: Level = "asserted"
    max: Duration | UnsetType = UNSET


class ArtifactRow(Strict, frozen=True):
    """One artifact of an environment."""

    name: Name
    image: Text
    manifests: Annotated[tuple[ManifestPlace, ...], Meta(min_length=1, max_length=100)]
    policies: tuple[PolicyUse, ...] = ()


class EnvironmentSpec(Strict, frozen=True):
    """Flat form: `image`, `manifests` and optionally `name`; or `artifacts`, with `include` for more."""

    policies: tuple[PolicyUse, ...] = ()
    after: tuple[After, ...] = ()
    windows: Windows | UnsetType = UNSET
    approvals: Approvals | UnsetType = UNSET
    waivers: WaiverTerms = WaiverTerms()
    delivery: Delivery = Delivery()
    pin: Pin = "tag+digest"
    registry: ModelRegistry | UnsetType = UNSET
    artifacts: tuple[ArtifactRow, ...] = ()
    include: tuple[Path, ...] = ()
    name: Name | UnsetType = UNSET
    image: Text | UnsetType = UNSET
    manifests: tuple[ManifestPlace, ...] = ()


class EnvironmentMetadata(Strict, frozen=True):
    """The environment's name, which is also its file's."""

    name: Name
    labels: dict[str, str] = {}


class Environment(Strict, frozen=True):
    """`kind: Environment`. An included file has the same kind and name, and only `artifacts`."""

    apiVersion: Literal["gatekeeper/v1"]  # noqa: N815
    kind: Literal["Environment"]
    metadata: EnvironmentMetadata
    spec: EnvironmentSpec
