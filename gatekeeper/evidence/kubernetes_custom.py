"""How far the roll-out of an Argo Rollout or a KServe InferenceService has come.

Sources: `utils/rollout/rolloututil.go` (the phase of a Rollout) of github.com/argoproj/argo-rollouts; the status of
serving.kserve.io/v1beta1, and how Argo CD tells the health of one.
"""

from __future__ import annotations

from typing import Any

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import mapping, sequence, text, whole
from gatekeeper.evidence.kubernetes_objects import condition, is_true, part
from gatekeeper.evidence.kubernetes_progress import (
    DEADLINE,
    Counts,
    Progress,
    counted,
    desired_replicas,
    first,
    flag,
    is_observed,
    progress,
)

_PHASES = ("Healthy", "Degraded", "Progressing", "Paused")


def rollout(one: dict[str, Any]) -> Progress:
    """A Rollout; complete when its new ReplicaSet is stable. Raises NotEvaluatedError where it is scaled to 0."""
    desired = desired_replicas(one, default=1)
    counts = counted(one)
    status = part(one, "status")
    observed = is_observed(one)
    failed = observed and _has_failed(one, status)
    missing = first(
        ("NotObserved", not observed),
        ("Degraded", failed),
        (
            "Paused",
            flag(part(one, "spec"), "paused") or bool(sequence(status.get("pauseConditions"), "pauseConditions")),
        ),
        ("NotUpdated", counts.updated < desired),
        ("NotAvailable", counts.available < counts.updated),
        *_of_strategy(one, status, counts),
        ("Progressing", _phase(status) not in ("", "Healthy")),
    )
    return progress(one, missing, counts, desired, failed=failed)


def _has_failed(one: dict[str, Any], status: dict[str, Any]) -> bool:
    reason = (condition(one, "Progressing") or {}).get("reason")
    invalid = condition(one, "InvalidSpec")
    return (
        _phase(status) == "Degraded"
        or flag(status, "abort")
        or reason in ("RolloutAborted", DEADLINE)
        or (invalid is not None and invalid.get("status") != "False")
    )


def _phase(status: dict[str, Any]) -> str:
    phase = text(status.get("phase"), "status.phase")
    if phase and phase not in _PHASES:
        raise EvidenceError("status.phase is none of those of a Rollout")
    return phase


def _of_strategy(one: dict[str, Any], status: dict[str, Any], counts: Counts) -> tuple[tuple[str, bool], ...]:
    strategy = part(part(one, "spec"), "strategy")
    blue_green, canary = strategy.get("blueGreen"), strategy.get("canary")
    if (blue_green is None) == (canary is None):
        raise EvidenceError("spec.strategy is neither canary nor blueGreen")
    current, stable = (text(status.get(key), f"status.{key}") for key in ("currentPodHash", "stableRS"))
    steps = ("StepsPending", not current or stable != current)
    if blue_green is not None:
        active = text(part(status, "blueGreen").get("activeSelector"), "status.blueGreen.activeSelector")
        return (("CutoverPending", not active or active != current), steps)
    routed = mapping(canary, "spec.strategy.canary").get("trafficRouting") is not None
    return (("OldReplicas", not routed and counts.replicas > counts.updated), steps)


_REVISIONS = ("latestCreatedRevision", "latestReadyRevision", "latestRolledoutRevision")
_TRANSITIONS = ("UpToDate", "InProgress", "BlockedByFailedLoad", "InvalidSpec")


def inference_service(one: dict[str, Any], ready_pods: int | None) -> Progress:
    """An InferenceService; what runs is counted from its pods, where they were read.

    Raises NotEvaluatedError where it is stopped, or scaled to zero with no pod.
    """
    desired = whole(part(part(one, "spec"), "predictor").get("minReplicas", 1), "spec.predictor.minReplicas")
    if is_true(one, "Stopped"):
        raise NotEvaluatedError("it is stopped: nothing runs")
    if not desired and not ready_pods:
        raise NotEvaluatedError("it may scale to zero, and no pod of it runs: nothing to judge")
    status = part(one, "status")
    transition = text(part(status, "modelStatus").get("transitionStatus"), "transitionStatus")
    if transition and transition not in _TRANSITIONS:
        raise EvidenceError("status.modelStatus.transitionStatus is none of KServe's")
    observed = is_observed(one)
    failed = observed and transition in ("BlockedByFailedLoad", "InvalidSpec")
    missing = first(
        ("NotObserved", not observed),
        (transition, failed),
        ("NotReady", not is_true(one, "Ready") or not is_true(one, "PredictorReady")),
        ("InProgress", transition == "InProgress"),
        ("RevisionPending", _is_split(status)),
    )
    running = ready_pods or 0
    counts = Counts(replicas=running, updated=0 if missing else running, ready=running, available=running)
    return progress(one, missing, counts, max(desired, 1), failed=failed)


def _is_split(status: dict[str, Any]) -> bool:
    """Whether more than one revision is, or is to be, in use; a raw deployment has none."""
    predictor = part(part(status, "components"), "predictor")
    return len({text(predictor[key], key) for key in _REVISIONS if key in predictor}) > 1
