"""What a store of MLflow must tell, wherever it keeps its runs and models."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, Self

Logged = tuple[int, int, Any]
"""A metric's step, its time in milliseconds since 1970, and its value."""


class Store(Protocol):
    """Runs and registered models, each as MLflow's REST API shows them. What is not there is None."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def run(self, run_id: str) -> dict[str, Any] | None:
        """One run with its data and inputs."""

    def runs(self, experiment: str) -> Iterable[dict[str, Any]]:
        """The active runs of the experiment of that name. Raises NotEvaluatedError where there is none."""

    def history(self, run_id: str, key: str) -> list[Logged]:
        """Everything that was logged for one metric."""

    def version(self, name: str, version: str) -> dict[str, Any] | None:
        """One version of a registered model, with its tags and aliases."""

    def aliased(self, name: str, alias: str) -> str | None:
        """The version that an alias of a registered model stands for."""
