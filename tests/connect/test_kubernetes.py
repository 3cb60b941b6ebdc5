"""Roll-outs asked of a real API server, held against `kubectl rollout status`; and servers that refuse, lie or hang."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.connect.kubernetes import fetch
from gatekeeper.connect.kubernetes.api import body_of
from gatekeeper.connect.kubernetes.place import parse
from gatekeeper.errors import CannotActError, EvidenceError, InvalidRequestError, NotEvaluatedError
from gatekeeper.evidence.reading import envelope
from tests.conftest import Command
from tests.servers.http_server import Asked, HttpServer, reply
from tests.servers.kubernetes import NEW, OLD, REPOSITORY, Cluster, cluster, pod_template, workload

__all__ = ["cluster"]  # the fixture

pytestmark = pytest.mark.xdist_group("kubernetes")

SECRET = "s3cret-t0ken-7ac2"


def read(gatekeeper: Command, locator: str, env: Mapping[str, str]) -> dict[str, Any]:
    """The envelope; that it is evaluated, and the exit code, go together, and no secret shows."""
    finished = gatekeeper("evidence", "read", f"kubernetes:{locator}", env=env)
    assert "s3cret" not in finished.stdout + finished.stderr
    assert finished.code in (0, 3), finished.stderr
    (found,) = json.loads(finished.stdout)
    assert (found["status"] == "evaluated") == (finished.code == 0)
    return dict(found)


def agrees(cluster: Cluster, kind: str, name: str) -> bool:
    """Whether what is read of the workload alone is what kubectl says of it; asked again where it changed meanwhile."""
    while True:
        before = cluster.get(kind, name)
        done = cluster.is_done(f"{kind}/{name}")
        if cluster.get(kind, name)["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]:
            found = envelope(json.dumps(before).encode(), source="x")
            return (found.status == "evaluated" and found.facts["complete"]) == done


def test_a_deployment_from_its_first_pod_to_its_next_image(gatekeeper: Command, cluster: Cluster) -> None:
    cluster.apply(workload("Deployment", "steps", replicas=3))
    for digest in (OLD, NEW):
        cluster.apply(workload("Deployment", "steps", digest, replicas=3))
        looks = 0
        while True:
            assert agrees(cluster, "deployment", "steps")
            looks += 1
            waiting = [pod for pod in cluster.pods("steps") if pod["status"].get("phase") != "Running"]
            if waiting:
                cluster.start(waiting[0])
            elif cluster.is_done("deployment/steps"):
                break
        assert looks > 3
        cluster.until(lambda: len(cluster.pods("steps")) == 3)
        found = read(gatekeeper, "default/deployment/steps", cluster.env)
        assert (found["facts"]["complete"], found["facts"]["updated"]) == (True, 3)
        image = f"{REPOSITORY}@{digest}"
        assert found["facts"]["containers"] == {"model": {"image": image, "digests": [digest], "restarts": 0}}
        assert found["subjects"] == [digest]
        assert found["counts"] == {"pods": 3}


def test_an_update_that_goes_on_is_not_complete(gatekeeper: Command, cluster: Cluster) -> None:
    cluster.apply(workload("Deployment", "going", replicas=2))
    cluster.until(lambda: cluster.is_done("deployment/going"), lambda: cluster.start_all("going"))
    cluster.apply(workload("Deployment", "going", NEW, replicas=2))
    cluster.until(lambda: len(cluster.pods("going")) == 3)
    found = read(gatekeeper, "default/deploy/going", cluster.env)
    assert found["facts"]["complete"] is False
    assert found["facts"]["containers"]["model"]["digests"] == [OLD, "unknown"]
    cluster.run("rollout", "pause", "deployment/going")
    cluster.until(lambda: "Paused" in json.dumps(cluster.get("deployment", "going")["status"]))
    assert read(gatekeeper, "default/deploy/going", cluster.env)["facts"]["reason"] == "Paused"


def test_a_deadline_that_passed(gatekeeper: Command, cluster: Cluster) -> None:
    cluster.apply(workload("Deployment", "late", replicas=1, progressDeadlineSeconds=1))
    cluster.until(lambda: "Exceeded" in json.dumps(cluster.get("deployment", "late")["status"]))
    facts = read(gatekeeper, "default/deployment/late", cluster.env)["facts"]
    assert (facts["complete"], facts["failed"], facts["reason"]) == (False, True, "ProgressDeadlineExceeded")
    assert agrees(cluster, "deployment", "late")


def test_a_stateful_set_and_a_daemon_set(gatekeeper: Command, cluster: Cluster) -> None:
    rolling = {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}}
    spec = {"replicas": 2, "serviceName": "ordered", "updateStrategy": rolling}
    for digest in (OLD, NEW):
        cluster.apply(workload("StatefulSet", "ordered", digest, **spec))
        cluster.apply(workload("DaemonSet", "everywhere", digest))
        for kind, name in (("statefulset", "ordered"), ("daemonset", "everywhere")):

            def step(name: str = name) -> None:
                cluster.start_all(name)

            def done(kind: str = kind, name: str = name) -> bool:
                assert agrees(cluster, kind, name)
                return cluster.is_done(f"{kind}/{name}") and len(cluster.pods(name)) > 0

            cluster.until(done, step)
            facts = read(gatekeeper, f"default/{kind}/{name}", cluster.env)["facts"]
            assert facts["complete"] is True
            assert facts["containers"]["model"]["digests"] == [digest]


def test_nothing_runs(gatekeeper: Command, cluster: Cluster) -> None:
    cluster.apply(workload("Deployment", "asleep", replicas=0))
    cluster.until(lambda: cluster.is_done("deployment/asleep"))
    found = read(gatekeeper, "default/deployment/asleep", cluster.env)
    assert (found["status"], found["reason"]) == ("not_evaluated", "it is scaled to 0: nothing runs")


def test_pods_of_a_canary_with_the_same_labels_are_left_out(gatekeeper: Command, cluster: Cluster) -> None:
    labels = {"app": "shared"}
    for name, digest in (("shared-stable", OLD), ("shared-canary", NEW)):
        one = workload("Deployment", name, digest, replicas=1)
        one["spec"]["selector"]["matchLabels"] = labels if name == "shared-stable" else {**labels, "track": "canary"}
        one["spec"]["template"] = pod_template({**labels, "track": name.rpartition("-")[2]}, digest)
        cluster.apply(one)
        cluster.until(lambda name=name: cluster.is_done(f"deployment/{name}"), lambda: cluster.start_all("shared"))  # type: ignore[misc]
    found = read(gatekeeper, "default/deployment/shared-stable", cluster.env)
    assert found["subjects"] == [OLD]
    assert found["counts"] == {"pods": 1}


def custom(cluster: Cluster, group: str, version: str, kind: str) -> None:
    """A kind as its project defines it, as far as the server needs to know."""
    plural = f"{kind.lower()}s"
    free = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    cluster.apply(
        {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{plural}.{group}"},
            "spec": {
                "group": group,
                "scope": "Namespaced",
                "names": {"kind": kind, "plural": plural, "singular": kind.lower()},
                "versions": [
                    {
                        "name": version,
                        "served": True,
                        "storage": True,
                        "schema": {"openAPIV3Schema": free},
                        "subresources": {"status": {}},
                    }
                ],
            },
        }
    )
    cluster.run("wait", "--for=condition=Established", f"crd/{plural}.{group}", "--timeout=30s")


def test_a_rollout_of_argo(gatekeeper: Command, cluster: Cluster) -> None:
    custom(cluster, "argoproj.io", "v1alpha1", "Rollout")
    cluster.apply(
        {**workload("Rollout", "canary", replicas=1, strategy={"canary": {}}), "apiVersion": "argoproj.io/v1alpha1"}
    )
    made = cluster.get("rollouts.argoproj.io", "canary")
    owner = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": "canary", "controller": True}
    sets = workload("ReplicaSet", "canary-5f6d", replicas=1)
    sets["metadata"]["ownerReferences"] = [{**owner, "uid": made["metadata"]["uid"]}]
    sets["metadata"]["labels"] = sets["spec"]["selector"]["matchLabels"] = {"app": "canary"}
    sets["spec"]["template"] = pod_template({"app": "canary"}, OLD)
    cluster.apply(sets)
    cluster.until(lambda: len(cluster.pods("canary")) == 1)
    cluster.start_all("canary")
    counts = dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), 1)
    status = {**counts, "observedGeneration": "1", "phase": "Healthy", "currentPodHash": "5f6d", "stableRS": "5f6d"}
    cluster.set_status("rollouts.argoproj.io/canary", status)
    found = read(gatekeeper, "default/rollout/canary", cluster.env)
    assert (found["facts"]["complete"], found["subjects"]) == (True, [OLD])
    cluster.set_status("rollouts.argoproj.io/canary", {"phase": "Degraded"})
    assert read(gatekeeper, "default/rollout/canary", cluster.env)["facts"]["failed"] is True


def test_an_inference_service_of_kserve(gatekeeper: Command, cluster: Cluster) -> None:
    custom(cluster, "serving.kserve.io", "v1beta1", "InferenceService")
    predictor = {"containers": [{"name": "model", "image": f"{REPOSITORY}@{NEW}"}]}
    labels = {"app": "iris-predictor", "serving.kserve.io/inferenceservice": "iris"}
    service = {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": "iris", "namespace": "default"},
        "spec": {"predictor": predictor},
    }
    cluster.apply(service)
    ready = [{"type": kind, "status": "True"} for kind in ("PredictorReady", "Ready")]
    cluster.set_status("inferenceservices/iris", {"conditions": ready, "observedGeneration": 99})
    for digest in (OLD, NEW):
        under = workload("Deployment", "iris-predictor", digest, replicas=1)
        under["spec"]["template"] = pod_template(labels, digest)
        cluster.apply(under)
        cluster.until(
            lambda: cluster.is_done("deployment/iris-predictor") and len(cluster.pods("iris-predictor")) == 1,
            lambda: cluster.start_all("iris-predictor"),
        )
        facts = read(gatekeeper, "default/inferenceservice/iris", cluster.env)["facts"]
        assert facts["complete"] is (digest == NEW)
        assert facts.get("reason") == (None if digest == NEW else "NotUpdated")


def test_what_the_server_does_not_have(gatekeeper: Command, cluster: Cluster) -> None:
    for place in ("default/deployment/nobody", "nowhere/deployment/x", "default/ds/x"):
        found = read(gatekeeper, place, cluster.env)
        assert (found["status"], found["kind"]) == ("not_evaluated", "rollout")
        assert found["reason"] == "the cluster does not have the workload"


def kubeconfig(path: Path, url: str, **cluster_settings: Any) -> dict[str, str]:
    """A kubeconfig for a server, with a token that must not show."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": {"server": url, **cluster_settings}}],
        "users": [{"name": "u", "user": {"token": SECRET}}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "c",
    }
    path.write_text(json.dumps(document))
    return {"KUBECONFIG": str(path)}


