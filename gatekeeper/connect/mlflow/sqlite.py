"""MLflow's SQLite database, read only, in one transaction: the tables of its tracking store and registry."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from typing import Any, Self
from urllib.parse import quote

from gatekeeper.connect.mlflow.store import Logged
from gatekeeper.errors import CannotActError, EvidenceError, NotEvaluatedError

MAX_ROWS = 100_000
MAX_STEPS = 20_000
"""Progress calls at most, each after a thousand instructions of the database: a hostile view may not run for ever."""

PATIENCE = 5.0
"""Seconds to wait for a writer."""

_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)

_RUN = "run_uuid AS run_id, name AS run_name, experiment_id, status, start_time, end_time, lifecycle_stage"

_VERSION = "name, version, current_stage, source, run_id, status"


class SqliteStore:
    """A database. Raises CannotActError where it cannot be read, EvidenceError where it is not that of MLflow."""

    def __init__(self, path: str) -> None:
        if not os.path.isfile(path):
            raise CannotActError("the database of MLFLOW_TRACKING_URI does not exist")
        self.path = path
        self.steps = 0

    def __enter__(self) -> Self:
        place = quote(os.path.abspath(self.path))
        try:
            self.database = sqlite3.connect(f"file:{place}?mode=ro", uri=True, isolation_level=None, timeout=PATIENCE)
            self.database.row_factory = sqlite3.Row
            self.database.set_progress_handler(self._step, 1000)
            self.database.execute("PRAGMA trusted_schema = OFF")
            self.database.execute("BEGIN")
        except sqlite3.Error as fault:
            raise CannotActError("the database of MLFLOW_TRACKING_URI cannot be opened") from fault
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()

    def run(self, run_id: str) -> dict[str, Any] | None:
        """The row of `runs` with its metrics, parameters, tags and inputs."""
        found = self._rows(f"SELECT {_RUN} FROM runs WHERE run_uuid = ?", run_id)  # noqa: S608 - a constant
        return self._run(found[0]) if found else None

    def runs(self, experiment: str) -> Iterator[dict[str, Any]]:
        """The active runs of the one active experiment of that name."""
        ids = self._rows(
            "SELECT experiment_id FROM experiments WHERE name = ? AND lifecycle_stage = 'active'", experiment
        )
        if not ids:
            raise NotEvaluatedError("MLflow has no such experiment")
        if len(ids) > 1:
            raise NotEvaluatedError("several workspaces of the database have an experiment of that name")
        query = f"SELECT {_RUN} FROM runs WHERE experiment_id = ? AND lifecycle_stage = 'active'"  # noqa: S608
        for row in self._rows(query, ids[0]["experiment_id"]):
            yield self._run(row)

    def history(self, run_id: str, key: str) -> list[Logged]:
        """The rows of `metrics`."""
        query = "SELECT step, timestamp, value, is_nan FROM metrics WHERE run_uuid = ? AND key = ?"
        return [(row["step"], row["timestamp"], _value(row)) for row in self._rows(query, run_id, key)]

    def version(self, name: str, version: str) -> dict[str, Any] | None:
        """The row of `model_versions` with its tags and aliases."""
        query = f"SELECT {_VERSION} FROM model_versions WHERE name = ? AND version = ?"  # noqa: S608 - a constant
        found = self._rows(query, name, int(version)) if version.isdigit() and len(version) < 19 else []
        if not found:
            return None
        if len(found) > 1:
            raise NotEvaluatedError("several workspaces of the database have a model of that name")
        tags = self._rows(
            "SELECT key, value FROM model_version_tags WHERE name = ? AND version = ?", name, int(version)
        )
        aliases = self._rows(
            "SELECT alias FROM registered_model_aliases WHERE name = ? AND version = ?", name, int(version)
        )
        return {**found[0], "version": version, "tags": tags, "aliases": sorted(row["alias"] for row in aliases)}

    def aliased(self, name: str, alias: str) -> str | None:
        """The row of `registered_model_aliases`."""
        found = self._rows("SELECT version FROM registered_model_aliases WHERE name = ? AND alias = ?", name, alias)
        if len(found) > 1:
            raise NotEvaluatedError("several workspaces of the database have a model of that name")
        return str(found[0]["version"]) if found else None

    def _run(self, info: dict[str, Any]) -> dict[str, Any]:
        run_id = info["run_id"]
        metrics = self._rows(
            "SELECT key, value, timestamp, step, is_nan FROM latest_metrics WHERE run_uuid = ?", run_id
        )
        data = {
            "metrics": [{"key": row["key"], "value": _value(row), "step": row["step"]} for row in metrics],
            "params": self._rows("SELECT key, value FROM params WHERE run_uuid = ?", run_id),
            "tags": self._rows("SELECT key, value FROM tags WHERE run_uuid = ?", run_id),
        }
        return {"info": info, "data": data, "inputs": {"dataset_inputs": self._datasets(run_id)}}

    def _datasets(self, run_id: str) -> list[dict[str, Any]]:
        query = (
            "SELECT datasets.name, datasets.digest, datasets.dataset_source_type AS source_type FROM inputs "
            "JOIN datasets ON inputs.source_id = datasets.dataset_uuid "
            "WHERE inputs.source_type = 'DATASET' AND inputs.destination_type = 'RUN' AND inputs.destination_id = ?"
        )
        return [{"dataset": row} for row in self._rows(query, run_id)]

    def _rows(self, query: str, *values: Any) -> list[dict[str, Any]]:
        try:
            rows = self.database.execute(query, values).fetchmany(MAX_ROWS + 1)
        except (sqlite3.Error, OverflowError, UnicodeDecodeError) as fault:
            if getattr(fault, "sqlite_errorcode", 0) & 0xFF in _LOCKED:
                raise CannotActError(
                    "the database of MLFLOW_TRACKING_URI is locked by a writer", "Ask again."
                ) from fault
            raise EvidenceError("the database of MLFLOW_TRACKING_URI does not have the tables of MLflow") from fault
        if len(rows) > MAX_ROWS:
            raise EvidenceError(f"a table of the database of MLFLOW_TRACKING_URI gives more than {MAX_ROWS} rows")
        return [dict(row) for row in rows]

    def _step(self) -> bool:
        self.steps += 1
        return self.steps > MAX_STEPS


def _value(row: dict[str, Any]) -> Any:
    return "NaN" if row["is_nan"] else row["value"]
