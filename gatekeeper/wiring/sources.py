"""Living systems by their producer's name, each asked through the one door."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from gatekeeper.ports import Door, Fetched, Source


def fetch(producer: str, locator: str) -> Fetched:
    """What the producer's system answers. Raises what `ports.Source.fetch` raises."""
    source = cast("Source", import_module(f"gatekeeper.connect.{producer.replace('-', '_')}"))
    return source.fetch(locator, open_door())


def open_door() -> Door:
    """The HTTP door with the proxies, CA and limits that the environment names."""
    return cast("Door", import_module("gatekeeper.connect.http").HttpDoor())