def test_credentials_that_are_refused(gatekeeper: Command, cluster: Cluster, tmp_path: Path) -> None:
    known = json.loads(cluster.run("config", "view", "--raw", "-o", "json").stdout)["clusters"][0]["cluster"]
    env = kubeconfig(tmp_path / "config", known["server"], **{"certificate-authority": known["certificate-authority"]})
    found = read(gatekeeper, "default/deployment/x", env)
    assert (found["status"], found["reason"]) == ("not_evaluated", "the cluster does not accept the credentials")


def test_a_certificate_that_is_not_trusted(gatekeeper: Command, cluster: Cluster, tmp_path: Path) -> None:
    known = json.loads(cluster.run("config", "view", "--raw", "-o", "json").stdout)["clusters"][0]["cluster"]
    found = read(gatekeeper, "default/deployment/x", kubeconfig(tmp_path / "a", known["server"]))
    assert (found["status"], "certificate" in found["reason"]) == ("not_evaluated", True)
    env = kubeconfig(tmp_path / "b", known["server"], **{"insecure-skip-tls-verify": True})
    found = read(gatekeeper, "default/deployment/x", env)
    assert (found["status"], "anybody could answer" in found["reason"]) == ("error", True)


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        yield running


class Everything(dict[str, Any]):
    """Routes for whole paths with their queries: by what stands before the `?`."""

    def get(self, path: str, default: Any = None) -> Any:
        return super().get(path.partition("?")[0], super().get("*", default))


