"""A real Kubernetes API with its controllers and no node: tests write the statuses that a kubelet would."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.components import component, need, running

OLD, NEW = ("sha256:" + digit * 64 for digit in "12")
REPOSITORY = "registry.example/churn-model"


def pod_template(labels: dict[str, str], digest: str) -> dict[str, Any]:
    """A pod of one container, with a secret in its environment that nobody is to see."""
    secret = {"name": "PASSWORD", "value": "s3cret-in-the-env"}
    container = {"name": "model", "image": f"{REPOSITORY}@{digest}", "env": [secret]}
    return {"metadata": {"labels": labels}, "spec": {"containers": [container]}}


def workload(kind: str, name: str, digest: str = OLD, **spec: Any) -> dict[str, Any]:
    """A workload of `apps/v1`."""
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"selector": {"matchLabels": labels}, "template": pod_template(labels, digest), **spec},
    }


class Cluster:
    """The API, by kubectl."""

    def __init__(self, kubectl: str, kubeconfig: Path) -> None:
        self.kubeconfig = kubeconfig
        self._kubectl = kubectl

    @property
    def env(self) -> dict[str, str]:
        """What points gatekeeper at it."""
        return {"KUBECONFIG": str(self.kubeconfig)}

    def run(self, *arguments: str, given: Any = None, check: bool = True) -> subprocess.CompletedProcess[str]:
        """kubectl with these arguments; `given` is a document for `-f -`."""
        words = [self._kubectl, "--kubeconfig", str(self.kubeconfig), *arguments]
        document = None if given is None else json.dumps(given)
        return subprocess.run(words, input=document, capture_output=True, text=True, check=check)

    def apply(self, document: dict[str, Any]) -> None:
        """Create or change an object."""
        self.run("apply", "--server-side", "--force-conflicts", "-f", "-", given=document)

    def get(self, *what: str) -> dict[str, Any]:
        """What `kubectl get … -o json` prints."""
        return dict(json.loads(self.run("get", *what, "-o", "json").stdout))

    def is_done(self, what: str) -> bool:
        """Whether `kubectl rollout status` says that the roll-out has come to its end."""
        told = self.run("rollout", "status", what, "--watch=false", check=False)
        return told.returncode == 0 and "aiting for" not in told.stdout

    def set_status(self, what: str, status: dict[str, Any]) -> None:
        """Write a status, as a controller or kubelet does."""
        patch = json.dumps({"status": status})
        self.run("patch", what, "--subresource=status", "--type=merge", "-p", patch)

    def pods(self, name: str) -> list[dict[str, Any]]:
        """The pods of a workload, in the order of their names."""
        return list(self.get("pods", "-l", f"app={name}")["items"])

    def start(self, pod: dict[str, Any], restarts: int = 0) -> None:
        """Say that the pod runs, with the image that its spec names."""
        image = pod["spec"]["containers"][0]["image"]
        state = {"running": {"startedAt": "2026-11-23T08:00:00Z"}}
        running = {"name": "model", "image": image, "imageID": image, "ready": True, "restartCount": restarts}
        ready = {"type": "Ready", "status": "True", "lastTransitionTime": "2026-11-23T08:00:01Z"}
        self.set_status(
            f"pod/{pod['metadata']['name']}",
            {"phase": "Running", "conditions": [ready], "containerStatuses": [{**running, "state": state}]},
        )

    def start_all(self, name: str) -> None:
        """Start every pod that does not run."""
        for pod in self.pods(name):
            if pod["status"].get("phase") != "Running" and "deletionTimestamp" not in pod["metadata"]:
                self.start(pod)

    def until(self, holds: Callable[[], bool], step: Callable[[], None] = lambda: None) -> None:
        """Wait for controllers, which act in their own time; `step` is done before each look."""
        end = time.monotonic() + 60
        while not holds():
            assert time.monotonic() < end, "the controllers did not get there"
            step()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The server, started once, with one node in its books."""
    kubectl = component("kubernetes", "kubectl", check=False)
    need("kubernetes", bool(kubectl), may_lack_in_ci=True)
    state = tmp_path_factory.mktemp("kubernetes")
    with running("kubernetes", state):
        made = Cluster(kubectl, state / "kubeconfig")
        made.apply({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "fake"}})
        yield made
