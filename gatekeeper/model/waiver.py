"""The Waiver file: one failing rule let through, by whom, why and until when."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType

from gatekeeper.model.policy import Strict
from gatekeeper.model.references import Digest
from gatekeeper.model.scalars import Cel, Instant, Name, Text


class WaiverSpec(Strict, frozen=True):
    """`rule` is a rule id or `evidence/<name>`; valid while granted <= now < expires; never hides the rule's result."""

    policy: Name
    rule: Text
    environments: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=100)]
    reason: Text
    ticket: Text
    requested_by: Text
    approved_by: Text
    granted: Instant
    expires: Instant
    artifact: Digest | UnsetType = UNSET
    covers: tuple[Literal["fail", "inconclusive", "missing"], ...] = ("fail",)
    only_while: Cel | UnsetType = UNSET


class WaiverMetadata(Strict, frozen=True):
    """The waiver's name."""

    name: Name
    labels: dict[str, str] = {}


class Waiver(Strict, frozen=True):
    """`kind: Waiver`."""

    apiVersion: Literal["gatekeeper/v1"]  # noqa: N815
    kind: Literal["Waiver"]
    metadata: WaiverMetadata
    spec: WaiverSpec
