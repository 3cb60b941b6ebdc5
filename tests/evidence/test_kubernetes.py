"""Roll-outs: what kubectl printed of a real API server, each rule, and statuses that were tampered with."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.evidence.kubernetes_objects import SCHEMA, kept
from gatekeeper.evidence.kubernetes_pods import UNKNOWN, digest_of
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.evidence import Envelope
from tests.corpus import corpus_files
from tests.evidence.reports import FIXTURES

OLD, NEW = ("sha256:" + digit * 64 for digit in "12")
Document = dict[str, Any]


def printed(name: str) -> Document:
    return dict(json.loads((FIXTURES / "kubernetes" / f"{name}.json").read_bytes()))


def seen(document: Any) -> Envelope:
    return envelope(json.dumps(document).encode(), source="x", producer="kubernetes")


def state(document: Any) -> tuple[bool, bool, str | None]:
    """Complete, failed, and what is missing."""
    found = seen(document)
    assert found.status == "evaluated", found.reason
    return found.facts["complete"], found.facts["failed"], found.facts.get("reason")


def refused(document: Any) -> tuple[str, str]:
    found = seen(document)
    assert not found.facts
    return found.status, found.reason or ""


@pytest.mark.parametrize(
    ("name", "expected", "digests"),
    [
        ("deployment-complete", (True, False, None), [NEW]),
        ("deployment-updating", (False, False, "NotUpdated"), [OLD, UNKNOWN]),
        ("deployment-deadline", (False, True, "ProgressDeadlineExceeded"), [UNKNOWN]),
        ("deployment-paused", (False, False, "Paused"), [NEW]),
        ("statefulset-store", (True, False, None), [NEW]),
        ("statefulset-store-updating", (False, False, "NotReady"), [OLD, UNKNOWN]),
        ("statefulset-half", (False, False, "Partitioned"), [OLD, NEW]),
        ("statefulset-half-updating", (False, False, "NotReady"), [OLD, UNKNOWN]),
        ("daemonset", (True, False, None), [OLD]),
        ("daemonset-starting", (False, False, "NotAvailable"), [UNKNOWN]),
    ],
)
def test_what_kubectl_printed(name: str, expected: tuple[bool, bool, str | None], digests: list[str]) -> None:
    document = printed(name)
    assert state(document) == expected
    found = envelope(json.dumps(document).encode(), source="x")
    assert found.producer is not None
    assert (found.producer.name, found.kind) == ("kubernetes", "rollout")
    assert found.facts["containers"]["model"]["digests"] == digests
    assert set(found.subjects) == set(digests) - {UNKNOWN}


def test_scaled_to_zero_is_not_judged() -> None:
    assert refused(printed("deployment-zero")) == ("not_evaluated", "it is scaled to 0: nothing runs")


def test_without_pods_there_are_no_digests() -> None:
    (deployment,) = (one for one in printed("deployment-complete")["items"] if one["kind"] == "Deployment")
    found = seen(deployment)
    assert found.facts["complete"] is True
    assert "containers" not in found.facts
    assert "restarts" not in found.facts
    assert found.subjects == ()


def test_it_is_as_old_as_the_latest_time_it_tells() -> None:
    document = printed("deployment-complete")
    times = [
        entry[key]
        for one in document["items"]
        for entry in one.get("status", {}).get("conditions", ())
        for key in ("lastUpdateTime", "lastTransitionTime")
        if key in entry and one["kind"] != "ReplicaSet"
    ]
    assert seen(document).produced_at == max(times)


def record(at: Any = 1795392000, **asked: str) -> Document:
    """What the connector would have written of these objects."""
    objects = [kept(one) for one in printed("deployment-complete")["items"]]
    place = {"at": at, "namespace": "default", "kind": "Deployment", "name": "churn", **asked}
    return {"schema": SCHEMA, "asked": place, "objects": objects}


def test_the_record_says_the_same_and_holds_no_secret() -> None:
    whole, cut = seen(printed("deployment-complete")), seen(record())
    assert whole.facts == cut.facts
    assert cut.produced_at == "2026-11-23T00:00:00Z"
    assert "s3cret" in json.dumps(printed("deployment-complete"))
    assert "s3cret" not in json.dumps(record())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": "other"}, "another workload"),
        ({"namespace": "kube-system"}, "another workload"),
        ({"kind": "StatefulSet"}, "another workload"),
        ({"at": "yesterday"}, "no record of version 1"),
    ],
)
def test_a_record_of_something_else_is_refused(change: dict[str, Any], reason: str) -> None:
    status, told = refused(record(**change))
    assert status == "error"
    assert reason in told


def test_a_record_without_pods_is_not_complete() -> None:
    document = record()
    document["objects"] = [one for one in document["objects"] if one["kind"] != "Pod"]
    assert state(document) == (False, False, "PodsNotReady")


# Deployment, StatefulSet and DaemonSet by their rules, one at a time.


def one(kind: str, name: str) -> Document:
    return copy.deepcopy(next(item for item in printed(name)["items"] if item["kind"] == kind))


def deployment(status: Document | None = None, spec: Document | None = None) -> Document:
    found = one("Deployment", "deployment-complete")
    found["status"].update(status or {})
    found["spec"].update(spec or {})
    return found


def stateful_set(status: Document | None = None, **spec: Any) -> Document:
    found = one("StatefulSet", "statefulset-store")
    found["status"].update(status or {})
    found["spec"].update(spec)
    return found


def daemon_set(status: Document | None = None, **spec: Any) -> Document:
    found = one("DaemonSet", "daemonset")
    found["status"].update(status or {})
    found["spec"].update(spec)
    return found


PARTITION = {"updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}}
ON_DELETE = {"updateStrategy": {"type": "OnDelete"}}


@pytest.mark.parametrize(
    ("document", "missing"),
    [
        (deployment(), None),
        (deployment({"observedGeneration": 1}), "NotObserved"),
        (deployment({"updatedReplicas": 1}), "NotUpdated"),
        (deployment({"replicas": 3}), "OldReplicas"),
        (deployment({"availableReplicas": 1}), "NotAvailable"),
        (deployment(spec={"paused": True}), "Paused"),
        (deployment(spec={"replicas": 3}), "NotUpdated"),
        (
            deployment(
                {"conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]}
            ),
            "ProgressDeadlineExceeded",
        ),
        (stateful_set(), None),
        (stateful_set({"observedGeneration": 1}), "NotObserved"),
        (stateful_set({"readyReplicas": 1, "availableReplicas": 1}), "NotReady"),
        (stateful_set({"updatedReplicas": 1}), "NotUpdated"),
        (stateful_set({"updatedReplicas": 1}, **PARTITION), "Partitioned"),
        (stateful_set({"updatedReplicas": 0}, **PARTITION), "NotUpdated"),
        (stateful_set({"updateRevision": "store-abc"}), "RevisionPending"),
        (stateful_set({"updateRevision": "", "currentRevision": ""}), "RevisionPending"),
        (daemon_set(), None),
        (daemon_set({"observedGeneration": 0}), "NotObserved"),
        (daemon_set({"updatedNumberScheduled": 0}), "NotUpdated"),
        (daemon_set({"numberAvailable": 0}), "NotAvailable"),
        (daemon_set({"desiredNumberScheduled": 2}), "NotUpdated"),
    ],
)
def test_each_rule(document: Document, missing: str | None) -> None:
    assert state(document) == (missing is None, missing == "ProgressDeadlineExceeded", missing)


@pytest.mark.parametrize(
    ("document", "status", "reason"),
    [
        (deployment(spec={"replicas": 0}), "not_evaluated", "scaled to 0"),
        (deployment(spec={"replicas": None}), "error", "spec.replicas"),
        (deployment(spec={"replicas": "2"}), "error", "spec.replicas"),
        (deployment(spec={"paused": "no"}), "error", "paused"),
        (deployment({"updatedReplicas": 4}), "error", "contradicts itself"),
        (deployment({"availableReplicas": 3}), "error", "contradicts itself"),
        (deployment({"replicas": -1}), "error", "status.replicas"),
        (deployment({"replicas": True}), "error", "status.replicas"),
        (
            deployment({"conditions": [{"type": "Progressing", "status": "True"}] * 2}),
            "error",
            "two conditions Progressing",
        ),
        (stateful_set(**ON_DELETE), "not_evaluated", "OnDelete"),
        (stateful_set(updateStrategy={}), "error", "updateStrategy.type"),
        (stateful_set(replicas=0), "not_evaluated", "scaled to 0"),
        (daemon_set(**ON_DELETE), "not_evaluated", "OnDelete"),
        (daemon_set({"desiredNumberScheduled": 0, "numberAvailable": 0, "numberReady": 0}), "not_evaluated", "no node"),
    ],
)
def test_what_cannot_be_judged(document: Document, status: str, reason: str) -> None:
    found = refused(document)
    assert found[0] == status
    assert reason in found[1]


def test_what_is_being_deleted_is_not_judged() -> None:
    document = deployment()
    document["metadata"]["deletionTimestamp"] = "2026-11-23T08:00:00Z"
    assert refused(document) == ("not_evaluated", "it is being deleted")


def test_a_manifest_is_told_from_an_answer() -> None:
    document = deployment()
    del document["metadata"]["generation"], document["status"]
    assert "it is a manifest" in refused(document)[1]


def test_several_workloads_are_refused() -> None:
    document = printed("deployment-complete")
    document["items"] += printed("deployment-deadline")["items"]
    status, reason = refused(document)
    assert status == "error"
    assert "there are 2 workloads, where one is needed: Deployment churn, Deployment stuck" in reason


@pytest.mark.parametrize(
    "document",
    [
        {"apiVersion": "v1", "kind": "List", "items": []},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {}},
        {"apiVersion": "extensions/v1beta1", "kind": "Deployment", "metadata": {"generation": 1}},
        {},
    ],
)
def test_no_workload_is_not_evaluated(document: Document) -> None:
    assert refused(document) == ("not_evaluated", "there is no workload among the objects")


def test_a_page_of_a_list_is_not_the_list() -> None:
    document = printed("deployment-complete")
    document["metadata"]["continue"] = "abc"
    assert "the list was cut" in refused(document)[1]


# Pods.


def with_pods(change: Callable[[list[Document]], None], name: str = "deployment-complete") -> Document:
    document = printed(name)
    change([item for item in document["items"] if item["kind"] == "Pod"])
    return document


def test_old_pods_count_too() -> None:
    def change(pods: list[Document]) -> None:
        pods[0]["status"]["containerStatuses"][0]["imageID"] = f"registry.example/churn@{OLD}"

    assert seen(with_pods(change)).facts["containers"]["model"]["digests"] == [OLD, NEW]


def test_a_pod_that_ends_or_has_ended_is_no_replica() -> None:
    for ended in ({"metadata": {"deletionTimestamp": "2026-11-23T08:00:00Z"}}, {"status": {"phase": "Failed"}}):

        def change(pods: list[Document], ended: Document = ended) -> None:
            for key, values in ended.items():
                pods[0][key].update(values)

        found = seen(with_pods(change))
        assert (found.facts["complete"], found.facts["reason"]) == (False, "PodsNotReady")
        assert found.counts == {"pods": 1}


def test_a_pod_that_is_not_ready_contradicts_a_complete_status() -> None:
    def change(pods: list[Document]) -> None:
        pods[0]["status"]["conditions"][0]["status"] = "False"

    assert state(with_pods(change)) == (False, False, "PodsNotReady")


def test_a_digest_that_is_not_known_is_not_complete() -> None:
    def change(pods: list[Document]) -> None:
        pods[0]["status"]["containerStatuses"][0]["imageID"] = ""

    document = with_pods(change)
    assert state(document) == (False, False, "DigestUnknown")
    assert seen(document).facts["containers"]["model"]["digests"] == [NEW, UNKNOWN]


def test_pods_of_others_are_left_out() -> None:
    document = printed("deployment-complete")
    stranger = copy.deepcopy(next(item for item in document["items"] if item["kind"] == "Pod"))
    stranger["metadata"].update(name="stranger", uid="x")
    stranger["metadata"]["ownerReferences"][0].update(uid="y", name="other-123")
    stranger["status"]["containerStatuses"][0]["imageID"] = f"registry.example/churn@{OLD}"
    for change in ({}, {"namespace": "elsewhere"}):
        stranger["metadata"].update(change)
        assert seen({**document, "items": [*document["items"], stranger]}).facts == seen(document).facts


def test_without_replica_sets_names_tell_whose_pods_they_are() -> None:
    document = printed("deployment-complete")
    document["items"] = [item for item in document["items"] if item["kind"] != "ReplicaSet"]
    assert seen(document).facts == seen(printed("deployment-complete")).facts


def test_restarts_and_side_cars() -> None:
    def change(pods: list[Document]) -> None:
        for number, pod in enumerate(pods):
            pod["spec"]["initContainers"] = [
                {"name": "proxy", "image": "proxy:1", "restartPolicy": "Always"},
                {"name": "setup", "image": "setup:1"},
            ]
            pod["status"]["initContainerStatuses"] = [
                {"name": name, "imageID": f"docker-pullable://{name}@{OLD}", "restartCount": number}
                for name in ("proxy", "setup")
            ]
            pod["status"]["containerStatuses"][0]["restartCount"] = 2

    facts = seen(with_pods(change)).facts
    assert facts["containers"]["proxy"] == {"image": "proxy:1", "digests": [OLD], "restarts": 1}
    assert facts["containers"]["model"]["restarts"] == 4
    assert "setup" not in facts["containers"]
    assert facts["restarts"] == 5


@pytest.mark.parametrize(
    ("image_id", "digest"),
    [
        (f"registry.example/churn@{NEW}", NEW),
        (f"docker-pullable://registry.example:5000/churn@{NEW}", NEW),
        (f"docker://{NEW}", NEW),
        (NEW, NEW),
        ("", UNKNOWN),
        (None, UNKNOWN),
        ("registry.example/churn:1.4.2", UNKNOWN),
        (f"registry.example/churn@{NEW}0", UNKNOWN),
        (f"registry.example/churn@{NEW[:-1]}", UNKNOWN),
        (f"registry.example/churn@{NEW.upper()}", UNKNOWN),
        (f"{OLD}@{NEW}", NEW),
        (f"registry.example/churn@{OLD} {NEW}", UNKNOWN),
        (f"churn{NEW}", UNKNOWN),
    ],
)
def test_digests(image_id: Any, digest: str) -> None:
    assert digest_of(image_id) == digest


# Argo Rollouts.

HASH = "6fd5d7d96d"


def rollout(status: Document | None = None, **spec: Any) -> Document:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {"name": "churn", "namespace": "default", "uid": "u1", "generation": 4},
        "spec": {"replicas": 2, "strategy": {"canary": {"steps": []}}, **spec},
        "status": {
            "observedGeneration": "4",
            "phase": "Healthy",
            "currentPodHash": HASH,
            "stableRS": HASH,
            **dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), 2),
            "blueGreen": {"activeSelector": HASH},
            "conditions": [{"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"}],
            **(status or {}),
        },
    }


BLUE_GREEN = {"strategy": {"blueGreen": {"activeService": "churn"}}}
REFERENCE = {"workloadRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "churn"}}


@pytest.mark.parametrize(
    ("document", "missing"),
    [
        (rollout(), None),
        (rollout(**BLUE_GREEN), None),
        (rollout({"phase": None}), None),
        (rollout({"observedGeneration": "3"}), "NotObserved"),
        (rollout({"observedGeneration": None}), "NotObserved"),
        (rollout({"phase": "Paused"}), "Progressing"),
        (rollout({"phase": "Progressing"}), "Progressing"),
        (rollout({"phase": "Degraded"}), "Degraded"),
        (rollout({"abort": True}), "Degraded"),
        (rollout({"conditions": [{"type": "Progressing", "status": "False", "reason": "RolloutAborted"}]}), "Degraded"),
        (rollout({"conditions": [{"type": "InvalidSpec", "status": "True"}]}), "Degraded"),
        (rollout({"pauseConditions": [{"reason": "CanaryPauseStep"}]}), "Paused"),
        (rollout({"controllerPause": True}), "Paused"),
        (rollout(paused=True), "Paused"),
        (rollout(restartAt="2026-11-23T08:00:00Z"), "Restarting"),
        (rollout({"updatedReplicas": 1}), "NotUpdated"),
        (rollout({"availableReplicas": 1}), "NotAvailable"),
        (rollout({"replicas": 3}), "OldReplicas"),
        (rollout({"replicas": 3}, strategy={"canary": {"trafficRouting": {}}}), None),
        (rollout({"stableRS": "other"}), "StepsPending"),
        (rollout({"stableRS": "", "currentPodHash": ""}), "StepsPending"),
        (rollout({"blueGreen": {"activeSelector": "other"}}, **BLUE_GREEN), "CutoverPending"),
        (rollout({"blueGreen": {}}, **BLUE_GREEN), "CutoverPending"),
        (rollout({"workloadObservedGeneration": "7"}, **REFERENCE), "NotObserved"),
    ],
)
def test_rollouts(document: Document, missing: str | None) -> None:
    assert state(document) == (missing is None, missing == "Degraded", missing)


def test_a_rollout_that_takes_its_template_from_a_deployment() -> None:
    source = one("Deployment", "deployment-zero")
    source["metadata"].update(name="churn", generation=7)
    whole = rollout({"workloadObservedGeneration": "7"}, **REFERENCE)
    assert state({"apiVersion": "v1", "kind": "List", "items": [source, whole]}) == (True, False, None)
    source["metadata"]["generation"] = 8
    assert state({"apiVersion": "v1", "kind": "List", "items": [source, whole]})[2] == "NotObserved"


@pytest.mark.parametrize(
    ("document", "status"),
    [
        (rollout(replicas=0), "not_evaluated"),
        (rollout(strategy={}), "error"),
        (rollout(strategy={"canary": {}, "blueGreen": {}}), "error"),
        (rollout({"phase": "healthy"}), "error"),
        (rollout({"observedGeneration": "four"}), "error"),
    ],
)
def test_rollouts_that_cannot_be_judged(document: Document, status: str) -> None:
    assert refused(document)[0] == status


# KServe.

CONDITIONS = [{"type": "PredictorReady", "status": "True"}, {"type": "Ready", "status": "True"}]
IMAGE = f"registry.example/churn@{NEW}"


def inference(status: Document | None = None, **predictor: Any) -> Document:
    return {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": "churn", "namespace": "default", "uid": "u2", "generation": 3},
        "spec": {"predictor": {"containers": [{"name": "kserve-container", "image": IMAGE}], **predictor}},
        "status": {"conditions": CONDITIONS, "modelStatus": {"transitionStatus": "UpToDate"}, **(status or {})},
    }


def serving(
    name: str, image: str = IMAGE, source: str = "", ready: bool = True, component: str = "predictor"
) -> Document:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "default",
            "uid": name,
            "labels": {"serving.kserve.io/inferenceservice": "churn", "component": component},
            "annotations": {"internal.serving.kserve.io/storage-initializer-sourceuri": source},
        },
        "spec": {"containers": [{"name": "kserve-container", "image": image}]},
        "status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True" if ready else "False"}],
            "containerStatuses": [
                {"name": "kserve-container", "imageID": f"registry.example/x@{image[-71:]}", "restartCount": 0}
            ],
        },
    }


def together(*objects: Document) -> Document:
    return {"apiVersion": "v1", "kind": "List", "items": list(objects)}


MODEL = {"containers": None, "model": {"storageUri": "s3://models/churn/7"}}
SPLIT = {"components": {"predictor": {"latestCreatedRevision": "b", "latestReadyRevision": "a"}}}


@pytest.mark.parametrize(
    ("document", "missing"),
    [
        (together(inference(), serving("a")), None),
        (together(inference(**MODEL), serving("a", source="s3://models/churn/7")), None),
        (together(inference(), serving("a"), serving("t", image="x", component="transformer")), None),
        (inference(), "PodsNotRead"),
        (together(inference(), serving("a", ready=False)), "PodsNotReady"),
        (together(inference(minReplicas=2), serving("a")), "PodsNotReady"),
        (together(inference(), serving("a"), serving("b", image=f"registry.example/churn@{OLD}")), "NotUpdated"),
        (together(inference(**MODEL), serving("a", source="s3://models/churn/6")), "NotUpdated"),
        (together(inference(**MODEL), serving("a")), "NotUpdated"),
        (together(inference(containers=None, model={"runtime": "x"}), serving("a")), "NotUpdated"),
        (together(inference({"conditions": CONDITIONS[:1]}), serving("a")), "NotReady"),
        (together(inference({"conditions": CONDITIONS[1:]}), serving("a")), "NotReady"),
        (together(inference({"modelStatus": {"transitionStatus": "InProgress"}}), serving("a")), "InProgress"),
        (
            together(inference({"modelStatus": {"transitionStatus": "BlockedByFailedLoad"}}), serving("a")),
            "BlockedByFailedLoad",
        ),
        (together(inference({"modelStatus": {"transitionStatus": "InvalidSpec"}}), serving("a")), "InvalidSpec"),
        (together(inference(SPLIT), serving("a")), "RevisionPending"),
    ],
)
def test_inference_services(document: Document, missing: str | None) -> None:
    assert state(document) == (missing is None, missing in ("BlockedByFailedLoad", "InvalidSpec"), missing)


def test_inference_services_of_which_nothing_runs() -> None:
    stopped = inference({"conditions": [*CONDITIONS, {"type": "Stopped", "status": "True"}]})
    assert refused(together(stopped, serving("a"))) == ("not_evaluated", "it is stopped: nothing runs")
    gone = together(inference(minReplicas=0), serving("t", component="transformer"))
    assert refused(gone) == ("not_evaluated", "it is scaled to 0: nothing runs")


# Damage.

COMPLETE: dict[str, Document] = {
    "deployment": printed("deployment-complete"),
    "record": record(),
    "statefulset": printed("statefulset-store"),
    "daemonset": printed("daemonset"),
    "rollout": rollout(),
    "blue-green": rollout(**BLUE_GREEN),
    "kserve": together(inference(), serving("a")),
}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    for key, child in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(child, (*path, key))


GONE = object()
WRONG = (None, True, "", "x", "0", -1, 0, 0.5, 2**40, [], {}, [[]], {"a": 1}, GONE)
PLACES = {name: [path for path in places(document) if path] for name, document in COMPLETE.items()}
NEEDED = {
    *("replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "observedGeneration", "generation"),
    *("updatedNumberScheduled", "numberAvailable", "desiredNumberScheduled", "numberReady"),
    *("currentRevision", "updateRevision", "currentPodHash", "stableRS", "activeSelector", "strategy", "canary"),
    *("status", "spec", "metadata", "kind", "items", "objects", "asked", "at", "schema", "imageID", "predictor"),
}
"""Without these, or with nonsense in their place, nothing is complete."""


def damaged(document: Document, path: tuple[Any, ...], value: Any) -> Document:
    whole = copy.deepcopy(document)
    inner: Any = whole
    for key in path[:-1]:
        inner = inner[key]
    if value is GONE:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return whole


def workload_of(document: Document) -> Document:
    objects = document.get("items") or document.get("objects") or [document]
    return next(item for item in objects if item["kind"] not in ("Pod", "ReplicaSet"))


NOT_CONSULTED = {
    ("statefulset", "availableReplicas"),
    ("statefulset", "replicas"),  # of the status: more than wanted are on their way out
    ("blue-green", "replicas"),  # the old ones may go on for a while
    ("rollout", "replicas"),  # of the spec: 1 where it is absent
    ("rollout", "canary"),
    ("rollout", "activeSelector"),
    ("kserve", "generation"),
}
"""What the rules of one kind leave alone."""


def matters(name: str, path: tuple[Any, ...]) -> bool:
    """Whether the place is one of `NEEDED`, in the workload itself or in a pod's status."""
    document = COMPLETE[name]
    if path[-1] not in NEEDED or (name, path[-1]) in NOT_CONSULTED or (path == ("metadata",) and "items" in document):
        return False
    if path[0] not in ("items", "objects") or len(path) < 3:
        return True
    holder = document[path[0]][path[1]]
    if holder is workload_of(document):
        return "template" not in path and "selector" not in path and path[2:] != ("spec", "strategy")
    return holder["kind"] == "Pod" and path[-1] in ("imageID", "status")


