"""MLflow's three stores, each filled by MLflow itself; the server is a real one."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.corpus import ROOT
from tests.servers.components import component, need, running

RUNS = ROOT / "tests" / "servers" / "mlflow_runs.py"
KINDS = ("server", "sqlite", "files")
COMMIT = "9f2c6ab5a1d84e0f9d3b7c6e5a4f3b2c1d0e9f8a"
MODEL = "sha256:" + "1a" * 32
TRAIN = "sha256:" + "2b" * 32


class Filled(NamedTuple):
    """A store: where it is, and its runs by what is special about each."""

    uri: str
    runs: dict[str, str]

    @property
    def env(self) -> dict[str, str]:
        """What points gatekeeper at it."""
        return {"MLFLOW_TRACKING_URI": self.uri}


def fill(uri: str) -> Filled:
    """Write the runs into the store at `uri`."""
    python = component("mlflow", "python")
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_ALLOW_FILE_STORE": "true", "GIT_PYTHON_REFRESH": "quiet"}
    written = subprocess.run([python, "-P", RUNS, uri], capture_output=True, text=True, env={**os.environ, **quiet})
    assert written.returncode == 0, written.stderr
    return Filled(uri, json.loads(written.stdout.splitlines()[-1]))


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Filled]]:
    """All three, filled alike."""
    need("mlflow", bool(component("mlflow", "python", check=False)))
    place = tmp_path_factory.mktemp("mlflow")
    with running("mlflow", place / "state") as url:
        uris = (url, f"sqlite:///{place / 'runs.db'}", (place / "mlruns").as_uri())
        yield {kind: fill(uri) for kind, uri in zip(KINDS, uris, strict=True)}
