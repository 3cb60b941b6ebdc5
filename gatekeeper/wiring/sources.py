"""Living systems by their producer's name, each asked through the one door."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from gatekeeper.ports import Door, Fetched, Source


_ELSEWHERE = {"mlflow-model": "mlflow.model"}
"""The connectors that share a package with another of the same system."""


def fetch(producer: str, locator: str) -> Fetched:
    """What the producer's system answers. Raises what `ports.Source.fetch` raises."""
    name = _ELSEWHERE.get(producer, producer.replace("-", "_"))
    source = cast("Source", import_module(f"gatekeeper.connect.{name}"))
    return source.fetch(locator, open_door())


def open_door() -> Door:
    """The HTTP door with the proxies, CA and limits that the environment names."""
    return cast("Door", import_module("gatekeeper.connect.http").HttpDoor())
