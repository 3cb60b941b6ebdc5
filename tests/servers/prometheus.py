"""A real Prometheus with three days of samples up to now."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.servers.components import component, need, running
from tests.servers.prometheus_samples import openmetrics


class Prometheus(NamedTuple):
    """Where it answers, and when its last sample was."""

    url: str
    end: int

    @property
    def env(self) -> dict[str, str]:
        """What points gatekeeper at it."""
        return {"PROMETHEUS_URL": self.url}


@pytest.fixture(scope="session")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """The server, started once."""
    need("prometheus", bool(component("prometheus", "version", check=False)))
    place = tmp_path_factory.mktemp("prometheus")
    end = int(time.time())
    (place / "samples.txt").write_text(openmetrics(end))
    component("prometheus", "fill", place / "state", place / "samples.txt")
    with running("prometheus", place / "state") as url:
        yield Prometheus(url, end)
