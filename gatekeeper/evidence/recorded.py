"""Evidence that a record kept: what was not kept of its facts, and its facts without that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gatekeeper.model.evidence import Envelope

Path = tuple[str, ...]


def masked_of(parts: Iterable[Envelope]) -> tuple[Path, ...]:
    """The paths of facts that were not kept of one of these."""
    return tuple(dict.fromkeys(path for part in parts if part.recorded is not None for path in part.recorded.masked))


def without(facts: Any, path: Path) -> Any:
    """The facts without what stands at the path."""
    if not isinstance(facts, dict) or path[0] not in facts:
        return facts
    if len(path) == 1:
        return {key: value for key, value in facts.items() if key != path[0]}
    return {**facts, path[0]: without(facts[path[0]], path[1:])}