WORKLOAD = "/apis/apps/v1/namespaces/default/deployments/churn"
SETS = "/apis/apps/v1/namespaces/default/replicasets"
PODS = "/api/v1/namespaces/default/pods"


def answers(version: str = "1") -> tuple[bytes, bytes, bytes]:
    """A complete Deployment, its ReplicaSets and pods, as the server sends them."""
    folder = Path(__file__).resolve().parents[1] / "fixtures/kubernetes/deployment-complete.json"
    items = json.loads(folder.read_bytes())["items"]
    by_kind = {kind: [one for one in items if one["kind"] == kind] for kind in ("Deployment", "ReplicaSet", "Pod")}
    (deployment,) = by_kind["Deployment"]
    deployment["metadata"]["resourceVersion"] = version
    lists = [{"metadata": {}, "items": by_kind[kind]} for kind in ("ReplicaSet", "Pod")]
    first, second, third = (json.dumps(one).encode() for one in (deployment, *lists))
    return first, second, third


def serve(server: HttpServer) -> None:
    deployment, sets, pods = (reply(200, body, content_type="application/json") for body in answers())
    server.routes = Everything({WORKLOAD: lambda _: deployment, SETS: lambda _: sets, PODS: lambda _: pods})


def test_the_selector_is_asked_for_and_the_token_sent(gatekeeper: Command, server: HttpServer, tmp_path: Path) -> None:
    serve(server)
    env = kubeconfig(tmp_path / "config", server.url)
    found = read(gatekeeper, "c/default/deployment/churn", env)
    assert found["facts"]["complete"] is True
    assert [re.sub(r"\?.*", "", asked.path) for asked in server.asked] == [WORKLOAD, SETS, PODS, WORKLOAD]
    assert all("labelSelector=app%3Dchurn" in asked.path for asked in server.asked[1:3])
    assert {asked.headers["authorization"] for asked in server.asked} == {f"Bearer {SECRET}"}


