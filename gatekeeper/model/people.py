"""The files by which people stop, allow or forbid promotions: Approval, Hold and DenyList."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from gatekeeper.model.policy import Strict
from gatekeeper.model.references import Digest
from gatekeeper.model.scalars import Instant, Name, Text


class PeopleMetadata(Strict, frozen=True):
    """The document's name."""

    name: Name
    labels: dict[str, str] = {}


class ApprovalSpec(Strict, frozen=True):
    """One person's yes to one digest in one environment, under these texts of the policies, by name; it expires."""

    environment: Name
    artifact: Name
    digest: Digest
    policies: Annotated[dict[Name, Digest], Meta(min_length=1)]
    by: Name
    granted: Instant
    expires: Instant
    reason: Text | UnsetType = UNSET


class Approval(Strict, frozen=True):
    """`kind: Approval`, in `approvals/<any>.yaml`."""

    apiVersion: Literal["gatekeeper/v1"]  # noqa: N815
    kind: Literal["Approval"]
    metadata: PeopleMetadata
    spec: ApprovalSpec


class HoldSpec(Strict, frozen=True):
    """Nothing is promoted there; without `artifact`, none of the environment's. It ends at `until`, or when removed."""

    environment: Name
    reason: Text
    by: Text
    since: Instant
    artifact: Name | UnsetType = UNSET
    until: Instant | UnsetType = UNSET


class Hold(Strict, frozen=True):
    """`kind: Hold`, in `holds/<any>.yaml`."""

    apiVersion: Literal["gatekeeper/v1"]  # noqa: N815
    kind: Literal["Hold"]
    metadata: PeopleMetadata
    spec: HoldSpec


class DenyListSpec(Strict, frozen=True):
    """Digests that are never promoted, anywhere."""

    digests: Annotated[tuple[Digest, ...], Meta(min_length=1, max_length=10000)]
    reason: Text
    by: Text


class DenyList(Strict, frozen=True):
    """`kind: DenyList`, in `deny.yaml`, which may hold several."""

    apiVersion: Literal["gatekeeper/v1"]  # noqa: N815
    kind: Literal["DenyList"]
    metadata: PeopleMetadata
    spec: DenyListSpec
