"""Kubernetes objects as far as a roll-out needs them: found in a list, and cut down to what is read and no secret."""

from __future__ import annotations

from typing import Any

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import mapping, plain, sequence

SCHEMA = "gatekeeper.kubernetes/v1"

GROUPS = {
    "Deployment": "apps",
    "StatefulSet": "apps",
    "DaemonSet": "apps",
    "Rollout": "argoproj.io",
    "InferenceService": "serving.kserve.io",
}
"""The kinds of workloads, each with the API group that it is of."""

MOST_OBJECTS = 20_000

SOURCE = "internal.serving.kserve.io/storage-initializer-sourceuri"
"""The annotation in which KServe tells a pod where its model comes from."""

FRAMEWORKS = (
    "model",
    "sklearn",
    "xgboost",
    "tensorflow",
    "pytorch",
    "triton",
    "onnx",
    "huggingface",
    "pmml",
    "lightgbm",
    "paddle",
)
"""Where an InferenceService's predictor may name its model."""

_CONTAINERS = {"name": True, "image": True, "restartPolicy": True}
_STATUSES = {"name": True, "imageID": True, "restartCount": True, "state": {"running": {"startedAt": True}}}
_CONDITIONS = dict.fromkeys(("type", "status", "reason", "severity", "lastTransitionTime", "lastUpdateTime"), True)
_METADATA = {
    **dict.fromkeys(("name", "namespace", "uid", "generation", "resourceVersion"), True),
    **dict.fromkeys(("creationTimestamp", "deletionTimestamp"), True),
    "ownerReferences": dict.fromkeys(("kind", "name", "uid", "controller"), True),
    "labels": dict.fromkeys(
        (
            "pod-template-hash",
            "rollouts-pod-template-hash",
            "serving.kserve.io/inferenceservice",
            "component",
        ),
        True,
    ),
    "annotations": {SOURCE: True},
}
_SPEC = {
    **dict.fromkeys(("replicas", "paused", "restartAt"), True),
    "strategy": {"canary": {"trafficRouting": {}}, "blueGreen": {}},
    "updateStrategy": {"type": True, "rollingUpdate": {"partition": True}},
    "workloadRef": {"kind": True, "name": True},
    "predictor": {
        "minReplicas": True,
        "containers": _CONTAINERS,
        **{name: {"image": True, "storageUri": True} for name in FRAMEWORKS},
    },
    "template": {"spec": {"containers": _CONTAINERS, "initContainers": _CONTAINERS}},
    "containers": _CONTAINERS,
    "initContainers": _CONTAINERS,
}
_STATUS = {
    **dict.fromkeys(("observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), True),
    **dict.fromkeys(("desiredNumberScheduled", "updatedNumberScheduled", "numberReady", "numberAvailable"), True),
    **dict.fromkeys(("currentRevision", "updateRevision", "phase", "abort", "currentPodHash", "stableRS"), True),
    **dict.fromkeys(("controllerPause", "restartedAt", "workloadObservedGeneration"), True),
    "blueGreen": {"activeSelector": True},
    "pauseConditions": {"reason": True},
    "conditions": _CONDITIONS,
    "modelStatus": {"transitionStatus": True},
    "components": {
        "predictor": dict.fromkeys(("latestCreatedRevision", "latestReadyRevision", "latestRolledoutRevision"), True)
    },
    "containerStatuses": _STATUSES,
    "initContainerStatuses": _STATUSES,
}
_KEPT: dict[str, Any] = {"apiVersion": True, "kind": True, "metadata": _METADATA, "spec": _SPEC, "status": _STATUS}


def kept(whole: Any) -> Any:
    """The object without what no roll-out needs: environments, annotations, messages, where secrets stand."""
    return _kept(whole, _KEPT)


def _kept(value: Any, shape: Any) -> Any:
    if isinstance(shape, dict) and isinstance(value, dict):
        return {key: _kept(value[key], inner) for key, inner in shape.items() if key in value}
    if isinstance(shape, dict) and isinstance(value, list):
        return [_kept(item, shape) for item in value]
    return None if isinstance(value, dict | list) else value


def listed(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects of a List, or the one object. Raises EvidenceError for a list that goes on elsewhere."""
    if not str(document.get("kind")).endswith("List"):
        return [document]
    metadata = mapping(document.get("metadata", {}), "metadata")
    if metadata.get("continue"):
        raise EvidenceError("the list was cut: it goes on on a further page", "Get it whole: `kubectl get … -o json`.")
    return objects(document.get("items"))


def objects(items: Any) -> list[dict[str, Any]]:
    """The members of a list, each an object of a kind."""
    found = [mapping(item, "an item of the list") for item in sequence(items, "items")]
    if len(found) > MOST_OBJECTS:
        raise EvidenceError(f"the list has more than {MOST_OBJECTS} objects")
    return found


def is_workload(one: Any) -> bool:
    """Whether this is an object of a kind whose roll-out can be judged."""
    if not isinstance(one, dict) or not isinstance(one.get("kind"), str) or not isinstance(one.get("apiVersion"), str):
        return False
    return bool(GROUPS.get(one["kind"]) == one["apiVersion"].partition("/")[0])


def the_workload(found: list[dict[str, Any]]) -> dict[str, Any]:
    """The one workload that no other owns, or takes its template from. Raises EvidenceError where there are several."""
    workloads = [one for one in found if is_workload(one)]
    uids = {uid for one in workloads if (uid := metadata(one).get("uid"))}
    used = [referenced for one in workloads if (referenced := referenced_by(one, workloads)) is not None]
    free = [one for one in workloads if owner_uid(one) not in uids and not any(one is other for other in used)]
    if len(free) > 1:
        named = ", ".join(sorted(plain(f"{one['kind']} {metadata(one).get('name')}") for one in free)[:5])
        raise EvidenceError(f"there are {len(free)} workloads, where one is needed: {named}")
    if not free:
        raise NotEvaluatedError("there is no workload among the objects")
    return free[0]


def referenced_by(one: dict[str, Any], found: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The workload that a Rollout takes its template from, where it is among the objects."""
    reference = part(part(one, "spec"), "workloadRef") if one["kind"] == "Rollout" else {}
    wanted = (reference.get("kind"), reference.get("name"), metadata(one).get("namespace"))
    named = ((other, metadata(other)) for other in found if is_workload(other))
    fitting = (other for other, its in named if (other["kind"], its.get("name"), its.get("namespace")) == wanted)
    return next(fitting, None) if reference else None


def metadata(one: dict[str, Any]) -> dict[str, Any]:
    """The object's metadata, which every object has."""
    return mapping(one.get("metadata"), "metadata")


def part(one: dict[str, Any], name: str) -> dict[str, Any]:
    """`spec`, `status` or a mapping inside; empty where it is absent."""
    value = one.get(name)
    return {} if value is None else mapping(value, name)


def owner_uid(one: dict[str, Any]) -> str | None:
    """The uid of the object's controller."""
    return _of_owner(one, "uid")


def owner_name(one: dict[str, Any]) -> str | None:
    """The name of the object's controller."""
    return _of_owner(one, "name")


def _of_owner(one: dict[str, Any], key: str) -> str | None:
    owners = sequence(metadata(one).get("ownerReferences"), "ownerReferences")
    controllers = [
        mapping(owner, "an owner") for owner in owners if mapping(owner, "an owner").get("controller") is True
    ]
    if len(controllers) > 1:
        raise EvidenceError("an object has two controllers")
    value = controllers[0].get(key) if controllers else None
    return value if isinstance(value, str) and value else None


def conditions(one: dict[str, Any]) -> list[dict[str, Any]]:
    """The conditions in the object's status."""
    found = [mapping(entry, "a condition") for entry in sequence(part(one, "status").get("conditions"), "conditions")]
    if any(entry.get("status") not in ("True", "False", "Unknown") for entry in found):
        raise EvidenceError("a condition is neither True, False nor Unknown")
    return found


def condition(one: dict[str, Any], kind: str) -> dict[str, Any] | None:
    """The condition of that type. Raises EvidenceError where there are two."""
    found = [entry for entry in conditions(one) if entry.get("type") == kind]
    if len(found) > 1:
        raise EvidenceError(f"there are two conditions {kind}")
    return found[0] if found else None


def is_true(one: dict[str, Any], kind: str) -> bool:
    """Whether that condition holds."""
    found = condition(one, kind)
    return found is not None and found.get("status") == "True"
