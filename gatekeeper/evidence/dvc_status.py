"""`dvc status --json`: what is no longer as the lock and the `*.dvc` files say; `{}` where nothing differs.

DVC compares with its own cache: a file that was changed together with its entry there is not noticed.
"""

from __future__ import annotations

from typing import Any

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence.fields import seen
from gatekeeper.evidence.quoting import shown
from gatekeeper.model.evidence import Reading
from gatekeeper.model.facts_origin import Lineage

MAX_NAME = 1000
MAX_CHANGED = 50_000

_BY_PATH = ("changed deps", "changed outs")
_OF_STAGE = ("changed command", "changed checksum", "always changed")


def read_status(document: dict[str, Any]) -> Reading:
    """The paths that changed, parameters as `file:name`, and stages whose command did. Raises EvidenceError."""
    changed: set[str] = set()
    for stage, entries in document.items():
        names = {name for entry in entries for name in _names(stage, entry)}
        changed |= {_bounded(name) for name in names or {stage}}
        if len(changed) > MAX_CHANGED:
            raise EvidenceError(f"more than {MAX_CHANGED} things have changed")
    return Reading(
        facts=Lineage(changed=tuple(sorted(changed))), counts={"stages": len(document), "changed": len(changed)}
    )


def _names(stage: str, entry: Any) -> set[str]:
    if isinstance(entry, str) and entry in _OF_STAGE:
        return {stage}
    if isinstance(entry, dict) and entry and all(key in _BY_PATH for key in entry):
        return {name for paths in entry.values() for name in _paths(stage, paths)}
    raise EvidenceError(f"what is said of {shown(stage)} is not as `dvc status` prints it")


def _paths(stage: str, paths: Any) -> set[str]:
    if not isinstance(paths, dict):
        raise EvidenceError(f"what is said of {shown(stage)} is not as `dvc status` prints it")
    found: set[str] = set()
    for path, state in paths.items():
        found |= {f"{path}:{name}" for name in state} if isinstance(state, dict) and state else {path}
    return found


def _bounded(name: str) -> str:
    if len(name) > MAX_NAME:
        raise EvidenceError(f"a name is longer than {MAX_NAME}")
    return seen(name)
