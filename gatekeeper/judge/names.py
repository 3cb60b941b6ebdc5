"""The CEL names that a rule may read, and which fields each of them has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import UNSET

from gatekeeper.evidence.kinds import known_path
from gatekeeper.model.artifact import Artifact
from gatekeeper.model.policy import Policy
from gatekeeper.policy.celtext import Path, path_text
from gatekeeper.policy.near import near

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


def fault_of(path: Path, policy: Policy) -> str | None:
    """Why a static path can never exist under this policy, with a near name; None where it may."""
    root, rest = path[0], path[1:]
    if not rest or root in ("now", "variables"):
        return None
    if root == "evidence":
        return _evidence_fault(rest, policy)
    if root == "params":
        return _member_fault(path, policy.spec.parameters, "parameter") or _deeper(path, 2)
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


def _evidence_fault(rest: Path, policy: Policy) -> str | None:
    name = rest[0]
    declared = policy.spec.evidence
    if name not in declared:
        return _unknown(f"evidence.{name}", "evidence", str(name), declared)
    suggestions = known_path(declared[str(name)].kind, rest[1:])
    if suggestions is None:
        return None
    text = path_text(("evidence", *rest))
    nearest = suggestions[0] if suggestions else ""
    hint = f" Did you mean {nearest!r}?" if nearest else ""
    return f"{text}: evidence of kind {declared[str(name)].kind} has no such field.{hint}"


def _member_fault(path: Path, members: Mapping[str, Any], what: str) -> str | None:
    return None if path[1] in members else _unknown(path_text(path), what, str(path[1]), members)


def _deeper(path: Path, most: int) -> str | None:
    return f"{path_text(path)}: a parameter has no fields" if len(path) > most else None


def _shape_fault(path: Path, shape: dict[str, Any] | None) -> str | None:
    for index, part in enumerate(path[1:], start=1):
        if shape is None:
            return f"{path_text(path)}: {path_text(path[:index])} has no fields"
        if "*" in shape:
            shape = shape["*"]
        elif part in shape:
            shape = shape[str(part)]
        else:
            return _unknown(path_text(path), path_text(path[:index]) + " field", str(part), shape)
    return None


def _unknown(text: str, what: str, name: str, known: Iterable[str]) -> str:
    known = list(known)
    hint = near(name, known) or f"There is {', '.join(known) or 'none'}."
    return f"{text}: there is no {what} {name!r}. {hint}"
