"""One version of a model in MLflow's registry, by its number or by an alias."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gatekeeper.connect.mlflow.opening import open_store
from gatekeeper.connect.mlflow.store import Store
from gatekeeper.errors import EvidenceError, InvalidRequestError, NotEvaluatedError
from gatekeeper.evidence.mlflow_model import SCHEMA
from gatekeeper.ports import Fetched

if TYPE_CHECKING:
    from gatekeeper.ports import Door

_USAGE = "Write `mlflow-model:NAME/VERSION` or `mlflow-model:NAME@ALIAS`."


def fetch(locator: str, door: Door) -> Fetched:
    """The version that `NAME/VERSION` or `NAME@ALIAS` names, as `evidence.mlflow_model` reads it.

    `MLFLOW_REGISTRY_URI` says where, else `MLFLOW_TRACKING_URI`. Raises what `ports.Source.fetch` raises.
    """
    name, version, alias = parse_model(locator)
    with open_store(door, registry=True) as store:
        number = version or _aliased(store, name, alias)
        found = store.version(name, number)
    if found is None:
        raise NotEvaluatedError("MLflow has no such version of a model")
    if (found.get("name"), str(found.get("version"))) != (name, number):
        raise EvidenceError("MLflow answered with another version than was asked for")
    document = {"schema": SCHEMA, "model_version": found, **({"asked_alias": alias} if alias else {})}
    return Fetched(data=json.dumps(document, sort_keys=True).encode(), source=f"mlflow-model:{locator}")


def parse_model(locator: str) -> tuple[str, str, str]:
    """Name, version and alias, of which one of the last two is empty. Raises InvalidRequestError for another form."""
    name, at, alias = locator.rpartition("@")
    if at and name and alias and "/" not in alias:
        return name, "", alias
    name, slash, version = locator.rpartition("/")
    if slash and name and version.isascii() and version.isdigit():
        return name, version, ""
    raise InvalidRequestError(f"mlflow-model:{locator} names no version and no alias of a model", _USAGE)


def _aliased(store: Store, name: str, alias: str) -> str:
    version = store.aliased(name, alias)
    if version is None:
        raise NotEvaluatedError("MLflow has no such model, or no such alias of it")
    return version