@pytest.mark.parametrize("name", COMPLETE)
def test_they_are_complete_before_they_are_damaged(name: str) -> None:
    assert state(COMPLETE[name]) == (True, False, None)


@given(st.data())
def test_a_damaged_answer_is_never_complete(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(COMPLETE)))
    path = data.draw(st.sampled_from([path for path in PLACES[name] if matters(name, path)]))
    value = data.draw(st.sampled_from(WRONG))
    found = seen(damaged(COMPLETE[name], path, value))
    assert not (found.status == "evaluated" and found.facts["complete"]), (name, path, value)


@given(st.data())
def test_any_damage_gives_facts_or_a_reason(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(COMPLETE)))
    path = data.draw(st.sampled_from(PLACES[name]))
    found = seen(damaged(COMPLETE[name], path, data.draw(st.sampled_from(WRONG))))
    assert bool(found.facts) == (found.status == "evaluated")
    assert found.status == "evaluated" or found.reason
    assert "s3cret" not in json.dumps(found.facts) + str(found.reason)


UNFINISHED = [
    "deployment-updating",
    "deployment-deadline",
    "deployment-paused",
    "statefulset-half",
    "daemonset-starting",
]


@given(st.data())
def test_an_unfinished_roll_out_does_not_become_complete_by_what_is_left_out(data: st.DataObject) -> None:
    """Except that nobody can see a pause, a partition or a given-up deadline where it was taken away."""
    name = data.draw(st.sampled_from(UNFINISHED))
    document = printed(name)
    path = data.draw(st.sampled_from([path for path in places(document) if path]))
    if {"paused", "partition", "rollingUpdate"} & set(path) or path == ("items",):
        return
    found = seen(damaged(document, path, GONE))
    assert not (found.status == "evaluated" and found.facts["complete"]), path


