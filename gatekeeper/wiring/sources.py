"""Living systems by their producer's name, each asked through the one door."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from gatekeeper.model.image import ImageRef
    from gatekeeper.ports import Door, Fetched, Source


_ELSEWHERE = {"mlflow-model": "mlflow.model"}
"""The connectors that share a package with another of the same system."""


def fetch(producer: str, locator: str) -> Fetched:
    """What the producer's system answers. Raises what `ports.Source.fetch` raises."""
    name = _ELSEWHERE.get(producer, producer.replace("-", "_"))
    source = cast("Source", import_module(f"gatekeeper.connect.{name}"))
    return source.fetch(locator, open_door())


def resolve_tag(reference: ImageRef) -> str | None:
    """The digest that the tag names in its registry now; None where there is no such tag.

    Raises CannotActError where the registry cannot be asked, EvidenceError where it cannot be believed.
    """
    return cast("str | None", import_module("gatekeeper.connect.oci").resolve(reference, open_door()))


def open_door() -> Door:
    """The HTTP door with the proxies, CA and limits that the environment names."""
    return cast("Door", import_module("gatekeeper.connect.http").HttpDoor())
