"""How far a KServe InferenceService has come, told from its pods.

Its status does not tell: `observedGeneration` there is that of the Deployment or Knative service underneath, and over a
Deployment `Ready` stays true while pods are replaced (`pkg/apis/serving/v1beta1/inference_service_status.go` of
github.com/kserve/kserve, 0.15). So each pod must carry the images and the model that the spec names.
"""

from __future__ import annotations

from typing import Any

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import mapping, sequence, text, whole
from gatekeeper.evidence.kubernetes_objects import FRAMEWORKS, SOURCE, is_true, metadata, part
from gatekeeper.evidence.kubernetes_pods import Pods, images_of
from gatekeeper.evidence.kubernetes_progress import Progress, check_not_deleted, first, generation_of

_REVISIONS = ("latestCreatedRevision", "latestReadyRevision", "latestRolledoutRevision")
_TRANSITIONS = ("UpToDate", "InProgress", "BlockedByFailedLoad", "InvalidSpec")
_CONTAINER = "kserve-container"


def inference_service(one: dict[str, Any], pods: Pods | None) -> Progress:
    """An InferenceService; never complete where its pods were not read.

    Raises NotEvaluatedError where it is stopped, or scaled to zero with no pod.
    """
    check_not_deleted(one)
    least = whole(part(part(one, "spec"), "predictor").get("minReplicas", 1), "spec.predictor.minReplicas")
    if is_true(one, "Stopped"):
        raise NotEvaluatedError("it is stopped: nothing runs")
    if not least and pods is not None and not pods.found:
        raise NotEvaluatedError("it is scaled to 0: nothing runs")
    transition = _transition(one)
    found = () if pods is None else pods.found
    updated = [pod for pod in found if _is_of_spec(one, pod)]
    failed = transition in ("BlockedByFailedLoad", "InvalidSpec")
    missing = first(
        (transition, failed),
        ("PodsNotRead", pods is None),
        ("NotReady", not is_true(one, "Ready") or not is_true(one, "PredictorReady")),
        ("InProgress", transition == "InProgress"),
        ("NotUpdated", len(updated) < len(found)),
        ("RevisionPending", _is_split(part(one, "status"))),
    )
    ready = 0 if pods is None else pods.ready
    return Progress(
        missing=missing,
        failed=failed,
        generation=generation_of(one),
        observed=None,
        desired=max(least, 1),
        updated=len(updated),
        ready=ready,
        available=ready,
    )


def _transition(one: dict[str, Any]) -> str:
    transition = text(part(part(one, "status"), "modelStatus").get("transitionStatus"), "transitionStatus")
    if transition and transition not in _TRANSITIONS:
        raise EvidenceError("status.modelStatus.transitionStatus is none of KServe's")
    return transition


def _is_of_spec(one: dict[str, Any], pod: dict[str, Any]) -> bool:
    """Whether the pod was made from the spec as it stands; not where the spec names nothing that a pod repeats."""
    wanted, source = _wanted(part(part(one, "spec"), "predictor"))
    images = images_of(pod)
    if any(images.get(name) != image for name, image in wanted.items()):
        return False
    return bool(wanted) if source is None else part(metadata(pod), "annotations").get(SOURCE) == source


def _wanted(predictor: dict[str, Any]) -> tuple[dict[str, str], str | None]:
    """Images by container, and where the model comes from, as far as the spec names them."""
    wanted: dict[str, str] = {}
    for entry in sequence(predictor.get("containers"), "spec.predictor.containers"):
        container = mapping(entry, "a container")
        name = text(container.get("name"), "a container's name") or _CONTAINER
        if image := text(container.get("image"), "a container's image"):
            wanted[name] = image
    source = None
    for model in (part(predictor, name) for name in FRAMEWORKS):
        source = text(model.get("storageUri"), "storageUri") or source
        if image := text(model.get("image"), "a model's image"):
            wanted[_CONTAINER] = image
    return wanted, source


def _is_split(status: dict[str, Any]) -> bool:
    """Whether more than one revision is, or is to be, in use; over a Deployment there are none."""
    predictor = part(part(status, "components"), "predictor")
    return len({text(predictor[key], key) for key in _REVISIONS if key in predictor}) > 1
