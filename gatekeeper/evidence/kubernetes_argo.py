"""How far an Argo Rollout has come.

Source: `CalculateRolloutPhase` in `utils/rollout/rolloututil.go` of github.com/argoproj/argo-rollouts, 1.8. The phase
is computed here too, and the controller's own must agree.
"""

from __future__ import annotations

from typing import Any

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence.fields import mapping, sequence, text
from gatekeeper.evidence.kubernetes_objects import condition, conditions, part
from gatekeeper.evidence.kubernetes_progress import (
    DEADLINE,
    Counts,
    Progress,
    counted,
    desired_replicas,
    first,
    flag,
    generation_of,
    is_observed,
    progress,
)

_PHASES = ("Healthy", "Degraded", "Progressing", "Paused")


def rollout(one: dict[str, Any], referenced: dict[str, Any] | None = None) -> Progress:
    """A Rollout; complete when its new ReplicaSet is stable. Raises NotEvaluatedError where it is scaled to 0.

    `referenced` is the workload that it takes its template from: the status must be about that one as it stands.
    """
    desired = desired_replicas(one, default=1)
    counts = counted(one)
    spec, status = part(one, "spec"), part(one, "status")
    pauses = sequence(status.get("pauseConditions"), "pauseConditions")
    observed = is_observed(one) and _has_seen(one, status, referenced)
    failed = observed and _has_failed(one, status)
    missing = first(
        ("NotObserved", not observed),
        ("Degraded", failed),
        ("Paused", flag(spec, "paused") or flag(status, "controllerPause") or bool(pauses)),
        ("Restarting", spec.get("restartAt") is not None and spec["restartAt"] != status.get("restartedAt")),
        ("NotUpdated", counts.updated < desired),
        ("NotAvailable", counts.available < counts.updated),
        *_of_strategy(one, status, counts),
        ("Progressing", _phase(status) not in ("", "Healthy")),
    )
    return progress(one, missing, counts, desired, failed=failed)


def _has_seen(one: dict[str, Any], status: dict[str, Any], referenced: dict[str, Any] | None) -> bool:
    if part(one, "spec").get("workloadRef") is None:
        return True
    seen = text(status.get("workloadObservedGeneration"), "status.workloadObservedGeneration")
    return referenced is not None and seen == str(generation_of(referenced))


def _has_failed(one: dict[str, Any], status: dict[str, Any]) -> bool:
    reasons = {text(entry.get("reason"), "a condition's reason") for entry in conditions(one)}
    return (
        _phase(status) == "Degraded"
        or flag(status, "abort")
        or not reasons.isdisjoint(("RolloutAborted", DEADLINE))
        or condition(one, "InvalidSpec") is not None
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
