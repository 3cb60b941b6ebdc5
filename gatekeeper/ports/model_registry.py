"""What promoting needs of a registry of models: aliases, which follow what was promoted."""

from __future__ import annotations

from typing import Protocol


class ModelRegistry(Protocol):
    """One registry. Both methods raise CannotActError, with no secret in it, where it fails."""

    @property
    def name(self) -> str:
        """What messages call it, with no credentials."""

    def alias(self, model: str, alias: str) -> str | None:
        """The version that an alias of a model stands for; None where it stands for none."""

    def set_alias(self, model: str, alias: str, version: str) -> None:
        """Let it stand for that version, whatever it stood for. Where no answer came, nobody knows whether it does."""
