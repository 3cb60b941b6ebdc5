"""Producers that other installed distributions bring, by entry points of the group `gatekeeper.producers`.

Nothing of them is loaded before one is named.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any

from gatekeeper.errors import InvalidRequestError
from gatekeeper.evidence.fields import plain
from gatekeeper.evidence.third_party import ThirdParty

GROUP = "gatekeeper.producers"


def find(name: str) -> ThirdParty | None:
    """The producer of that name, not loaded yet; None where no distribution brings one.

    Raises InvalidRequestError where several do: which of them is meant must not depend on the order of installation.
    """
    found = {_said(point): point for point in entry_points(group=GROUP, name=name)}
    if len(found) > 1:
        raise InvalidRequestError(
            f"several distributions bring a producer {name!r}: {', '.join(sorted(found))}", "Uninstall all but one."
        )
    return next((ThirdParty(name, said, point.load) for said, point in found.items()), None)


def names() -> tuple[str, ...]:
    """The names of all that is installed, sorted."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


def _said(point: EntryPoint) -> str:
    """Who brings it, by name and version; a distribution without either may still be there."""
    metadata: Any = point.dist.metadata if point.dist else {}
    said = " ".join(str(part) for part in (metadata.get("Name"), metadata.get("Version")) if part)
    return plain(said) or "an unnamed distribution"
