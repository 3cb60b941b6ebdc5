"""Workloads as users name them: `[CONTEXT/]NAMESPACE/KIND/NAME`."""

from __future__ import annotations

import re

from msgspec import Struct

from gatekeeper.errors import InvalidRequestError
from gatekeeper.evidence.fields import plain

KINDS = {
    "deployment": ("Deployment", "apps", "v1", "deployments"),
    "statefulset": ("StatefulSet", "apps", "v1", "statefulsets"),
    "daemonset": ("DaemonSet", "apps", "v1", "daemonsets"),
    "rollout": ("Rollout", "argoproj.io", "v1alpha1", "rollouts"),
    "inferenceservice": ("InferenceService", "serving.kserve.io", "v1beta1", "inferenceservices"),
}
_SHORT = {"deploy": "deployment", "sts": "statefulset", "ds": "daemonset", "ro": "rollout", "isvc": "inferenceservice"}
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_FORM = "Write `kubernetes:[CONTEXT/]NAMESPACE/KIND/NAME`, such as `kubernetes:production/deployment/churn`."


class Place(Struct, frozen=True, kw_only=True):
    """A workload in a cluster; without `context` it is kubeconfig's current one, or the cluster that this runs in."""

    context: str | None
    namespace: str
    kind: str
    name: str


def parse(locator: str) -> Place:
    """The parts of a locator; a context may hold slashes. Raises InvalidRequestError."""
    context, namespace, kind, name = ["", "", "", *locator.rsplit("/", 3)][-4:]
    kind = _SHORT.get(kind.lower(), kind.lower())
    if locator.count("/") < 2 or not all((namespace, kind, name)) or (locator.count("/") > 2 and not context):
        raise InvalidRequestError(f"{plain(locator)!r} names no workload", _FORM)
    if kind not in KINDS:
        raise InvalidRequestError(f"{plain(kind)!r} is no kind of workload", f"There are {', '.join(KINDS)}.")
    for word in (namespace, name):
        if not _NAME.fullmatch(word):
            raise InvalidRequestError(f"{plain(word)!r} is no name of Kubernetes", _FORM)
    return Place(context=context or None, namespace=namespace, kind=kind, name=name)
