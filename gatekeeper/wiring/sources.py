"""Living systems by their producer's name, each asked through the one door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, cast

from gatekeeper.errors import CannotActError, EvidenceError, GatekeeperError

if TYPE_CHECKING:
    from gatekeeper.model.image import ImageRef
    from gatekeeper.ports import Door, Fetched, Source


_ELSEWHERE = {"mlflow-lineage": "mlflow.lineage", "mlflow-model": "mlflow.model"}
"""The connectors that share a package with another of the same system."""


def fetch(producer: str, locator: str) -> Fetched:
    """What the producer's system answers. Raises what `ports.Source.fetch` raises."""
    name = _ELSEWHERE.get(producer, producer.replace("-", "_"))
    source = cast("Source", import_module(f"gatekeeper.connect.{name}"))
    with _trusting_nobody(producer):
        return source.fetch(locator, open_door())


def resolve_tag(reference: ImageRef) -> str | None:
    """The digest that the tag names in its registry now; None where there is no such tag.

    Raises CannotActError where the registry cannot be asked, EvidenceError where it cannot be believed.
    """
    registry = import_module("gatekeeper.connect.oci")
    with _trusting_nobody("oci"):
        return cast("str | None", registry.resolve(reference, open_door()))


@contextmanager
def _trusting_nobody(producer: str) -> Iterator[None]:
    """What a connector trips over is an answer that nobody foresaw: no bug of ours, and no end of the other evidence.

    Its error is not told, as it may hold what was sent or answered.
    """
    try:
        yield
    except GatekeeperError:
        raise
    except OSError as fault:
        raise CannotActError(f"{producer} cannot be asked: {fault.strerror or 'it cannot be reached'}") from None
    except Exception:  # noqa: BLE001 - see above
        raise EvidenceError(f"{producer} did not answer in the form that is known of it") from None


def open_door() -> Door:
    """The HTTP door with the proxies, CA and limits that the environment names."""
    return cast("Door", import_module("gatekeeper.connect.http").HttpDoor())
