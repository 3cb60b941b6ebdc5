"""Kubernetes, asked through its Python client for one workload, its ReplicaSets and its pods.

The client authenticates in all of kubeconfig's ways, so its own HTTP is used, not our door: with a timeout for each
request, TLS that is verified, answers read as bytes up to a limit, and none of its texts in a message.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from typing import Any

import msgspec

from gatekeeper.errors import (
    CannotActError,
    EvidenceError,
    GatekeeperError,
    InvalidRequestError,
    NotEvaluatedError,
)
from gatekeeper.evidence.fields import plain, sequence, text
from gatekeeper.evidence.jsontext import parse_json
from gatekeeper.evidence.kubernetes_objects import SCHEMA, kept, metadata, objects, part
from gatekeeper.ports import Door, Fetched

MAX_ANSWER = 64 * 1024 * 1024
TIMEOUT = (10, 30)
"""Seconds to connect, and to wait for more of an answer."""
ALL = 180
"""Seconds for all requests together, so that an answer that drips comes to an end."""
ATTEMPTS = 3
_RAW: dict[str, Any] = {"_preload_content": False, "_request_timeout": TIMEOUT}
PAGE = 500
MOST_PAGES = 20

_KINDS = {
    "deployment": ("Deployment", "apps", "v1", "deployments"),
    "statefulset": ("StatefulSet", "apps", "v1", "statefulsets"),
    "daemonset": ("DaemonSet", "apps", "v1", "daemonsets"),
    "rollout": ("Rollout", "argoproj.io", "v1alpha1", "rollouts"),
    "inferenceservice": ("InferenceService", "serving.kserve.io", "v1beta1", "inferenceservices"),
}
_SHORT = {"deploy": "deployment", "sts": "statefulset", "ds": "daemonset", "ro": "rollout", "isvc": "inferenceservice"}
_FORM = "Write `kubernetes:[CONTEXT/]NAMESPACE/KIND/NAME`, such as `kubernetes:production/deployment/churn`."


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A workload in a cluster; without `context` it is kubeconfig's current one, or the cluster that this runs in."""

    context: str | None
    namespace: str
    kind: str
    name: str


def fetch(locator: str, door: Door) -> Fetched:  # noqa: ARG001 - the client has its own way to the server
    """Ask for the workload and its pods, as they are at one time. See `ports.Source`."""
    place = parse(locator)
    api = _Api(place)
    at = int(time.time())
    found = _settled(api, place)
    asked = {"at": at, "namespace": place.namespace, "kind": _KINDS[place.kind][0], "name": place.name}
    record = {"schema": SCHEMA, "asked": asked, "objects": [kept(one) for one in found]}
    return Fetched(data=msgspec.json.encode(record), source=f"kubernetes:{locator}")


def parse(locator: str) -> Place:
    """The parts of a locator; a context may hold slashes. Raises InvalidRequestError."""
    context, namespace, kind, name = ["", "", "", *locator.rsplit("/", 3)][-4:]
    kind = _SHORT.get(kind.lower(), kind.lower())
    if locator.count("/") < 2 or not all((namespace, kind, name)) or (locator.count("/") > 2 and not context):
        raise InvalidRequestError(f"{plain(locator)!r} names no workload", _FORM)
    if kind not in _KINDS:
        raise InvalidRequestError(f"{plain(kind)!r} is no kind of workload", f"There are {', '.join(_KINDS)}.")
    for word in (namespace, name):
        if len(word) > 253 or not all(letter.isascii() and (letter.isalnum() or letter in "-.") for letter in word):
            raise InvalidRequestError(f"{plain(word)!r} is no name of Kubernetes", _FORM)
    return Place(context=context or None, namespace=namespace, kind=kind, name=name)


def _settled(api: _Api, place: Place) -> list[Any]:
    """The workload with its pods, read again where it changed meanwhile: two times are no state of it."""
    workload = api.workload()
    for _ in range(ATTEMPTS):
        found = [workload, *_of(api, place, workload)]
        again = api.workload()
        if metadata(again).get("resourceVersion") == metadata(workload).get("resourceVersion"):
            return found
        workload = again
    raise NotEvaluatedError("the workload changes while it is read", "Wait until its roll-out has come to rest.")


def _of(api: _Api, place: Place, workload: dict[str, Any]) -> list[Any]:
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


