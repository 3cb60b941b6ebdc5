"""The cluster's API for one namespace: objects as the server sends them, within bounds of time and size."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

from gatekeeper.connect.kubernetes.client import client, library
from gatekeeper.connect.kubernetes.place import KINDS, Place
from gatekeeper.errors import CannotActError, EvidenceError, GatekeeperError, NotEvaluatedError
from gatekeeper.evidence.jsontext import parse_json
from gatekeeper.evidence.kubernetes_objects import metadata, objects

MAX_ANSWER = 64 * 1024 * 1024
TIMEOUT = (10, 30)
"""Seconds to connect, and to wait for more of an answer."""
ALL = 180
"""Seconds for all requests together, so that an answer that drips comes to an end."""
ATTEMPTS = 3
PAGE = 500
MOST_PAGES = 20
_RAW: dict[str, Any] = {"_preload_content": False, "_request_timeout": TIMEOUT}


class Api:
    """The cluster's API for one namespace."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._end = time.monotonic() + ALL
        made = client(place.context)
        self._custom = library().CustomObjectsApi(made)
        self._core = library().CoreV1Api(made)

    def workload(self) -> dict[str, Any]:
        """The workload. Raises NotEvaluatedError where there is none of that name."""
        kind, group, version, plural = KINDS[self._place.kind]
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