def test_a_server_that_is_busy_for_a_moment_is_asked_again(
    gatekeeper: Command, server: HttpServer, tmp_path: Path
) -> None:
    serve(server)
    pods = reply(200, answers()[2])
    waiting = [reply(429), reply(503), pods]
    server.routes[PODS] = lambda _: waiting.pop(0) if len(waiting) > 1 else pods
    found = read(gatekeeper, "default/deployment/churn", kubeconfig(tmp_path / "config", server.url))
    assert found["facts"]["complete"] is True
    assert len(server.asked) == 6


def test_what_changes_while_it_is_read_is_no_state(gatekeeper: Command, server: HttpServer, tmp_path: Path) -> None:
    serve(server)
    versions = iter(range(100))
    server.routes[WORKLOAD] = lambda _: reply(200, answers(str(next(versions)))[0])
    found = read(gatekeeper, "default/deployment/churn", kubeconfig(tmp_path / "config", server.url))
    assert found["status"] == "not_evaluated"
    assert found["reason"].startswith("the workload changes while it is read")


def test_pods_on_several_pages(gatekeeper: Command, server: HttpServer, tmp_path: Path) -> None:
    serve(server)
    pods = json.loads(answers()[2])["items"]

    def page(asked: Asked) -> bytes:
        second = "continue=next" in asked.path
        metadata = {} if second else {"continue": "next"}
        return reply(200, json.dumps({"metadata": metadata, "items": pods[1:] if second else pods[:1]}).encode())

    server.routes[PODS] = page
    found = read(gatekeeper, "default/deployment/churn", kubeconfig(tmp_path / "config", server.url))
    assert (found["counts"], found["facts"]["complete"]) == ({"pods": 2}, True)
    server.routes[PODS] = lambda _: reply(200, json.dumps({"metadata": {"continue": "x"}, "items": []}).encode())
    found = read(gatekeeper, "default/deployment/churn", kubeconfig(tmp_path / "config", server.url))
    assert (found["status"], "there are more than" in found["reason"]) == ("error", True)


