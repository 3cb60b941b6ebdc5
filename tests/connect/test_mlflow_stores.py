"""Stores of MLflow that lie, are held by others, or may not be read in part."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.model.evidence import Envelope
from gatekeeper.wiring.evidence import collect
from tests.servers.http_server import HttpServer, reply

TOKEN = "planted-token-31"
INFO = {"run_id": "abc", "status": "FINISHED", "lifecycle_stage": "active", "end_time": 1790000000000}
METRIC = {"key": "accuracy", "value": 0.9, "timestamp": 1790000000000, "step": 0}
RUN = {"info": INFO, "data": {"metrics": [METRIC]}}
HISTORY = {"metrics": [METRIC]}
VERSION = {"name": "churn", "version": "3", "status": "READY"}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpServer]:
    with HttpServer() as running:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", running.url)
        monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", TOKEN)
        yield running


def asked(server: HttpServer, run: Any = RUN, history: Any = HISTORY) -> Envelope:
    """What is made of a run by its id, where the server answers so."""
    server.answers("/api/2.0/mlflow/runs/get", reply(body=json.dumps({"run": run}).encode()))
    server.answers("/api/2.0/mlflow/metrics/get-history", reply(body=json.dumps(history).encode()))
    (found,) = collect(["mlflow:abc"])
    return found


def test_a_server_that_answers_as_mlflow_does(server: HttpServer) -> None:
    assert asked(server).facts["values"] == {"accuracy": 0.9}


@pytest.mark.parametrize(
    ("run", "history"),
    [
        ({"data": {}}, HISTORY),
        ({"info": INFO, "data": None}, HISTORY),
        ({"info": INFO, "data": ["x"]}, HISTORY),
        ({"info": INFO, "data": {"params": 5}}, HISTORY),
        ({"info": INFO, "data": {"metrics": ["x"]}}, HISTORY),
        ({"info": INFO, "data": {"metrics": [{"value": TOKEN}]}}, HISTORY),
        (RUN, {"metrics": [{"timestamp": TOKEN}]}),
        (RUN, {"metrics": {"accuracy": 1}}),
    ],
)
def test_an_answer_of_another_form_is_an_error_and_no_crash(server: HttpServer, run: Any, history: Any) -> None:
    found = asked(server, run, history)
    assert (found.status, found.reason) == ("error", "mlflow did not answer in the form that is known of it")
    assert found.facts == {}


@pytest.mark.parametrize("history", [{}, {"metrics": []}])
def test_a_metric_without_a_history_is_an_error(server: HttpServer, history: Any) -> None:
    """Its last value may be one of several, of which MLflow shows the largest."""
    found = asked(server, RUN, history)
    assert (found.status, found.facts) == ("error", {})
    assert (found.reason or "").startswith("MLflow shows a metric of the run")


def test_a_value_that_is_not_the_one_logged_last_is_an_error(server: HttpServer) -> None:
    later = {**METRIC, "value": 0.2, "step": 1}
    found = asked(server, RUN, {"metrics": [METRIC, later]})
    assert (found.status, found.facts) == ("error", {})
    assert (found.reason or "").endswith("is not the one that was logged last")
    assert asked(server, RUN, {"metrics": [METRIC, {**METRIC, "step": -1, "value": 0.2}]}).status == "evaluated"


def test_another_run_than_was_asked_for_is_an_error(server: HttpServer) -> None:
    found = asked(server, {**RUN, "info": {**INFO, "run_id": "abd"}})
    assert (found.status, found.reason) == ("error", "MLflow answered with another run than was asked for")


@pytest.mark.parametrize("change", [{"name": "other"}, {"version": "4"}, {"version": None}])
def test_another_version_than_was_asked_for_is_an_error(server: HttpServer, change: dict[str, Any]) -> None:
    place = "/api/2.0/mlflow/model-versions/get"
    server.answers("/api/2.0/mlflow/registered-models/get", reply(body=b'{"registered_model": {"name": "churn"}}'))
    server.answers(place, reply(body=json.dumps({"model_version": VERSION}).encode()))
    assert collect(["mlflow-model:churn/3"])[0].status == "evaluated"
    server.answers(place, reply(body=json.dumps({"model_version": {**VERSION, **change}}).encode()))
    (found,) = collect(["mlflow-model:churn/3"])
    assert (found.status, found.reason) == ("error", "MLflow answered with another version than was asked for")


def test_a_database_that_somebody_writes_to_is_not_evaluated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "mlflow.db"
    writer = sqlite3.connect(place, isolation_level=None)
    writer.execute("CREATE TABLE runs (run_uuid TEXT)")
    writer.execute("BEGIN EXCLUSIVE")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{place}")
    monkeypatch.setattr("gatekeeper.connect.mlflow.sqlite.PATIENCE", 0)
    (found,) = collect(["mlflow:abc"])
    writer.close()
    words = "the database of MLFLOW_TRACKING_URI is locked by a writer. Ask again."
    assert (found.status, found.reason) == ("not_evaluated", words)


def write_run(folder: Path, run_id: str) -> None:
    (folder / run_id / "metrics").mkdir(parents=True)
    (folder / run_id / "metrics" / "accuracy").write_text("1790000000000 0.9 0\n")
    (folder / run_id / "meta.yaml").write_text(
        f"run_id: {run_id}\nrun_name: n\nstatus: 3\nlifecycle_stage: active\nend_time: 1790000000000\n"
    )


@pytest.mark.parametrize("function", ["stat", "listdir"])
def test_a_run_that_may_not_be_read_is_not_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, function: str
) -> None:
    """Else the one run that is seen would be taken for the only one that meets the criteria."""
    experiment = tmp_path / "7"
    write_run(experiment, "aaa")
    (experiment / "meta.yaml").write_text("name: churn\nlifecycle_stage: active\n")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", str(tmp_path))
    assert collect(["mlflow:experiment=churn"])[0].status == "evaluated"
    write_run(experiment, "bbb")
    assert "several finished runs" in (collect(["mlflow:experiment=churn"])[0].reason or "")
    real = getattr(os, function)

    def denied(path: Any, *arguments: Any, **options: Any) -> Any:
        if "bbb" in str(path):
            raise PermissionError(13, "Permission denied")
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, function, denied)
    (found,) = collect(["mlflow:experiment=churn"])
    assert (found.status, found.reason) == ("not_evaluated", "mlflow cannot be asked: Permission denied")


def test_a_run_of_an_experiment_that_was_deleted_is_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_run(tmp_path / ".trash" / "7", "aaa")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", str(tmp_path))
    (found,) = collect(["mlflow:aaa"])
    assert (found.status, found.reason) == ("not_evaluated", "the run was deleted")