class _Api:
    """The cluster's API for one namespace."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._end = time.monotonic() + ALL
        client = _client(place.context)
        self._custom = _library().CustomObjectsApi(client)
        self._core = _library().CoreV1Api(client)

    def workload(self) -> dict[str, Any]:
        """The workload. Raises NotEvaluatedError where there is none of that name."""
        kind, group, version, plural = _KINDS[self._place.kind]
        where = (group, version, self._place.namespace, plural, self._place.name)
        return {**self._asked("the workload", self._custom.get_namespaced_custom_object, *where), "kind": kind}

    def deployment(self, name: str) -> dict[str, Any]:
        """The Deployment that a Rollout takes its template from."""
        where = ("apps", "v1", self._place.namespace, "deployments", name)
        found = self._asked("the Deployment it refers to", self._custom.get_namespaced_custom_object, *where)
        return {**found, "kind": "Deployment"}

    def replica_sets(self, selector: str) -> list[Any]:
        """Those that the selector finds, of this workload and of others."""
        where = ("apps", "v1", self._place.namespace, "replicasets")
        found = self._listed("ReplicaSets", self._custom.list_namespaced_custom_object, *where, selector=selector)
        return [{**one, "kind": "ReplicaSet", "apiVersion": "apps/v1"} for one in found]

    def pods(self, selector: str) -> list[Any]:
        """The pods that the selector finds. Members of a list carry no kind of their own."""
        found = self._listed("pods", self._core.list_namespaced_pod, self._place.namespace, selector=selector)
        return [{**one, "kind": "Pod", "apiVersion": "v1"} for one in found]

    def _listed(self, what: str, call: Any, *where: str, selector: str) -> list[Any]:
        """All pages of a list."""
        found: list[Any] = []
        cursor: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            page = self._asked(what, call, *where, label_selector=selector, limit=PAGE, **cursor)
            found += objects(page.get("items"))
            token = metadata(page).get("continue")
            if not token:
                return found
            cursor = {"_continue": str(token)}
        raise EvidenceError(f"there are more than {PAGE * MOST_PAGES} {what} for the selector")

    def _asked(self, what: str, call: Any, *where: str, **options: Any) -> dict[str, Any]:
        """The object that a call of the client answers, from its bytes: its types refuse what they do not know."""
        parsed = parse_json(self._insisted(what, lambda: call(*where, **_RAW, **options)))
        if not isinstance(parsed, dict):
            raise EvidenceError("the cluster's answer is no object")
        return parsed

    def _insisted(self, what: str, call: Callable[[], Any]) -> bytes:
        """An answer's bytes, asked for again where the fault may pass: nothing is changed by asking."""
        attempt = 0
        while True:
            attempt += 1
            try:
                return body_of(call(), lambda: time.monotonic() > self._end)
            except (EvidenceError, CannotActError):
                raise
            except Exception as fault:  # noqa: BLE001 - urllib3's and the client's, whose texts may hold what was sent
                told, may_pass = _told(fault, what)
            if not may_pass or attempt == ATTEMPTS or time.monotonic() > self._end:
                raise told
            time.sleep(random.uniform(0, 0.25 * 2**attempt))  # noqa: S311 - it only spreads the load


def _library() -> Any:
    try:
        import kubernetes.client  # an extra, and half a second of imports
    except ImportError as fault:
        remedy = "Install it: pip install 'ml-gatekeeper[kubernetes]'."
        raise CannotActError("asking Kubernetes needs its Python client, which is not installed", remedy) from fault
    return kubernetes.client


def _client(context: str | None) -> Any:
    """A client by kubeconfig; without one, by what the cluster gives those that run in it."""
    library = _library()
    import kubernetes.config

    config: Any = kubernetes.config
    settings = library.Configuration()
    settings.retries = False
    inside = context is None and not _has_kubeconfig() and "KUBERNETES_SERVICE_HOST" in os.environ
    try:
        if inside:
            config.load_incluster_config(client_configuration=settings)
        else:
            config.load_kube_config(context=context, client_configuration=settings, persist_config=False)
    except Exception:  # noqa: BLE001 - it runs the programs that kubeconfig names, and raises whatever they lead to
        if inside:
            raise CannotActError("this pod was given no credentials for its cluster") from None
        raise CannotActError("kubeconfig cannot be used", "Try `kubectl --context … get pods` with the same.") from None
    _check_connection(settings)
    return library.ApiClient(settings)


def _has_kubeconfig() -> bool:
    paths = os.environ.get("KUBECONFIG") or os.path.expanduser("~/.kube/config")
    return any(os.path.exists(os.path.expanduser(path)) for path in paths.split(os.pathsep) if path)


def _check_connection(settings: Any) -> None:
    from urllib.parse import urlsplit

    parts = urlsplit(settings.host)
    if parts.scheme == "https" and not settings.verify_ssl:
        raise EvidenceError("kubeconfig says insecure-skip-tls-verify: anybody could answer", "Give the cluster's CA.")
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise EvidenceError("the cluster's address is not https: anybody could answer", "Use its https address.")


def body_of(answer: Any, is_over: Callable[[], bool]) -> bytes:
    """An answer's body, in the pieces in which it comes. Raises where it is too large or takes too long."""
    raw = getattr(answer, "response", answer)
    body = bytearray()
    try:
        while piece := raw.read1(65536, decode_content=True):
            body += piece
            if len(body) > MAX_ANSWER:
                raise EvidenceError(f"an answer of the cluster is larger than {MAX_ANSWER // 1024 // 1024} MiB")
            if is_over():
                raise CannotActError(f"the cluster did not answer within {ALL} seconds")
    finally:
        raw.close()
    return bytes(body)


_REASONS = {
    401: "the cluster does not accept the credentials",
    403: "the cluster does not allow {what} to be read",
    404: "the cluster does not have {what}",
    429: "the cluster is too busy",
}


def _told(fault: Exception, what: str) -> tuple[GatekeeperError, bool]:
    """The fault in our words, and whether it may pass."""
    status = getattr(fault, "status", None)
    if isinstance(status, int) and status:  # the client says 0 where there was no answer
        reason = _REASONS.get(status, f"the cluster answered with status {status}").format(what=what)
        return (NotEvaluatedError if status == 404 else CannotActError)(reason), status in (429, 500, 502, 503, 504)
    names = {type(one).__name__ for one in (fault, fault.__cause__, fault.__context__, getattr(fault, "reason", None))}
    if any("SSL" in name or "Certificate" in name for name in names):
        return CannotActError("the cluster's certificate is not the one that kubeconfig trusts"), False
    if any("Timeout" in name for name in names):
        return CannotActError("the cluster did not answer in time"), True
    return CannotActError("the cluster cannot be reached"), True
