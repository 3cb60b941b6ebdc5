"""One workload with what belongs to it, as they are at one time, kept as a record."""

from __future__ import annotations

import time
from typing import Any

import msgspec

from gatekeeper.connect.kubernetes.api import Api
from gatekeeper.connect.kubernetes.place import KINDS, Place, parse
from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import sequence, text
from gatekeeper.evidence.kubernetes_objects import SCHEMA, kept, metadata, objects, part
from gatekeeper.ports import Door, Fetched

LOOKS = 3
"""How often a workload is read that changes meanwhile."""


def fetch(locator: str, door: Door) -> Fetched:  # noqa: ARG001 - the client has its own way to the server
    """Ask for the workload and its pods, as they are at one time. See `ports.Source`."""
    place = parse(locator)
    api = Api(place)
    at = int(time.time())
    found = _settled(api, place)
    asked = {"at": at, "namespace": place.namespace, "kind": KINDS[place.kind][0], "name": place.name}
    record = {"schema": SCHEMA, "asked": asked, "objects": [kept(one) for one in found]}
    return Fetched(data=msgspec.json.encode(record), source=f"kubernetes:{locator}")


def _settled(api: Api, place: Place) -> list[Any]:
    """The workload with its pods, read again where it changed meanwhile: two times are no state of it."""
    workload = api.workload()
    for _ in range(LOOKS):
        found = [workload, *_of(api, place, workload)]
        again = api.workload()
        if metadata(again).get("resourceVersion") == metadata(workload).get("resourceVersion"):
            return found
        workload = again
    raise NotEvaluatedError("the workload changes while it is read", "Wait until its roll-out has come to rest.")


def _of(api: Api, place: Place, workload: dict[str, Any]) -> list[Any]:
    selector = _selector(place, workload)
    sets = api.replica_sets(selector) if place.kind in ("deployment", "rollout") else []
    reference = part(part(workload, "spec"), "workloadRef") if place.kind == "rollout" else {}
    referenced = [api.deployment(str(reference.get("name")))] if reference.get("kind") == "Deployment" else []
    return [*referenced, *sets, *api.pods(selector)]


def _selector(place: Place, workload: dict[str, Any]) -> str:
    """The workload's own selector as a query's; never empty, which would be every pod of the namespace."""
    if place.kind == "inferenceservice":
        return f"serving.kserve.io/inferenceservice={place.name}"
    selector = part(part(workload, "spec"), "selector")
    terms = [f"{key}={text(value, 'a label')}" for key, value in sorted(part(selector, "matchLabels").items())]
    terms += [_expression(one) for one in objects(selector.get("matchExpressions"))]
    status = part(workload, "status").get("selector")  # where a Rollout takes its template from a Deployment
    if not terms and place.kind == "rollout" and isinstance(status, str):
        # Without the hash, which is that of the newest pods only.
        terms = [term for term in status.split(",") if term and not term.startswith("rollouts-pod-template-hash")]
    if not terms:
        raise EvidenceError("the workload has no selector, so that its pods cannot be told")
    return ",".join(terms)


def _expression(one: dict[str, Any]) -> str:
    key = text(one.get("key"), "a selector's key")
    values = ",".join(text(value, "a selector's value") for value in sequence(one.get("values"), "a selector's values"))
    forms = {"In": f"{key} in ({values})", "NotIn": f"{key} notin ({values})", "Exists": key, "DoesNotExist": f"!{key}"}
    operator = text(one.get("operator"), "a selector's operator")
    if not key or operator not in forms:
        raise EvidenceError("the workload's selector has an operator that is not known, or no key")
    return forms[operator]
