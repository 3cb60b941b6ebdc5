"""How an environment's promotions are written: where, as a commit or a pull request, and what follows."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from gatekeeper.model.policy import Strict
from gatekeeper.model.references import Uri
from gatekeeper.model.scalars import Path, Text

FormatName = Literal[
    "kustomize",
    "helm",
    "kubernetes",
    "flux",
    "kserve",
    "argocd",
    "compose",
    "yaml-path",
    "json-path",
    "toml-path",
    "regex",
]
ForgeType = Literal["github", "gitlab", "gitea", "forgejo", "gitlab-push", "agit"]
Written = Literal["image", "name", "tag", "digest", "model-uri"]


class Forge(Strict, frozen=True):
    """The forge that holds the repository. `gitlab-push` and `agit` open pull requests with git's credentials alone."""

    type: ForgeType
    url: Uri | UnsetType = UNSET
    repository: (
        Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+$(?!\n)", max_length=300)] | UnsetType
    ) = UNSET
    labels: tuple[Text, ...] = ()
    merge: Literal["merge", "squash", "rebase"] = "merge"


class Delivery(Strict, frozen=True):
    """How a promotion is written: a direct commit to `branch`, or a pull request for it.

    `repo` is the repository that holds the manifests and records, where it is not the one that holds the policies.
    """

    mode: Literal["commit", "pull-request"] = "commit"
    branch: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][-A-Za-z0-9._/]{0,199}$(?!\n)")] = "main"
    repo: Text | UnsetType = UNSET
    message: Text | UnsetType = UNSET
    forge: Forge | UnsetType = UNSET


class ManifestPlace(Strict, frozen=True):
    """One file that names the image. `image` is the name in the manifest where it differs from the artifact's."""

    path: Path
    format: FormatName
    image: Text | UnsetType = UNSET
    at: Text | UnsetType = UNSET
    container: Text | UnsetType = UNSET
    write: Written | UnsetType = UNSET
    add: bool = False


class ModelRegistry(Strict, frozen=True):
    """The registry in which the model's alias follows the promotion."""

    type: Literal["mlflow"]
    alias: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,254}$(?!\n)")]
    url: Uri | UnsetType = UNSET
    model: Text | UnsetType = UNSET
