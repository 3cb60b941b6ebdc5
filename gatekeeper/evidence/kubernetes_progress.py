"""How far the roll-out of a Deployment, StatefulSet or DaemonSet has come, by the rules of `kubectl rollout status`.

Source: `polymorphichelpers/rollout_status.go` of k8s.io/kubectl. Stricter in three places: a paused Deployment is not
complete, nor is a StatefulSet whose partition keeps pods at the old revision, and what is scaled to 0 is not judged.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import text, whole
from gatekeeper.evidence.kubernetes_objects import condition, metadata, part

DEADLINE = "ProgressDeadlineExceeded"


class Progress(Struct, frozen=True, kw_only=True):
    """The numbers of a roll-out; `missing` says in one word what is missing to be complete, empty where it is."""

    missing: str
    failed: bool = False
    generation: int
    observed: int | None
    desired: int
    updated: int
    ready: int
    available: int


class Counts(Struct, frozen=True, kw_only=True):
    """What a status counts. An absent count is 0, as Kubernetes leaves zeros out."""

    replicas: int
    updated: int
    ready: int
    available: int


def deployment(one: dict[str, Any]) -> Progress:
    """A Deployment. Raises NotEvaluatedError where it is scaled to 0."""
    desired = desired_replicas(one)
    counts = counted(one)
    given_up = (condition(one, "Progressing") or {}).get("reason") == DEADLINE
    missing = first(
        ("NotObserved", not is_observed(one)),
        (DEADLINE, given_up),
        ("Paused", flag(part(one, "spec"), "paused")),
        ("NotUpdated", counts.updated < desired),
        ("OldReplicas", counts.replicas > counts.updated),
        ("NotAvailable", counts.available < counts.updated),
    )
    return progress(one, missing, counts, desired, failed=missing == DEADLINE)


def stateful_set(one: dict[str, Any]) -> Progress:
    """A StatefulSet. Raises NotEvaluatedError where it is scaled to 0, or updated only as its pods are deleted."""
    strategy = _rolling(one)
    desired = desired_replicas(one)
    counts = counted(one)
    partition = whole(part(strategy, "rollingUpdate").get("partition", 0), "partition")
    status = part(one, "status")
    current, update = (text(status.get(key), key) for key in ("currentRevision", "updateRevision"))
    missing = first(
        ("NotObserved", not is_observed(one)),
        ("NotReady", counts.ready < desired),
        ("NotUpdated", counts.updated < desired - partition),
        ("Partitioned", counts.updated < desired),
        ("RevisionPending", not update or update != current),
    )
    return progress(one, missing, counts, desired)


def daemon_set(one: dict[str, Any]) -> Progress:
    """A DaemonSet. Raises NotEvaluatedError where no node is to run it, or it is updated only as pods are deleted."""
    _rolling(one)
    status = part(one, "status")
    desired, updated, ready, available = (
        count(status, key)
        for key in ("desiredNumberScheduled", "updatedNumberScheduled", "numberReady", "numberAvailable")
    )
    observed = is_observed(one)
    if observed and not desired:
        raise NotEvaluatedError("no node is to run it: nothing runs")
    if available > ready or (observed and max(updated, ready) > desired):
        raise EvidenceError("the status contradicts itself: a part of its pods is more than the whole")
    missing = first(
        ("NotObserved", not observed), ("NotUpdated", updated < desired), ("NotAvailable", available < desired)
    )
    counts = Counts(replicas=desired, updated=updated, ready=ready, available=available)
    return progress(one, missing, counts, desired)


def _rolling(one: dict[str, Any]) -> dict[str, Any]:
    strategy = part(part(one, "spec"), "updateStrategy")
    if strategy.get("type") == "OnDelete":
        raise NotEvaluatedError("its update strategy is OnDelete: when it is rolled out is not defined")
    if strategy.get("type") != "RollingUpdate":
        raise EvidenceError("spec.updateStrategy.type is neither RollingUpdate nor OnDelete")
    return strategy


def first(*checks: tuple[str, bool]) -> str:
    """The word of the first check that holds; empty where none does."""
    return next((word for word, holds in checks if holds), "")


def generation_of(one: dict[str, Any]) -> int:
    """The generation of the object's spec, which the server counts from 1."""
    if metadata(one).get("generation") is None:
        message = "the object has no generation: it is a manifest, not what a cluster answered"
        raise EvidenceError(message, "Give what `kubectl get … -o json` prints.")
    number = whole(metadata(one)["generation"], "metadata.generation")
    if not number:
        raise EvidenceError("metadata.generation is 0")
    return number


def observed_of(one: dict[str, Any]) -> int | None:
    """The generation that the controller has seen; Argo writes it as text."""
    value = part(one, "status").get("observedGeneration")
    if (
        isinstance(value, str)
        and one.get("kind") == "Rollout"
        and value.isascii()
        and value.isdigit()
        and len(value) < 16
    ):
        value = int(value)
    return None if value is None else whole(value, "status.observedGeneration")


def check_not_deleted(one: dict[str, Any]) -> None:
    """Raises NotEvaluatedError for an object on its way out."""
    if metadata(one).get("deletionTimestamp") is not None:
        raise NotEvaluatedError("it is being deleted")


def is_observed(one: dict[str, Any]) -> bool:
    """Whether the status is about the spec as it stands. Raises NotEvaluatedError where the object is being deleted."""
    check_not_deleted(one)
    observed = observed_of(one)
    if observed is not None and observed > generation_of(one):
        raise EvidenceError("the status is about a later generation than there is")
    return observed == generation_of(one)


def desired_replicas(one: dict[str, Any], default: int | None = None) -> int:
    """`spec.replicas`. Raises NotEvaluatedError where it is 0: there is nothing that could be judged."""
    desired = whole(part(one, "spec").get("replicas", default), "spec.replicas")
    if not desired:
        raise NotEvaluatedError("it is scaled to 0: nothing runs")
    return desired


def counted(one: dict[str, Any]) -> Counts:
    """The counts of a status. Raises EvidenceError where they contradict each other."""
    status = part(one, "status")
    replicas, updated, ready, available = (
        count(status, key) for key in ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    )
    if updated > replicas or ready > replicas or available > ready:
        raise EvidenceError("the status contradicts itself: a part of its replicas is more than the whole")
    return Counts(replicas=replicas, updated=updated, ready=ready, available=available)


def count(status: dict[str, Any], key: str) -> int:
    """One count; 0 where it is absent."""
    return whole(status.get(key, 0), f"status.{key}")


def flag(values: dict[str, Any], key: str) -> bool:
    """A boolean; false where it is absent."""
    value = values.get(key, False)
    if not isinstance(value, bool):
        raise EvidenceError(f"{key} is neither true nor false")
    return value


def progress(one: dict[str, Any], missing: str, counts: Counts, desired: int, *, failed: bool = False) -> Progress:
    """The numbers together."""
    return Progress(
        missing=missing,
        failed=failed,
        generation=generation_of(one),
        observed=observed_of(one),
        desired=desired,
        updated=counts.updated,
        ready=counts.ready,
        available=counts.available,
    )
