"""An environment's model registry, as its file and the variables of the environment name it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from msgspec import UNSET

if TYPE_CHECKING:
    from gatekeeper.model.environment import Environment
    from gatekeeper.ports.model_registry import ModelRegistry


def registry_of(environment: Environment) -> ModelRegistry | None:
    """None where the environment names none. Raises what `open_registry` raises."""
    settings = environment.spec.registry
    if settings is UNSET:
        return None
    from gatekeeper.connect.mlflow.registry import open_registry  # most environments have none
    from gatekeeper.wiring.sources import open_door

    return open_registry(open_door(), None if settings.url is UNSET else settings.url, os.environ)
