"""Third-party producers, admitted to the registry when somebody names one."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from gatekeeper.connect.plugins import find, names
from gatekeeper.evidence.registry import admit

if TYPE_CHECKING:
    from gatekeeper.ports import ProducerReader

__all__ = ["admitted", "names"]


def admitted(name: str) -> bool:
    """Whether an installed distribution brings a producer of that name, which can then be named as any other.

    Raises InvalidRequestError where several do.
    """
    found = find(name)
    if found is not None:
        admit(cast("ProducerReader", found))
    return found is not None
