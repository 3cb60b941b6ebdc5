"""MLflow's recorded answers: a finished run with finite metrics is evaluated, everything else has a reason."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.evidence.reading import envelope
from gatekeeper.model.evidence import Envelope
from tests.corpus import ROOT

FIXTURES = ROOT / "tests" / "fixtures" / "mlflow"
RUN: dict[str, Any] = json.loads((FIXTURES / "run.json").read_text(encoding="utf-8"))
VERSION: dict[str, Any] = json.loads((FIXTURES / "model-version.json").read_text(encoding="utf-8"))


def read(document: object) -> Envelope:
    """The envelope of a document, whose producer its content tells."""
    return envelope(json.dumps(document).encode(), source="x.json")


def changed(document: dict[str, Any], path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    """A copy with one value replaced."""
    found: Any = (whole := copy.deepcopy(document))
    for step in path[:-1]:
        found = found[step]
    found[path[-1]] = value
    return whole


def test_a_recorded_answer_is_told_by_its_content() -> None:
    run, version = read(RUN), read(VERSION)
    assert (run.kind, run.producer and run.producer.name, run.status) == ("metrics", "mlflow", "evaluated")
    assert run.facts["values"] == {"accuracy": 0.91, "neg": -0.25, "val/f1": 0.875}
    assert run.facts["datasets"] == {"train": "0a1b2c3d"}
    assert (version.kind, version.producer and version.producer.name) == ("model", "mlflow-model")
    assert version.facts["aliases"] == ["champion"]
    assert "stage" not in version.facts


@pytest.mark.parametrize(
    ("path", "value", "status"),
    [
        (("run", "info", "status"), "RUNNING", "not_evaluated"),
        (("run", "info", "status"), "FAILED", "not_evaluated"),
        (("run", "info", "status"), 3, "not_evaluated"),
        (("run", "info", "status"), None, "not_evaluated"),
        (("run", "info", "lifecycle_stage"), "deleted", "not_evaluated"),
        (("run", "info", "lifecycle_stage"), None, "not_evaluated"),
        (("run", "info", "run_id"), "../..", "error"),
        (("run", "data", "metrics"), [], "not_evaluated"),
        (("run", "data", "metrics"), None, "not_evaluated"),
        (("run", "data", "metrics"), {}, "error"),
        (("run", "data"), [], "error"),
        (("run", "data", "metrics", 0, "value"), "NaN", "error"),
        (("run", "data", "metrics", 0, "value"), "0.91", "error"),
        (("run", "data", "metrics", 0, "value"), True, "error"),
        (("run", "data", "metrics", 0, "value"), 1.7976931348623157e308, "error"),
        (("run", "data", "metrics", 1, "key"), "accuracy", "error"),
        (("run", "data", "tags", 1, "key"), "mlflow.runName", "error"),
        (("run", "inputs"), [], "error"),
    ],
)
def test_what_is_no_finished_run_with_finite_metrics(path: tuple[str | int, ...], value: object, status: str) -> None:
    found = read(changed(RUN, path, value))
    assert found.status == status
    assert found.facts == {}
    assert found.reason


@pytest.mark.parametrize("status", ["PENDING_REGISTRATION", "FAILED_REGISTRATION", "", None, 1])
def test_a_version_that_is_not_ready_is_not_evaluated(status: object) -> None:
    assert read(changed(VERSION, ("model_version", "status"), status)).status in ("not_evaluated", "error")


def test_an_error_in_place_of_a_run_is_not_evaluated() -> None:
    found = read({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "Run '…' not found"})
    assert (found.status, found.reason) == (
        "not_evaluated",
        "MLflow answered RESOURCE_DOES_NOT_EXIST in place of a run",
    )
    assert "secret" not in str(read({"error_code": "secret", "message": "secret"}).reason)


def test_several_last_values_of_a_metric_are_an_error() -> None:
    several = {"schema": "gatekeeper.mlflow/v1", **RUN, "last": {"accuracy": [0.5, 0.91]}}
    assert read(several).status == "error"
    assert read({**several, "last": {"accuracy": [0.91, 0.91]}}).status == "evaluated"
    assert read({**several, "last": {"accuracy": []}}).status == "error"
    other = read({**several, "last": {"accuracy": [0.5]}})
    told = "the value that MLflow shows of metric 'accuracy' is not the one that was logged last"
    assert (other.status, other.reason) == ("error", told)


def test_only_digests_in_full_bind_a_run() -> None:
    tags = [
        {"key": "mlflow.source.git.commit", "value": "9f2c6ab"},
        {"key": "gatekeeper.model.digest", "value": "sha256:1a"},
        {"key": "gatekeeper.dataset.x", "value": "SHA256:" + "1a" * 32},
    ]
    assert read(changed(RUN, ("run", "data", "tags"), tags)).subjects == (f"mlflow:{RUN['run']['info']['run_id']}",)


def test_a_run_is_lineage_where_that_is_named() -> None:
    found = envelope(json.dumps(RUN).encode(), source="x.json", producer="mlflow-lineage")
    assert (found.kind, found.status) == ("lineage", "evaluated")
    assert found.facts == {
        "run": "mlflow:3f6a9d0c2b7e4f18a5c4d3e2f1b0a998",
        "commit": "9f2c6ab5a1d84e0f9d3b7c6e5a4f3b2c1d0e9f8a",
        "model": "sha256:" + "1a" * 32,
        "data": {"train": "sha256:" + "2b" * 32},
        "outputs": {},
    }
    assert found.subjects == read(RUN).subjects


@pytest.mark.parametrize("tags", [[], [{"key": "mlflow.source.git.commit", "value": "9f2c6ab"}]])
def test_a_run_that_names_nothing_in_full_is_no_lineage(tags: list[dict[str, str]]) -> None:
    bare = json.dumps(changed(RUN, ("run", "data", "tags"), tags)).encode()
    found = envelope(bare, source="x.json", producer="mlflow-lineage")
    assert (found.status, found.facts) == ("not_evaluated", {})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, member in inside for found in ((*path, key), *_paths(member, (*path, key)))]


@given(st.sampled_from(_paths(RUN)), JSON)
def test_whatever_stands_in_a_run_it_is_read_or_refused(path: tuple[str | int, ...], value: object) -> None:
    found = read(changed(RUN, path, value))
    assert (found.status == "evaluated") is bool(found.facts)
    if found.status == "evaluated":
        assert all(type(one) is float and abs(one) < 1.7e308 for one in found.facts.get("values", {}).values())


@given(st.sampled_from(_paths(VERSION)), JSON)
def test_whatever_stands_in_a_version_it_is_read_or_refused(path: tuple[str | int, ...], value: object) -> None:
    found = read(changed(VERSION, path, value))
    assert (found.status == "evaluated") is bool(found.facts)