@pytest.mark.parametrize(
    ("path", "answer", "status", "reason"),
    [
        (WORKLOAD, reply(401, SECRET.encode()), "not_evaluated", "does not accept the credentials"),
        (WORKLOAD, reply(403, SECRET.encode()), "not_evaluated", "does not allow the workload to be read"),
        (PODS, reply(403, SECRET.encode()), "not_evaluated", "does not allow pods to be read"),
        (WORKLOAD, reply(500, SECRET.encode()), "not_evaluated", "status 500"),
        (WORKLOAD, reply(302, b"", location="http://127.0.0.1:9/"), "not_evaluated", "status 302"),
        (WORKLOAD, reply(200, b"<html>s3cret</html>"), "error", ""),
        (WORKLOAD, reply(200, b""), "error", ""),
        (WORKLOAD, reply(200, b"[]"), "error", "no object"),
        (WORKLOAD, reply(200, b"{}"), "error", ""),
        (WORKLOAD, reply(200, answers()[0][:-40]), "error", ""),
        (WORKLOAD, reply(200, b"[" * 100_000), "error", ""),
        (PODS, reply(200, b'{"items": []}'), "error", "metadata"),
        (PODS, reply(200, b'{"metadata": {}, "items": ["s3cret"]}'), "error", "an item of the list"),
        (WORKLOAD, b"nonsense\r\n\r\n", "not_evaluated", "cannot be reached"),
    ],
    ids=range(14),
)
def test_a_server_that_does_not_answer_as_it_should(
    gatekeeper: Command, server: HttpServer, tmp_path: Path, path: str, answer: bytes, status: str, reason: str
) -> None:
    serve(server)
    server.routes[path] = lambda _: answer
    found = read(gatekeeper, "default/deployment/churn", kubeconfig(tmp_path / "config", server.url))
    assert found["status"] == status, found["reason"]
    assert reason in found["reason"]
    assert found["facts"] == {}


ODD: tuple[Any, ...] = (None, True, "", "x", -1, 0.5, [], {}, [[]], [None], {"a": 1}, {"a": []})


