"""A run as lineage: the same answer that is asked for its metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from gatekeeper.connect import mlflow

if TYPE_CHECKING:
    from gatekeeper.ports import Door, Fetched


def fetch(locator: str, door: Door) -> Fetched:
    """The run that `mlflow:` names by the same locator. Raises what `ports.Source.fetch` raises."""
    return msgspec.structs.replace(mlflow.fetch(locator, door), source=f"mlflow-lineage:{locator}")
