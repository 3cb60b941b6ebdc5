"""The CEL names that a rule may read, and which fields each of them has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from msgspec import UNSET, Struct

from gatekeeper.evidence.kinds import known_path
from gatekeeper.policy.celtext import Path, path_text
from gatekeeper.policy.near import near

if TYPE_CHECKING:
    from gatekeeper.model.artifact import Artifact
    from gatekeeper.model.policy import Policy

ROOTS = {"params": "map", "evidence": "map", "artifact": "map", "environment": "map", "now": "timestamp"}
NOT_BUILT = ("stats", "champion")
"""Names of the contract that this version does not compute."""

_ARTIFACT: dict[str, Any] = {
    "name": None,
    "image": None,
    "tag": None,
    "digest": None,
    "model": {"name": None, "version": None, "uri": None, "digest": None},
    "commit": None,
    "run": None,
    "datasets": {"*": None},
}
_ENVIRONMENT: dict[str, Any] = {"name": None}


class Fault(Struct, frozen=True):
    """Why a path can never exist; `at` is the path up to the part that is wrong."""

    message: str
    at: Path


def fault_of(path: Path, policy: Policy) -> Fault | None:
    """Why a static path can never exist under this policy, with a near name; None where it may."""
    root, rest = path[0], path[1:]
    if not rest or root in ("now", "variables"):
        return None
    if root == "evidence":
        return _evidence_fault(path, policy)
    if root == "params":
        return _parameter_fault(path, policy)
    return _shape_fault(path, _ARTIFACT if root == "artifact" else _ENVIRONMENT)


def artifact_data(artifact: Artifact) -> dict[str, Any]:
    """What CEL sees of the artifact: only what is known of it."""
    plain = {"name": artifact.name, "image": artifact.image, "tag": artifact.tag, "digest": artifact.digest}
    data: dict[str, Any] = {**plain, "commit": artifact.commit, "run": artifact.run}
    if artifact.model is not None:
        model = artifact.model
        fields = {"name": model.name, "version": model.version, "uri": model.uri, "digest": model.digest}
        data["model"] = {key: value for key, value in fields.items() if value is not UNSET}
    if artifact.datasets:
        data["datasets"] = dict(artifact.datasets)
    return {key: value for key, value in data.items() if value is not None}


def _evidence_fault(path: Path, policy: Policy) -> Fault | None:
    name, declared = str(path[1]), policy.spec.evidence
    if name not in declared:
        return Fault(_unknown(path[:2], "evidence", declared), path[:2])
    kind = declared[name].kind
    for end in range(3, len(path) + 1):
        near_names = known_path(kind, path[2:end])
        if near_names is not None:
            hint = f" Did you mean {near_names[0]!r}?" if near_names else ""
            return Fault(f"{path_text(path[:end])}: evidence of kind {kind} has no such field.{hint}", path[:end])
    return None


def _parameter_fault(path: Path, policy: Policy) -> Fault | None:
    if path[1] not in policy.spec.parameters:
        return Fault(_unknown(path[:2], "parameter", policy.spec.parameters), path[:2])
    return Fault(f"{path_text(path)}: a parameter has no fields", path[:3]) if len(path) > 2 else None


def _shape_fault(path: Path, shape: dict[str, Any] | None) -> Fault | None:
    for index, part in enumerate(path[1:], start=1):
        here = path[: index + 1]
        if shape is None:
            return Fault(f"{path_text(here)}: {path_text(path[:index])} has no fields", here)
        if "*" in shape:
            shape = shape["*"]
        elif part in shape:
            shape = shape[str(part)]
        else:
            return Fault(_unknown(here, path_text(path[:index]) + " field", shape), here)
    return None


def _unknown(path: Path, what: str, known: Iterable[str]) -> str:
    known = list(known)
    hint = near(str(path[-1]), known) or f"There is {', '.join(known) or 'none'}."
    return f"{path_text(path)}: there is no {what} {str(path[-1])!r}. {hint}"