@pytest.mark.corpus
@pytest.mark.parametrize("path", corpus_files("k8s-status/**/*.yaml"), ids=lambda path: "/".join(path.parts[-3:]))
def test_statuses_of_others_are_read_or_refused(path: Any) -> None:
    for document in yaml.load_all(path.read_text(), Loader=yaml.BaseLoader):
        if isinstance(document, dict) and document.get("kind") in ("Rollout", "DaemonSet", "StatefulSet", "Deployment"):
            found = seen(document)
            assert found.status in ("error", "not_evaluated")  # every number is text here


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("blue-green/bluegreen-rollout", (False, False, "Paused")),
        ("rollout-aborted/rollout", (False, True, "Degraded")),
        ("rollout-invalid/rollout-invalid", (False, True, "Degraded")),
        ("experiment-analysis/rollout-experiment-analysis", (False, True, "Degraded")),
    ],
)
def test_rollouts_of_argo_themselves(corpus: Any, name: str, expected: tuple[bool, bool, str]) -> None:
    folder = corpus / "k8s-status/argoproj__argo-rollouts/pkg/kubectl-argo-rollouts/info/testdata"
    document = yaml.safe_load((folder / f"{name}.yaml").read_text())
    assert state(json.loads(json.dumps(document, default=str))) == expected
