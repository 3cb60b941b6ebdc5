"""The aliases of MLflow's model registry, over its REST API: https://mlflow.org/docs/latest/rest-api.html."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gatekeeper.connect.mlflow.opening import URI, credentials
from gatekeeper.connect.mlflow.rest import RestStore
from gatekeeper.errors import CannotActError, EvidenceError, GatekeeperError, InvalidRequestError
from gatekeeper.evidence.jsontext import parse_json

if TYPE_CHECKING:
    from gatekeeper.ports import Door

REGISTRY_URI = "MLFLOW_REGISTRY_URI"
_CODE = re.compile(r"[A-Z][A-Z_]{2,60}")
_PORTS = {"http": 80, "https": 443}


class MlflowRegistry:
    """A tracking server's registry."""

    def __init__(self, door: Door, url: str, headers: dict[str, str]) -> None:
        self._door = door
        self._store = RestStore(door, url, headers)
        self._host = urlsplit(url).hostname or ""

    @property
    def name(self) -> str:
        """The server's host."""
        return f"MLflow at {self._host}"

    def alias(self, model: str, alias: str) -> str | None:
        """`GET registered-models/alias`. Raises CannotActError."""
        try:
            version = self._store.aliased(model, alias)
        except EvidenceError as fault:
            raise CannotActError(f"{self.name} does not answer as MLflow does: {fault.message}") from fault
        if version is not None and not (version.isascii() and version.isdigit()):
            raise CannotActError(f"{self.name} does not answer as MLflow does: a version is no number")
        return version

    def set_alias(self, model: str, alias: str, version: str) -> None:
        """`POST registered-models/alias`. Raises CannotActError."""
        body = json.dumps({"name": model, "alias": alias, "version": version}).encode()
        headers = {**self._store.headers, "Content-Type": "application/json"}
        url = f"{self._store.base}registered-models/alias"
        answered = self._door.send("POST", url, body, headers=headers, accept=(200, 400, 403, 404))
        if answered.status != 200:
            raise CannotActError(f"{self.name} does not set it: {_code(answered.body) or f'status {answered.status}'}")


def open_registry(door: Door, given: str | None, environ: Mapping[str, str]) -> MlflowRegistry:
    """The registry at the URL that is given, else at that of the environment's variables.

    Credentials go to no other server than the one that the variables name. Raises InvalidRequestError where both name
    one and they differ, where credentials belong to no server, and for what is no server.
    """
    told = environ.get(REGISTRY_URI) or environ.get(URI) or ""
    url, headers = given or told, credentials(environ)
    if not url:
        raise InvalidRequestError("nobody says where the model registry is", f"Set {URI}, or `registry.url`.")
    if urlsplit(url).scheme not in _PORTS:
        raise InvalidRequestError("an alias is moved at a server of MLflow only", f"Set {URI} to its http(s) address.")
    if given and told and _place(given) != _place(told):
        host = urlsplit(given).hostname
        raise InvalidRequestError(
            f"registry.url names {host}, which is not the server of {URI}: it gets no credentials",
            f"If it is right, set {URI} to it.",
        )
    if headers and not told:
        raise InvalidRequestError(
            f"credentials for MLflow are given, and no {URI} says for which server", f"Set {URI} beside them."
        )
    return MlflowRegistry(door, url, headers)


def _place(url: str) -> tuple[str, str | None, int | None, str]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme), parts.path.rstrip("/")
    except ValueError as fault:
        raise InvalidRequestError("the address of the model registry is no URL") from fault


def _code(body: bytes) -> str:
    """MLflow's own word for the error; nothing else of its answer is shown."""
    try:
        answer = parse_json(body)
    except GatekeeperError:
        return ""
    code = str(answer.get("error_code")) if isinstance(answer, dict) else ""
    return code if _CODE.fullmatch(code) else ""
