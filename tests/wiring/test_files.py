"""Which files a set of specifications names, and as what: nothing vanishes that was given, nothing is read twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gatekeeper.wiring.evidence import collect
from tests.corpus import ROOT

RUN = (ROOT / "tests/fixtures/mlflow-lineage/run.json").read_text()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/run.json").write_text(RUN)
    (tmp_path / "reports/metrics.json").write_text(json.dumps({"accuracy": 0.9}))


def _seen(*specs: str) -> list[tuple[str | None, str | None, str]]:
    read = collect(specs)
    return [(one.name, one.producer and one.producer.name, one.source.rpartition("/")[2]) for one in read]


@pytest.mark.parametrize(
    ("specs", "expected"),
    [
        (["mlflow:reports/run.json", "mlflow-lineage:reports/run.json"], {(None, "mlflow"), (None, "mlflow-lineage")}),
        (["m=mlflow:reports/run.json", "mlflow-lineage:reports/run.json"], {("m", "mlflow"), (None, "mlflow-lineage")}),
        (["mlflow-lineage:reports/run.json", "m=reports/run.json"], {(None, "mlflow-lineage"), ("m", "mlflow")}),
        (["a=reports/run.json", "b=reports/run.json"], {("a", "mlflow"), ("b", "mlflow")}),
    ],
)
def test_one_file_for_two_producers_or_names_is_read_for_each(
    specs: list[str], expected: set[tuple[str | None, str]]
) -> None:
    found = _seen(*specs)
    assert {(name, producer) for name, producer, _ in found} == expected
    assert len(found) == len(expected)


@pytest.mark.parametrize(
    ("specs", "expected"),
    [
        (["reports/", "m=reports/run.json"], ("m", "mlflow")),
        (["reports/", "mlflow-lineage:reports/run.json"], (None, "mlflow-lineage")),
        (["mlflow-lineage:reports/run.json", "reports/", "reports/run.json"], (None, "mlflow-lineage")),
        (["m=mlflow:reports/run.json", "mlflow:reports/run.json"], ("m", "mlflow")),
        (["reports/run.json", "./reports/../reports/run.json", "reports/*.json"], (None, "mlflow")),
    ],
)
def test_a_file_that_is_met_again_is_what_it_was_said_to_be(specs: list[str], expected: tuple[str | None, str]) -> None:
    found = [(name, producer) for name, producer, file in _seen(*specs) if file == "run.json"]
    assert found == [expected]
