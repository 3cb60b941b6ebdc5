"""Aliases in MLflow's registry: a real server, what it refuses, and to whom credentials go."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.connect.http import HttpDoor
from gatekeeper.connect.mlflow.registry import MlflowRegistry, open_registry
from gatekeeper.errors import CannotActError, InvalidRequestError
from tests.cli.scene import IMAGE, change, make_repository, shown, tip, write_fresh_reports
from tests.conftest import Command
from tests.servers.http_server import HttpServer, reply
from tests.servers.mlflow import Filled, stores

__all__ = ["stores"]  # the fixture

ALIAS = "/api/2.0/mlflow/registered-models/alias"
TOKEN = "planted-token-32"


def ask(uri: str, method: str, **body: str) -> Any:
    """MLflow itself, without us."""
    data = json.dumps(body).encode()
    request = urllib.request.Request(f"{uri}/api/2.0/mlflow/{method}", data, {"Content-Type": "application/json"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        return json.load(answer)


def registered(store: Filled, name: str, versions: int = 2) -> None:
    uri, run = store.uri, store.runs["good"]
    ask(uri, "registered-models/create", name=name)
    for _ in range(versions):
        ask(uri, "model-versions/create", name=name, source=f"runs:/{run}/model", run_id=run)


@pytest.mark.xdist_group("mlflow")
def test_a_real_registry(stores: dict[str, Filled]) -> None:
    uri = stores["server"].uri
    registered(stores["server"], "alias churn")
    registry = open_registry(HttpDoor(), uri, {"MLFLOW_TRACKING_URI": uri})
    assert registry.alias("alias churn", "champion") is None
    for version in ("1", "2", "2", "1"):
        registry.set_alias("alias churn", "champion", version)
        assert registry.alias("alias churn", "champion") == version
    assert registry.name == "MLflow at 127.0.0.1"


@pytest.mark.xdist_group("mlflow")
@pytest.mark.parametrize(
    ("model", "alias", "version"),
    [("nowhere", "champion", "1"), ("alias other", "champion", "99"), ("alias other", "latest", "1")],
)
def test_what_a_real_registry_refuses_is_told_in_its_own_word(
    stores: dict[str, Filled], model: str, alias: str, version: str
) -> None:
    uri = stores["server"].uri
    if MlflowRegistry(HttpDoor(), uri, {}).alias("alias other", "made") is None:
        registered(stores["server"], "alias other", 1)
        ask(uri, "registered-models/alias", name="alias other", alias="made", version="1")
    with pytest.raises(CannotActError, match=r"does not set it: (RESOURCE_DOES_NOT_EXIST|INVALID_PARAMETER_VALUE)"):
        open_registry(HttpDoor(), uri, {}).set_alias(model, alias, version)


@pytest.mark.xdist_group("mlflow")
def test_a_promotion_moves_it_and_a_rollback_moves_it_back(
    stores: dict[str, Filled], gatekeeper: Command, tmp_path: Path
) -> None:
    uri = stores["server"].uri
    registered(stores["server"], "promoted")
    repository = make_repository(tmp_path)
    path = "environments/staging.yaml"
    change(repository, {path: f"{shown(repository, path)}\n  registry: {{type: mlflow, alias: champion}}\n"})
    place = write_fresh_reports(tmp_path)

    def act(version: str, *more: str) -> Any:
        spec = {"image": IMAGE, "model": {"name": "promoted", "version": version}}
        file = tmp_path / f"artifact-{version}.json"
        file.write_text(json.dumps({"apiVersion": "gatekeeper/v1", "kind": "Artifact", "spec": spec}))
        words = ["--env", "staging", "--repo", repository, "--artifact", file, "--evidence", place, "--format", "json"]
        return gatekeeper("promote", *words, *more, env=stores["server"].env)

    registry = MlflowRegistry(HttpDoor(), uri, {})
    assert act("1", "--dry-run").code == 0
    assert registry.alias("promoted", "champion") is None
    done = act("1")
    assert done.code == 0, done.stderr
    told = json.loads(done.stdout)["promotion"]["alias"]
    expected = {
        "registry": "MLflow at 127.0.0.1",
        "model": "promoted",
        "alias": "champion",
        "version": "1",
        "moved": True,
    }
    assert told == expected
    assert registry.alias("promoted", "champion") == "1"

    registry.set_alias("promoted", "champion", "2")
    assert json.loads(act("1").stdout)["promotion"]["alias"] == expected
    registry.set_alias("promoted", "champion", "2")
    change(repository, {"environments/staging/churn/kustomization.yaml": _other(repository)})
    words = ["--env", "staging", "--reason", "x", "--repo", repository, "--format", "json"]
    done = gatekeeper("rollback", *words, env=stores["server"].env)
    assert json.loads(done.stdout)["promotion"]["alias"] == expected


def _other(repository: Path) -> str:
    return (
        shown(repository, "environments/staging/churn/kustomization.yaml").replace("1.4.2", "2.0").replace("ccc", "ddd")
    )


def test_without_a_version_or_a_server_nothing_is_promoted(gatekeeper: Command, tmp_path: Path) -> None:
    repository = make_repository(tmp_path)
    path = "environments/staging.yaml"
    change(repository, {path: f"{shown(repository, path)}\n  registry: {{type: mlflow, alias: champion}}\n"})
    before = tip(repository)
    words = ["--env", "staging", "--repo", repository, "--evidence", write_fresh_reports(tmp_path)]
    done = gatekeeper("promote", *words, "--artifact", IMAGE)
    assert (done.code, tip(repository)) == (2, before)
    assert "says no version of a model" in done.stderr
    spec = {"image": IMAGE, "model": {"name": "churn", "version": "1"}}
    (tmp_path / "a.json").write_text(json.dumps({"apiVersion": "gatekeeper/v1", "kind": "Artifact", "spec": spec}))
    done = gatekeeper("promote", *words, "--artifact", tmp_path / "a.json")
    assert (done.code, tip(repository)) == (2, before)
    assert "nobody says where the model registry is" in done.stderr


@pytest.fixture
def server() -> Iterator[HttpServer]:
    with HttpServer() as running:
        yield running


def test_credentials_go_to_the_server_that_they_are_for(server: HttpServer) -> None:
    server.answers(ALIAS, reply(body=b'{"model_version": {"version": "3"}}'))
    told = {"MLFLOW_TRACKING_URI": f"{server.url}/", "MLFLOW_TRACKING_TOKEN": TOKEN}
    for given in (None, server.url):
        assert open_registry(HttpDoor(), given, told).alias("churn", "champion") == "3"
        assert server.asked[-1].headers["authorization"] == f"Bearer {TOKEN}"
    assert open_registry(HttpDoor(), server.url, {}).alias("churn", "champion") == "3"
    assert "authorization" not in server.asked[-1].headers


@pytest.mark.parametrize(
    ("given", "told", "says"),
    [
        ("https://evil.example", {"MLFLOW_TRACKING_URI": "https://mlflow.example"}, "gets no credentials"),
        ("https://mlflow.example:444", {"MLFLOW_TRACKING_URI": "https://mlflow.example"}, "gets no credentials"),
        ("https://mlflow.example/x", {"MLFLOW_TRACKING_URI": "https://mlflow.example"}, "gets no credentials"),
        ("http://mlflow.example", {"MLFLOW_TRACKING_URI": "https://mlflow.example"}, "gets no credentials"),
        ("https://mlflow.example", {"MLFLOW_TRACKING_TOKEN": TOKEN}, "for which server"),
        (None, {"MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"}, "at a server of MLflow only"),
        ("file:///x", {}, "at a server of MLflow only"),
        (None, {}, "nobody says where"),
        ("https://mlflow.example:99999999", {"MLFLOW_TRACKING_URI": "https://mlflow.example"}, "is no URL"),
    ],
)
def test_an_address_that_is_not_meant_is_refused(given: str | None, told: dict[str, str], says: str) -> None:
    with pytest.raises(InvalidRequestError, match=says) as caught:
        open_registry(HttpDoor(), given, told)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"model_version": 7}', b'{"model_version": {"version": null}}', b"\xff" * 100],
)
def test_answers_that_are_not_mlflows_are_not_believed(server: HttpServer, body: bytes) -> None:
    server.answers(ALIAS, reply(body=body))
    with pytest.raises(CannotActError):
        open_registry(HttpDoor(), server.url, {}).alias("churn", "champion")


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 429, 500])
def test_a_refusal_shows_none_of_the_servers_text(server: HttpServer, status: int) -> None:
    body = json.dumps({"error_code": "::error::pwned", "message": f"\x1b[2J{TOKEN}"}).encode()
    server.answers(ALIAS, reply(status, body=body))
    with pytest.raises(CannotActError) as caught:
        open_registry(HttpDoor(), server.url, {}).set_alias("churn", "champion", "1")
    assert "pwned" not in str(caught.value)
    assert TOKEN not in str(caught.value)
    assert len([one for one in server.asked if one.method == "POST"]) == 1
