"""What CEL sees of what people have said of an artifact."""

from typing import Annotated

from msgspec import Meta, Struct


class Approved(Struct, frozen=True, kw_only=True):
    """One person's approval that counts now, at the highest level that it is vouched for."""

    level: Annotated[str, Meta(description="`asserted`, `reviewed` or `signed`.")]
    granted: str
    expires: str


class Approval(Struct, frozen=True, kw_only=True):
    """The approvals of this artifact in this environment that count now, none of them by who asks."""

    approvals: Annotated[dict[str, Approved], Meta(description="By the person's name in `trust.yaml`, each once.")]
