"""Which kinds hold pods, and where: by API group and kind, whatever the version.

Sources: the API types of Kubernetes 1.34 and of the projects that the groups are named after. The paths are those of
walk.Spot.walk.
"""

from __future__ import annotations

Paths = tuple[tuple[str, ...], ...]

_TEMPLATE: Paths = (("spec", "template", "spec"),)
_CRON: Paths = (("spec", "jobTemplate", "spec", "template", "spec"),)


def _replicas(name: str) -> Paths:
    return (("spec", name, "*", "template", "spec"),)


def _ray(*cluster: str) -> Paths:
    return (
        ("spec", *cluster, "headGroupSpec", "template", "spec"),
        ("spec", *cluster, "workerGroupSpecs", "[]", "template", "spec"),
    )


POD_KINDS: dict[tuple[str, str], Paths] = {
    ("", "Pod"): (("spec",),),
    ("", "PodTemplate"): (("template", "spec"),),
    ("", "ReplicationController"): _TEMPLATE,
    **{
        (group, kind): _TEMPLATE
        for group in ("apps", "extensions")
        for kind in ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet")
    },
    ("batch", "Job"): _TEMPLATE,
    ("batch", "CronJob"): _CRON,
    ("argoproj.io", "Rollout"): _TEMPLATE,
    ("argoproj.io", "Experiment"): (("spec", "templates", "[]", "template", "spec"),),
    ("serving.knative.dev", "Service"): _TEMPLATE,
    ("serving.knative.dev", "Configuration"): _TEMPLATE,
    ("serving.knative.dev", "Revision"): (("spec",),),
    ("machinelearning.seldon.io", "SeldonDeployment"): (("spec", "predictors", "[]", "componentSpecs", "[]", "spec"),),
    ("apps.openshift.io", "DeploymentConfig"): _TEMPLATE,
    ("apps.kruise.io", "CloneSet"): _TEMPLATE,
    ("apps.kruise.io", "StatefulSet"): _TEMPLATE,
    ("apps.kruise.io", "DaemonSet"): _TEMPLATE,
    ("keda.sh", "ScaledJob"): (("spec", "jobTargetRef", "template", "spec"),),
    ("jobset.x-k8s.io", "JobSet"): (("spec", "replicatedJobs", "[]", "template", "spec", "template", "spec"),),
    ("leaderworkerset.x-k8s.io", "LeaderWorkerSet"): (
        ("spec", "leaderWorkerTemplate", "leaderTemplate", "spec"),
        ("spec", "leaderWorkerTemplate", "workerTemplate", "spec"),
    ),
    ("ray.io", "RayCluster"): _ray(),
    ("ray.io", "RayJob"): (*_ray("rayClusterSpec"), ("spec", "submitterPodTemplate", "spec")),
    ("ray.io", "RayService"): _ray("rayClusterConfig"),
    ("kubeflow.org", "TFJob"): _replicas("tfReplicaSpecs"),
    ("kubeflow.org", "PyTorchJob"): _replicas("pytorchReplicaSpecs"),
    ("kubeflow.org", "MPIJob"): _replicas("mpiReplicaSpecs"),
    ("kubeflow.org", "XGBoostJob"): _replicas("xgbReplicaSpecs"),
    ("kubeflow.org", "PaddleJob"): _replicas("paddleReplicaSpecs"),
    ("kubeflow.org", "JAXJob"): _replicas("jaxReplicaSpecs"),
}
"""The PodSpecs of each kind."""

CONTAINER_KINDS: dict[tuple[str, str], Paths] = {
    ("machinelearning.seldon.io", "SeldonDeployment"): (("spec", "predictors", "[]", "explainer", "containerSpec"),),
}
"""Containers that stand alone."""
