"""Runs and models out of MLflow's server, database and files, all written by MLflow itself."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Command
from tests.servers.mlflow import COMMIT, KINDS, MODEL, TRAIN, Filled, stores

__all__ = ["stores"]  # the fixture

pytestmark = pytest.mark.xdist_group("mlflow")


def read(gatekeeper: Command, spec: str, env: Mapping[str, str], code: int = 0) -> dict[str, Any]:
    """The one envelope that `evidence read` prints."""
    finished = gatekeeper("evidence", "read", spec, env=env)
    assert finished.code == code, finished.stdout + finished.stderr
    (envelope,) = json.loads(finished.stdout)
    return dict(envelope)


def refused(gatekeeper: Command, spec: str, env: Mapping[str, str]) -> tuple[str, str]:
    """The status and reason of what was not read."""
    envelope = read(gatekeeper, spec, env, code=3)
    assert envelope["facts"] == {}
    return envelope["status"], envelope["reason"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_by_its_id(gatekeeper: Command, stores: dict[str, Filled], kind: str) -> None:
    store = stores[kind]
    run = read(gatekeeper, f"metrics=mlflow:{store.runs['good']}", store.env)
    assert run["kind"] == "metrics"
    assert run["facts"]["values"] == {"accuracy": 0.91, "neg": -0.25, "val/f1": 0.875}
    assert run["facts"]["params"] == {"model": "hist-gb", "lr": "0.1"}
    assert run["facts"]["tags"]["team"] == "größe"
    assert run["facts"]["datasets"] == {"train": "0a1b2c3d"}
    assert run["subjects"] == sorted([f"gitCommit:{COMMIT}", f"mlflow:{store.runs['good']}", MODEL, TRAIN])
    assert run["produced_at"] == "2026-09-21T14:14:20Z"
    assert run["source"] == f"mlflow:{store.runs['good']}"


@pytest.mark.parametrize("kind", KINDS)
def test_one_run_has_one_digest(gatekeeper: Command, stores: dict[str, Filled], kind: str) -> None:
    spec = f"mlflow:{stores[kind].runs['good']}"
    assert len({read(gatekeeper, spec, stores[kind].env)["digest"] for _ in range(2)}) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("run", "status", "reason"),
    [
        ("running", "not_evaluated", "the run is still running"),
        ("failed", "not_evaluated", "the run failed"),
        ("killed", "not_evaluated", "the run was killed"),
        ("deleted", "not_evaluated", "the run was deleted"),
        ("empty", "not_evaluated", "the run holds no metric"),
        ("nan", "error", "metric 'loss' is not a finite number"),
        ("infinite", "error", "metric 'accuracy' is not a finite number"),
        ("tied", "error", "metric 'accuracy' was logged with several values at its last step and time"),
    ],
)
def test_a_run_that_cannot_be_judged_says_why(
    gatekeeper: Command, stores: dict[str, Filled], kind: str, run: str, status: str, reason: str
) -> None:
    found = refused(gatekeeper, f"mlflow:{stores[kind].runs[run]}", stores[kind].env)
    assert found[0] == status
    assert found[1].startswith(reason)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "criteria",
    [
        "experiment=churn",
        "experiment=churn,name=the%20good%20one",
        "experiment=churn,params.model=hist-gb,tags.team=größe",
    ],
)
def test_the_one_finished_run_that_meets_the_criteria(
    gatekeeper: Command, stores: dict[str, Filled], kind: str, criteria: str
) -> None:
    run = read(gatekeeper, f"mlflow:{criteria}", stores[kind].env)
    assert f"mlflow:{stores[kind].runs['good']}" in run["subjects"]


@pytest.mark.parametrize("kind", KINDS)
def test_criteria_that_select_none_or_several_select_nothing(
    gatekeeper: Command, stores: dict[str, Filled], kind: str
) -> None:
    store = stores[kind]
    others = "experiment=others%2C a %3D b"
    twins = ", ".join(sorted((store.runs["twin-1"], store.runs["twin-2"])))
    for criteria, reason in (
        (f"{others},tags.twin=yes", f"several finished runs meet the criteria: {twins}"),
        (f"{others},tags.twin=no", "no run meets the criteria"),
        ("experiment=churn,tags.git=a", "no finished run meets the criteria, only 1 RUNNING"),
        ("experiment=churn,tags.gone=yes", "no run meets the criteria"),
        ("experiment=absent", "MLflow has no such experiment"),
    ):
        assert refused(gatekeeper, f"mlflow:{criteria}", store.env) == ("not_evaluated", reason)


@pytest.mark.parametrize("kind", KINDS)
def test_an_absent_run_is_not_evaluated(gatekeeper: Command, stores: dict[str, Filled], kind: str) -> None:
    assert refused(gatekeeper, f"mlflow:{'0' * 32}", stores[kind].env) == ("not_evaluated", "MLflow has no such run")


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_as_lineage(gatekeeper: Command, stores: dict[str, Filled], kind: str) -> None:
    run = stores[kind].runs["good"]
    lineage = read(gatekeeper, f"mlflow-lineage:{run}", stores[kind].env)
    assert (lineage["kind"], lineage["source"]) == ("lineage", f"mlflow-lineage:{run}")
    assert lineage["facts"]["commit"] == COMMIT
    assert (lineage["facts"]["model"], lineage["facts"]["data"]) == (MODEL, {"train": TRAIN})
    assert refused(gatekeeper, f"mlflow-lineage:{stores[kind].runs['twin-1']}", stores[kind].env)[0] == "not_evaluated"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locator", ["churn@champion", "churn/2"])
def test_a_model_by_version_and_alias(gatekeeper: Command, stores: dict[str, Filled], kind: str, locator: str) -> None:
    store = stores[kind]
    model = read(gatekeeper, f"mlflow-model:{locator}", store.env)
    run = f"mlflow:{store.runs['good']}"
    assert model["kind"] == "model"
    assert model["subjects"] == sorted([run, MODEL])
    facts = model["facts"]
    assert (facts["name"], facts["version"], facts["status"], facts["run"]) == ("churn", "2", "READY", run)
    assert facts["aliases"] == ["champion"]
    assert facts["tags"] == {"gatekeeper.model.digest": MODEL, "approved": "yes"}
    assert facts["digest"] == MODEL


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locator", ["churn@absent", "churn/9", "absent/1", "absent@champion"])
def test_an_absent_model_is_not_evaluated(
    gatekeeper: Command, stores: dict[str, Filled], kind: str, locator: str
) -> None:
    status, reason = refused(gatekeeper, f"mlflow-model:{locator}", stores[kind].env)
    assert status == "not_evaluated"
    assert reason.startswith("MLflow has no such")


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_judges(gatekeeper: Command, stores: dict[str, Filled], kind: str, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(
        "apiVersion: gatekeeper/v1\nkind: Policy\nmetadata: {name: p, version: 1.0.0}\n"
        "spec:\n  evidence: {m: {kind: metrics, about: run, producers: [mlflow]}}\n"
        "  rules:\n    - {id: accuracy, why: w, remedy: r, metric: {name: accuracy, min: 0.9}}\n",
        encoding="utf-8",
    )
    store = stores[kind]
    for run, code in (("good", 0), ("twin-2", 3)):
        artifact = (
            f"apiVersion: gatekeeper/v1\nkind: Artifact\nspec: {{image: a, run: 'mlflow:{store.runs['good']}'}}\n"
        )
        (tmp_path / "a.yaml").write_text(artifact, encoding="utf-8")
        spec = f"m=mlflow:{store.runs[run]}"
        finished = gatekeeper(
            "evaluate", "--policy", "p.yaml", "--artifact", "a.yaml", "--evidence", spec, env=store.env
        )
        assert finished.code == code, finished.stdout + finished.stderr


@pytest.mark.parametrize(
    "locator", ["", "../x", "experiment=", "name=a", "experiment=a,experiment=b", "experiment=a,metrics.x=1", "a b"]
)
def test_a_locator_of_another_form_is_a_mistake(gatekeeper: Command, locator: str) -> None:
    finished = gatekeeper("evidence", "read", f"mlflow:{locator}", env={"MLFLOW_TRACKING_URI": "sqlite:///x.db"})
    assert finished.code == 2
    assert finished.stdout == ""


@pytest.mark.parametrize(
    ("uri", "code", "words"),
    [
        ("sqlite:///absent.db", 3, "the database of MLFLOW_TRACKING_URI does not exist"),
        ("absent", 3, "the folder of MLFLOW_TRACKING_URI does not exist"),
        ("databricks://profile", 2, "MLFLOW_TRACKING_URI is a databricks URI"),
        ("sqlite://", 2, "names no database file"),
        ("", 2, "MLFLOW_TRACKING_URI is not set"),
    ],
)
def test_a_store_that_is_not_there(gatekeeper: Command, uri: str, code: int, words: str) -> None:
    finished = gatekeeper("evidence", "read", f"mlflow:{'0' * 32}", env={"MLFLOW_TRACKING_URI": uri})
    assert finished.code == code
    assert words in finished.stdout + finished.stderr


def test_a_server_that_is_down_is_not_evaluated_and_its_token_is_not_told(gatekeeper: Command) -> None:
    env = {"MLFLOW_TRACKING_URI": "http://127.0.0.1:1", "MLFLOW_TRACKING_TOKEN": "s3cr3t-token"}
    finished = gatekeeper("evidence", "read", f"mlflow:{'0' * 32}", env=env)
    assert finished.code == 3
    assert json.loads(finished.stdout)[0]["status"] == "not_evaluated"
    assert "s3cr3t" not in finished.stdout + finished.stderr


def test_a_database_that_is_none_of_mlflow_is_an_error(gatekeeper: Command, tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("no database at all", encoding="utf-8")
    sqlite3.connect(tmp_path / "empty.db").execute("CREATE TABLE runs (x)").connection.close()
    for name in ("text.db", "empty.db"):
        env = {"MLFLOW_TRACKING_URI": f"sqlite:///{name}"}
        assert refused(gatekeeper, f"mlflow:{'0' * 32}", env)[0] == "error"


def test_a_database_whose_views_never_end_is_given_up(gatekeeper: Command, tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "endless.db")
    database.execute(
        "CREATE VIEW runs AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
        "SELECT CAST(-i AS TEXT) AS run_uuid, i AS name, 1 AS experiment_id, 'FINISHED' AS status, 1 AS start_time, "
        "1 AS end_time, "
        "'active' AS lifecycle_stage FROM n"
    )
    database.close()
    env = {"MLFLOW_TRACKING_URI": "sqlite:///endless.db"}
    assert refused(gatekeeper, f"mlflow:{'0' * 32}", env)[0] == "error"


def test_the_database_is_only_read(gatekeeper: Command, stores: dict[str, Filled], tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    shutil.copy(stores["sqlite"].uri.removeprefix("sqlite:///"), copy)
    copy.chmod(0o444)
    before = copy.read_bytes()
    env = {"MLFLOW_TRACKING_URI": f"sqlite:///{copy}"}
    assert read(gatekeeper, f"mlflow:{stores['sqlite'].runs['good']}", env)["status"] == "evaluated"
    assert copy.read_bytes() == before
    assert os.listdir(tmp_path) == ["copy.db"]


def test_a_link_out_of_the_folder_is_not_followed(gatekeeper: Command, tmp_path: Path) -> None:
    run = "a" * 32
    secret = tmp_path / "secret"
    secret.write_text("1 0.99 0\n", encoding="utf-8")
    place = tmp_path / "mlruns" / "1" / run
    (place / "metrics").mkdir(parents=True)
    (place / "meta.yaml").write_text(f"run_id: {run}\nstatus: 3\nlifecycle_stage: active\n", encoding="utf-8")
    (place / "metrics" / "accuracy").symlink_to(secret)
    status, reason = refused(gatekeeper, f"mlflow:{run}", {"MLFLOW_TRACKING_URI": "mlruns"})
    assert (status, reason) == ("error", "a link leads out of the folder of MLFLOW_TRACKING_URI")


@pytest.mark.corpus
def test_the_files_of_other_projects(gatekeeper: Command, corpus: Path) -> None:
    generated = corpus / "mlflow" / "generated-2.22.0" / "mlruns"
    env = {"MLFLOW_TRACKING_URI": str(generated)}
    seen = [read_any(gatekeeper, f"mlflow:{run.name}", env) for run in sorted(generated.glob("8*/*")) if run.is_dir()]
    assert {envelope["status"] for envelope in seen} <= {"evaluated", "not_evaluated", "error"}
    assert any(envelope["status"] != "evaluated" for envelope in seen)
    old = {"MLFLOW_TRACKING_URI": str(corpus / "mlflow" / "FernandoLpz__Tracking-ML-model-MLflow" / "mlruns")}
    run = read(gatekeeper, "mlflow:967712dd3db644b68f7ac4b954c8e8c7", old)
    assert run["facts"]["values"].keys() == {"average_accuracy", "std_accuracy", "test_accuracy", "train_accuracy"}
    assert run["produced_at"] == "2020-09-25T23:52:11.904000Z"


def read_any(gatekeeper: Command, spec: str, env: Mapping[str, str]) -> dict[str, Any]:
    """The one envelope, whatever its status."""
    return dict(json.loads(gatekeeper("evidence", "read", spec, env=env).stdout)[0])
