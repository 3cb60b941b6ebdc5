"""`gatekeeper.yaml`: defaults for the command line; paths are relative to the file, flags override."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from gatekeeper.model.policy import Strict
from gatekeeper.model.scalars import Name, Path, Text


class ProjectSpec(Strict, frozen=True):
    """Where policies, environments and waivers lie, and what is judged by default."""

    policies: Path = "policies"
    environments: Path = "environments"
    waivers: Path = "waivers"
    evidence: tuple[Text, ...] = ()
    artifact: Text | UnsetType = UNSET
    repo: Text | UnsetType = UNSET


class Folders(Struct, frozen=True, kw_only=True):
    """Where our files lie in a tree."""

    policies: str = "policies"
    environments: str = "environments"
    waivers: str = "waivers"


class ProjectMetadata(Strict, frozen=True):
    """The project's name."""

    name: Name
    labels: dict[str, str] = {}


class Project(Strict, frozen=True):
    """`kind: Project`."""

    apiVersion: Literal["gatekeeper/v1"]  # noqa: N815
    kind: Literal["Project"]
    spec: ProjectSpec = ProjectSpec()
    metadata: ProjectMetadata | UnsetType = UNSET
