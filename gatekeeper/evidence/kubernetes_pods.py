"""The pods of a workload: which there are, and which images their containers really run."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence.fields import mapping, plain, sequence, text, whole
from gatekeeper.evidence.kubernetes_objects import is_true, metadata, owner_name, owner_uid, part
from gatekeeper.model.facts_operation import Running

UNKNOWN = "unknown"
"""Stands for the digest of a container that has not started, or whose runtime does not tell: it equals none."""

_DIGEST = re.compile(r"(?:^|@)(sha256:[0-9a-f]{64})\Z")
_HASHES = {"Rollout": "rollouts-pod-template-hash"}


class Pods(Struct, frozen=True, kw_only=True):
    """Those that count: of this workload, not ended and not ending."""

    found: tuple[dict[str, Any], ...]

    @property
    def ready(self) -> int:
        """How many of them are ready."""
        return sum(is_true(pod, "Ready") for pod in self.found)


def pods_of(workload: dict[str, Any], objects: list[dict[str, Any]]) -> Pods:
    """The workload's pods. One that is ending or has ended is no replica any more."""
    uid = text(metadata(workload).get("uid"), "metadata.uid")
    if not uid:
        raise EvidenceError("the workload has no uid, so that its pods cannot be told")
    owners = {uid} | {_uid(one) for one in objects if one.get("kind") == "ReplicaSet" and owner_uid(one) == uid}
    pods = [one for one in objects if one.get("kind") == "Pod" and _counts(one)]
    found = [pod for pod in pods if _is_in_namespace(pod, workload) and _is_owned(pod, workload, owners)]
    names = [metadata(pod).get("name") for pod in found]
    if len({name for name in names if isinstance(name, str)}) < len(names):
        raise EvidenceError("a pod stands twice among the objects, or has no name")
    return Pods(found=tuple(found))


def _uid(one: dict[str, Any]) -> str:
    return text(metadata(one).get("uid"), "metadata.uid") or "-"


def _counts(pod: dict[str, Any]) -> bool:
    ended = part(pod, "status").get("phase") in ("Succeeded", "Failed")
    return not ended and metadata(pod).get("deletionTimestamp") is None


def _is_in_namespace(pod: dict[str, Any], workload: dict[str, Any]) -> bool:
    return bool(metadata(pod).get("namespace") == metadata(workload).get("namespace"))


def _is_owned(pod: dict[str, Any], workload: dict[str, Any], owners: set[str]) -> bool:
    name = metadata(workload).get("name")
    labels = part(metadata(pod), "labels")
    if workload["kind"] == "InferenceService":
        is_predictor = labels.get("component", "predictor") == "predictor"
        return bool(is_predictor and labels.get("serving.kserve.io/inferenceservice") == name)
    if owner_uid(pod) in owners:
        return True
    # Where the ReplicaSets are not among the objects, their names tell: the workload's and a hash that the pod carries.
    fingerprint = labels.get(_HASHES.get(workload["kind"], "pod-template-hash"))
    return isinstance(fingerprint, str) and owner_name(pod) == f"{name}-{fingerprint}"


def containers(pods: Pods, workload: dict[str, Any]) -> dict[str, Running]:
    """What runs, by the container's name, over all pods; the image is as the workload, else a pod, has it written."""
    images = images_of(part(part(workload, "spec"), "template"))
    digests: dict[str, set[str]] = {}
    restarts: dict[str, int] = {}
    for pod in pods.found:
        states = _states(pod)
        for name, image in images_of(pod).items():
            images.setdefault(name, image)
            state = states.get(name, {})
            digests.setdefault(name, set()).add(digest_of(state.get("imageID")))
            restarts[name] = restarts.get(name, 0) + (whole(state.get("restartCount"), "restartCount") if state else 0)
    return {
        name: Running(image=plain(images[name]), digests=tuple(sorted(digests[name])), restarts=restarts[name])
        for name in sorted(digests)
    }


def images_of(holder: dict[str, Any]) -> dict[str, str]:
    """Images by container, of a pod or a template; of the containers that start first only those that go on running."""
    spec = part(holder, "spec")
    found: dict[str, str] = {}
    for key in ("initContainers", "containers"):
        for entry in sequence(spec.get(key), key):
            container = mapping(entry, key)
            if key == "containers" or container.get("restartPolicy") == "Always":
                name = text(container.get("name"), "a container's name")
                if not name or name in found or plain(name) != name:
                    raise EvidenceError("a container's name is empty, stands twice, or cannot be seen")
                found[name] = text(container.get("image"), "a container's image")
    return found


def _states(pod: dict[str, Any]) -> dict[str, dict[str, Any]]:
    status = part(pod, "status")
    found: dict[str, dict[str, Any]] = {}
    for key in ("initContainerStatuses", "containerStatuses"):
        for entry in sequence(status.get(key), key):
            state = mapping(entry, key)
            name = text(state.get("name"), "a container's name")
            if name in found:
                raise EvidenceError("a container's status stands twice")
            found[name] = state
    return found


def digest_of(image_id: Any) -> str:
    """`sha256:…` of what the runtime says: `repository@sha256:…`, with or without `docker-pullable://`, or bare.

    A bare one is the digest of the image's configuration, of an image that came from no registry.
    """
    said = text(image_id, "imageID")
    for prefix in ("docker-pullable://", "docker://", "containerd://"):
        said = said.removeprefix(prefix)
    found = _DIGEST.search(said)
    return found[1] if found else UNKNOWN
