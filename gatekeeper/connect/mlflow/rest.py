"""MLflow's REST API, version 2.0: https://mlflow.org/docs/latest/rest-api.html."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Self
from urllib.parse import urlencode

from gatekeeper.connect.mlflow.store import Logged
from gatekeeper.errors import CannotActError, NotEvaluatedError
from gatekeeper.evidence.jsontext import parse_json
from gatekeeper.ports import Door

MAX_PAGES = 50
PAGE = 1000
_ABSENT = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE", "ENDPOINT_NOT_FOUND")


class RestStore:
    """A tracking server and its registry."""

    def __init__(self, door: Door, uri: str, headers: dict[str, str]) -> None:
        self.door = door
        self.base = uri.rstrip("/") + "/api/2.0/mlflow/"
        self.headers = headers

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def run(self, run_id: str) -> dict[str, Any] | None:
        """`runs/get`."""
        answer = self._get("runs/get", run_id=run_id)
        return None if answer is None else _object(answer, "run")

    def runs(self, experiment: str) -> Iterator[dict[str, Any]]:
        """`experiments/get-by-name`, then every page of `runs/search`. Raises CannotActError for too many."""
        answer = self._get("experiments/get-by-name", experiment_name=experiment)
        if answer is None:
            raise NotEvaluatedError("MLflow has no such experiment")
        wanted = {
            "experiment_ids": [str(_object(answer, "experiment").get("experiment_id"))],
            "run_view_type": "ACTIVE_ONLY",
            "max_results": PAGE,
        }
        for _ in range(MAX_PAGES):
            page = self._post("runs/search", wanted)
            yield from page.get("runs") or ()
            if not page.get("next_page_token"):
                return
            wanted["page_token"] = page["next_page_token"]
        raise CannotActError(f"the experiment has more than {MAX_PAGES * PAGE} runs", "Name the run by its id.")

    def history(self, run_id: str, key: str) -> list[Logged]:
        """Every page of `metrics/get-history`. Raises CannotActError where the server does not give all of it."""
        logged: list[Logged] = []
        token = ""
        for _ in range(MAX_PAGES):
            more = {"page_token": token} if token else {}
            page = self._get("metrics/get-history", run_id=run_id, metric_key=key, **more)
            if page is None:
                break
            logged += [
                (int(one.get("step", 0)), int(one["timestamp"]), one["value"]) for one in page.get("metrics") or ()
            ]
            token = page.get("next_page_token") or ""
            if not token:
                return logged
        raise CannotActError("MLflow does not give the whole history of a metric")

    def version(self, name: str, version: str) -> dict[str, Any] | None:
        """`model-versions/get`, with the aliases that `registered-models/get` has for it."""
        answer = self._get("model-versions/get", name=name, version=version)
        if answer is None:
            return None
        found = _object(answer, "model_version")
        model = _object(self._get("registered-models/get", name=name) or {}, "registered_model")
        aliases = {str(one.get("alias")) for one in model.get("aliases") or () if str(one.get("version")) == version}
        return {**found, "aliases": sorted(aliases | {str(one) for one in found.get("aliases") or ()})}

    def aliased(self, name: str, alias: str) -> str | None:
        """`registered-models/alias`."""
        answer = self._get("registered-models/alias", name=name, alias=alias)
        return None if answer is None else str(_object(answer, "model_version").get("version"))

    def _get(self, method: str, **parameters: str) -> dict[str, Any] | None:
        """None where MLflow says that it has no such thing."""
        url = f"{self.base}{method}?{urlencode(parameters)}"
        answered = self.door.get(url, headers=self.headers, accept=(200, 400, 404))
        answer = _parsed(answered.body)
        if answered.status == 200:
            return answer
        if answer.get("error_code") in _ABSENT:
            return None
        raise CannotActError(f"MLflow answered {method} with status {answered.status}")

    def _post(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {**self.headers, "Content-Type": "application/json"}
        return _parsed(self.door.post(self.base + method, json.dumps(body).encode(), headers=headers).body)


def _parsed(body: bytes) -> dict[str, Any]:
    answer = parse_json(body)
    if not isinstance(answer, dict):
        raise CannotActError("the server does not answer as MLflow does")
    return answer


def _object(answer: dict[str, Any], key: str) -> dict[str, Any]:
    found = answer.get(key)
    if not isinstance(found, dict):
        raise CannotActError(f"the server does not answer as MLflow does: there is no {key}")
    return found
