"""Kubernetes: how far a workload's roll-out has come, and which images run.

Read are `kubectl get … -o json` of one workload (Deployment, StatefulSet, DaemonSet, Argo Rollout, KServe
InferenceService), alone or in a List with its ReplicaSets and pods, and the record that `connect.kubernetes` makes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import UNSET

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence.fields import instant, mapping, sequence
from gatekeeper.evidence.kubernetes_argo import rollout
from gatekeeper.evidence.kubernetes_kserve import inference_service
from gatekeeper.evidence.kubernetes_objects import (
    SCHEMA,
    conditions,
    is_workload,
    listed,
    metadata,
    objects,
    part,
    referenced_by,
    the_workload,
)
from gatekeeper.evidence.kubernetes_pods import UNKNOWN, Pods, containers, pods_of
from gatekeeper.evidence.kubernetes_progress import Progress, daemon_set, deployment, stateful_set
from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.facts_operation import Rollout, Running

NAME = "kubernetes"
KIND = "rollout"

_RULES = {"Deployment": deployment, "StatefulSet": stateful_set, "DaemonSet": daemon_set}


def claims(report: Opened) -> bool:
    """Records of ours of any version, a workload, and lists that hold one."""
    document = report.json
    if not isinstance(document, dict):
        return False
    schema = document.get("schema")
    if isinstance(schema, str) and schema.startswith("gatekeeper.kubernetes/"):
        return True
    items = document.get("items")
    is_list = "apiVersion" in document and str(document.get("kind")).endswith("List") and isinstance(items, list)
    return is_workload(document) or (is_list and any(is_workload(one) for one in items or ()))


def read(report: Opened) -> Reading:
    """The roll-out. Raises NotEvaluatedError where nothing runs or the strategy knows no end; EvidenceError where there
    are several workloads, or a status contradicts itself."""
    document = mapping(report.json, "the report")
    found = _recorded(document) if "schema" in document else listed(document)
    workload = the_workload(found)
    was_asked = "schema" in document
    pods = pods_of(workload, found) if was_asked or any(one.get("kind") == "Pod" for one in found) else None
    progress = _progress(workload, pods, found)
    running = containers(pods, workload) if pods is not None else None
    return Reading(
        facts=_facts(workload, progress, pods, running),
        subjects=tuple(digest for one in (running or {}).values() for digest in one.digests if digest != UNKNOWN),
        produced_at=instant(document["asked"]["at"])
        if was_asked
        else _latest([workload, *(pods.found if pods else ())]),
        counts={"pods": len(pods.found)} if pods is not None else {},
    )


def _recorded(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects of a record; the workload in it is the one that was asked for."""
    asked = mapping(document.get("asked"), "asked")
    if document.get("schema") != SCHEMA or instant(asked.get("at")) is None:
        raise EvidenceError("this is no record of version 1 of what Kubernetes answered")
    found = objects(document.get("objects"))
    workload = the_workload(found)
    named = metadata(workload)
    if [workload["kind"], named.get("namespace"), named.get("name")] != [
        asked.get(key) for key in ("kind", "namespace", "name")
    ]:
        raise EvidenceError("the record holds another workload than was asked for")
    return found


def _progress(workload: dict[str, Any], pods: Pods | None, found: list[dict[str, Any]]) -> Progress:
    if workload["kind"] == "InferenceService":
        return inference_service(workload, pods)
    if workload["kind"] == "Rollout":
        return rollout(workload, referenced_by(workload, found))
    return _RULES[workload["kind"]](workload)


def _facts(
    workload: dict[str, Any], progress: Progress, pods: Pods | None, running: dict[str, Running] | None
) -> Rollout:
    missing = progress.missing or _of_pods(progress, pods, running)
    return Rollout(
        workload=workload["kind"],
        complete=not missing,
        failed=progress.failed,
        reason=missing or UNSET,
        generation=progress.generation,
        observed_generation=UNSET if progress.observed is None else progress.observed,
        desired=progress.desired,
        updated=progress.updated,
        ready=progress.ready,
        available=progress.available,
        restarts=UNSET if running is None else sum(one.restarts for one in running.values()),
        containers=UNSET if running is None else running,
    )


def _of_pods(progress: Progress, pods: Pods | None, running: dict[str, Running] | None) -> str:
    """What the pods lack of what the status says: a status that the pods do not bear out is not complete."""
    if pods is None or running is None:
        return ""
    if pods.ready < progress.desired:
        return "PodsNotReady"
    return "DigestUnknown" if any(UNKNOWN in one.digests for one in running.values()) else ""


def _latest(found: list[dict[str, Any]]) -> str | None:
    """The latest time that the objects tell. They were recorded then or later, so that none seems newer than it is."""
    times = [moment for one in found for moment in map(instant, _times(one)) if moment]
    return max(times, default=None)


def _times(one: dict[str, Any]) -> Iterator[Any]:
    yield metadata(one).get("creationTimestamp")
    for entry in conditions(one):
        yield entry.get("lastTransitionTime")
        yield entry.get("lastUpdateTime")
    for entry in sequence(part(one, "status").get("containerStatuses"), "containerStatuses"):
        yield part(part(mapping(entry, "a container's status"), "state"), "running").get("startedAt")
