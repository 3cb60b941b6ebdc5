"""MLflow: one run by its id, or the one that criteria select, from a server, a SQLite database or a folder of files.

MLflow itself is not imported: its REST API, its tables and its files are read as they are.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gatekeeper.connect.mlflow.criteria import RunWanted, parse_run, select
from gatekeeper.connect.mlflow.opening import open_store
from gatekeeper.connect.mlflow.store import Store
from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.mlflow_run import SCHEMA
from gatekeeper.ports import Fetched

if TYPE_CHECKING:
    from gatekeeper.ports import Door


def fetch(locator: str, door: Door) -> Fetched:
    """The run that `RUN_ID` or `experiment=NAME,KEY=VALUE,…` names, as `evidence.mlflow` reads it.

    `MLFLOW_TRACKING_URI` says where; see `opening`. Raises what `ports.Source.fetch` raises.
    """
    wanted = parse_run(locator)
    with open_store(door) as store:
        run = _ordered(_found(store, wanted))
        document = {"schema": SCHEMA, "run": run, "last": last_values(store, run)}
    return Fetched(data=json.dumps(document, sort_keys=True).encode(), source=f"mlflow:{locator}")


def _found(store: Store, wanted: RunWanted) -> dict[str, Any]:
    run_id = wanted.run_id or select(store, wanted)
    run = store.run(run_id)
    if run is None:
        raise NotEvaluatedError("MLflow has no such run")
    if run["info"].get("run_id") != run_id:
        raise EvidenceError("MLflow answered with another run than was asked for")
    return run


def _ordered(run: dict[str, Any]) -> dict[str, Any]:
    """The run with its lists by name: no store promises an order, and one run is to have one digest."""
    data = {
        part: sorted(items or (), key=lambda one: str(one.get("key"))) for part, items in run.get("data", {}).items()
    }
    inputs = run.get("inputs") or {}
    given = sorted(inputs.get("dataset_inputs") or (), key=lambda one: json.dumps(one, sort_keys=True))
    return {**run, "data": data, "inputs": {**inputs, "dataset_inputs": given}}


def last_values(store: Store, run: dict[str, Any]) -> dict[str, list[Any]]:
    """Of each metric the values at its greatest step and time, where they are not just the one that MLflow shows."""
    found = {}
    for item in run.get("data", {}).get("metrics") or ():
        key = item["key"]
        logged = store.history(run["info"]["run_id"], key)
        if not logged:
            raise EvidenceError("MLflow shows a metric of the run, and nothing that was logged for it")
        last = max(one[:2] for one in logged)
        values = {str(one[2]): one[2] for one in logged if one[:2] == last}
        if values.keys() != {str(item.get("value"))}:
            found[key] = [values[text] for text in sorted(values)]
    return found