def test_no_answer_of_a_cluster_makes_it_fall(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part of each answer, replaced by something else, gives a record or one of the faults that a source has."""
    whole = [json.loads(answer) for answer in answers()]
    whole[0]["spec"]["selector"]["matchExpressions"] = [{"key": "a", "operator": "In", "values": ["b"]}]
    faults = (EvidenceError, NotEvaluatedError, CannotActError)
    seen = set()
    for number, document in enumerate(whole):
        for path in places(document):
            for value in ODD[len(path) % 3 :: 3]:
                changed = copy.deepcopy(whole)
                inner = changed[number]
                for key in path[:-1]:
                    inner = inner[key]
                inner[path[-1]] = value
                api = Answering(*changed)
                monkeypatch.setattr("gatekeeper.connect.kubernetes.api.client", lambda _: None)
                monkeypatch.setattr("gatekeeper.connect.kubernetes.api.library", lambda api=api: api)
                try:
                    data = fetch("default/deployment/churn", None).data  # type: ignore[arg-type]
                except faults as fault:
                    seen.add(type(fault))
                else:
                    found = envelope(data, source="x", producer="kubernetes")
                    seen.add(found.facts.get("complete"))
    assert {EvidenceError, True, False} <= seen


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a document down to six levels, where all that the connector looks at stands."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items if len(path) < 6 else ():
        if key not in ("env", "annotations", "template"):
            yield from places(child, (*path, key))


class Answering:
    """The client's library, in place of which it gives these answers."""

    def __init__(self, workload: Any, sets: Any, pods: Any) -> None:
        self._by_plural = {"deployments": workload, "replicasets": sets}
        self._pods = pods

    def CustomObjectsApi(self, _: Any) -> Answering:  # noqa: N802 - the client's own name
        return self

    def CoreV1Api(self, _: Any) -> Answering:  # noqa: N802
        return self

    def get_namespaced_custom_object(
        self, _group: str, _version: str, _space: str, plural: str, *_: Any, **__: Any
    ) -> Any:
        return Whole(self._by_plural[plural])

    list_namespaced_custom_object = get_namespaced_custom_object

    def list_namespaced_pod(self, *_: Any, **__: Any) -> Any:
        return Whole(self._pods)


class Whole:
    """An answer's bytes at once."""

    def __init__(self, document: Any) -> None:
        self._pieces = [json.dumps(document).encode(), b""]

    def read1(self, *_: Any, **__: Any) -> bytes:
        return self._pieces.pop(0)

    def close(self) -> None:
        pass


class Dripping:
    """An answer of which a byte comes now and then, for ever."""

    closed = False

    def read1(self, _most: int, **_: Any) -> bytes:
        return b" "

    def close(self) -> None:
        self.closed = True


def test_an_answer_that_drips_comes_to_an_end() -> None:
    looks = iter([False] * 5 + [True])
    answer = Dripping()
    with pytest.raises(CannotActError, match="did not answer within 180 seconds"):
        body_of(answer, lambda: next(looks))
    assert answer.closed


def test_an_answer_that_is_too_large_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gatekeeper.connect.kubernetes.api.MAX_ANSWER", 1024 * 1024)
    answer = Dripping()
    answer.read1 = lambda _most, **_: b" " * 65536  # type: ignore[method-assign]
    with pytest.raises(EvidenceError, match="larger than 1 MiB"):
        body_of(answer, lambda: False)


def test_inside_of_a_cluster_that_gives_no_credentials(gatekeeper: Command) -> None:
    found = read(gatekeeper, "default/deployment/x", {"KUBERNETES_SERVICE_HOST": "127.0.0.1"})
    assert found["reason"] == "this pod was given no credentials for its cluster"


def test_no_pods_are_no_complete_roll_out(gatekeeper: Command, server: HttpServer, tmp_path: Path) -> None:
    serve(server)
    server.routes[PODS] = lambda _: reply(200, b'{"metadata": {}, "items": []}')
    found = read(gatekeeper, "default/deployment/churn", kubeconfig(tmp_path / "config", server.url))
    assert (found["facts"]["complete"], found["facts"]["reason"]) == (False, "PodsNotReady")


def test_nobody_there(gatekeeper: Command, tmp_path: Path) -> None:
    found = read(gatekeeper, "default/deployment/x", kubeconfig(tmp_path / "config", "http://127.0.0.1:9"))
    assert (found["status"], found["reason"]) == ("not_evaluated", "the cluster cannot be reached")
    found = read(gatekeeper, "default/deployment/x", kubeconfig(tmp_path / "config", "https://[::"))
    assert found["status"] == "not_evaluated"
    found = read(gatekeeper, "default/deployment/x", kubeconfig(tmp_path / "config", "http://cluster.example"))
    assert (found["status"], "not https" in found["reason"]) == ("error", True)


@pytest.mark.parametrize("text", [None, "", "not: [yaml", "{}", "apiVersion: v1\nkind: Config\n"])
def test_a_kubeconfig_that_cannot_be_used(gatekeeper: Command, tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "config").write_text(text)
    found = read(gatekeeper, "default/deployment/x", {"KUBECONFIG": str(tmp_path / "config")})
    assert found["status"] == "not_evaluated"
    assert found["reason"].startswith("there is no kubeconfig" if text is None else "kubeconfig cannot be used")


def test_a_context_that_there_is_not(gatekeeper: Command, tmp_path: Path) -> None:
    found = read(gatekeeper, "other/default/deployment/x", kubeconfig(tmp_path / "config", "http://127.0.0.1:9"))
    assert found["reason"].startswith("kubeconfig cannot be used")


@pytest.mark.parametrize(
    ("locator", "expected"),
    [
        ("default/deployment/churn", (None, "default", "deployment", "churn")),
        ("default/Deploy/churn", (None, "default", "deployment", "churn")),
        ("prod/default/sts/churn", ("prod", "default", "statefulset", "churn")),
        (
            "arn:aws:eks:eu:1:cluster/prod/default/isvc/churn",
            ("arn:aws:eks:eu:1:cluster/prod", "default", "inferenceservice", "churn"),
        ),
    ],
)
def test_locators(locator: str, expected: tuple[str | None, str, str, str]) -> None:
    place = parse(locator)
    assert (place.context, place.namespace, place.kind, place.name) == expected


@pytest.mark.parametrize(
    "locator",
    [
        "churn",
        "deployment/churn",
        "default/deployment/",
        "/deployment/churn",
        "default//churn",
        "default/job/churn",
        "/default/deployment/churn",
        "default/deployment/ch urn",
        "default/deployment/..%2f",
        "default/deployment/..",
        "default/deployment/Churn",
        "de?x/deployment/churn",
    ],
)
def test_locators_that_name_nothing(gatekeeper: Command, locator: str) -> None:
    with pytest.raises(InvalidRequestError):
        parse(locator)
    assert gatekeeper("evidence", "read", f"kubernetes:{locator}").code == 2
