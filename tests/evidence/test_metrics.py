"""`json`: every number by its name, and nothing that is not one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.json import MAX_METRICS, MAX_NAME, read
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.facts import Metrics
from tests.corpus import corpus_files
from tests.evidence.reports import opened


def facts(document: Any) -> Metrics:
    found = read(opened(document)).facts
    assert isinstance(found, Metrics)
    return found


def test_in_a_flat_file_every_number_is_a_metric() -> None:
    found = facts({"accuracy": 0.9, "n": 5000, "value": 1, "-": -0.0})
    assert found == Metrics(values={"accuracy": 0.9, "n": 5000.0, "value": 1.0, "-": -0.0})
    assert all(type(value) is float for value in found.values.values())


def test_nested_names_are_joined_with_dots() -> None:
    assert facts({"test": {"roc": {"auc": 1}}, "train": {"loss": 2.5}}).values == {
        "test.roc.auc": 1.0,
        "train.loss": 2.5,
    }


def test_sizes_and_intervals_stand_beside_the_estimate() -> None:
    node = {"value": 0.9, "n": 5000.0, "lower": 0.88, "upper": 0.92, "level": 0.95, "se": 0.01, "standard_deviation": 2}
    found = facts({"accuracy": node})
    assert found == Metrics(
        values={"accuracy": 0.9, "accuracy.standard_deviation": 2.0},
        n={"accuracy": 5000},
        lower={"accuracy": 0.88},
        upper={"accuracy": 0.92},
        level={"accuracy": 0.95},
        se={"accuracy": 0.01},
    )
    assert type(found.n["accuracy"]) is int


def test_an_estimate_that_is_no_number_takes_its_size_with_it() -> None:
    reading = read(opened({"accuracy": {"value": None, "n": 5000}, "f1": 0.5}))
    assert reading.facts == Metrics(values={"f1": 0.5})
    assert reading.counts == {"metrics": 1, "ignored": 1}


def test_what_is_not_a_number_is_left_out_and_counted() -> None:
    reading = read(
        opened({"a": True, "b": "0.9", "c": None, "d": [0.9], "e": {"f": False}, "g": 1, "h": {"value": 1, "n": "5"}})
    )
    assert reading.facts.values == {"g": 1.0, "h": 1.0}
    assert reading.facts.n == {}
    assert reading.counts == {"metrics": 2, "ignored": 6}


@pytest.mark.parametrize(
    "document", [{}, [], [{"accuracy": 0.9}], {"a": "0.9"}, {"a": True}, {"a": {}}, {"a": [1]}, "0.588"]
)
def test_no_number_is_not_evaluated(document: Any) -> None:
    with pytest.raises(NotEvaluatedError, match="no metric"):
        read(opened(document))


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"a": {"b": 1}, "a.b": 2}, "two metrics are called 'a.b'"),
        ({"a": {"value": 1, "b": 2}, "a.b": 2}, "two metrics are called 'a.b'"),
        ({"a": {"value": 0.5, "lower": 0.6}}, "outside its own interval"),
        ({"a": {"value": 0.5, "lower": 0.4, "upper": 0.45}}, "outside its own interval"),
        ({"a": {"value": 0.5, "n": -1}}, "the n of 'a' is not a whole number"),
        ({"a": {"value": 0.5, "n": 10.5}}, "the n of 'a' is not a whole number"),
        ({"a": {"value": 0.5, "n": 1e300}}, "the n of 'a' is not a whole number"),
        ({"a": {"value": 0.5, "level": 95}}, "the level of 'a' is not between 0 and 1"),
        ({"a": {"value": 0.5, "se": -0.1}}, "the standard error of 'a' is negative"),
        ({"a" * (MAX_NAME + 1): 1}, "longer than"),
        ({"a" * (MAX_NAME + 1): {"b": "c"}}, "longer than"),
        ({str(index): index for index in range(MAX_METRICS + 1)}, "more than"),
    ],
)
def test_what_contradicts_itself_is_refused(document: Any, reason: str) -> None:
    with pytest.raises(EvidenceError, match=reason):
        read(opened(document))


SAGEMAKER = {
    "binary_classification_metrics": {
        "accuracy": {"value": 0.9, "standard_deviation": "NaN"},
        "auc": {"value": 0.95, "standard_deviation": 0.01},
        "confusion_matrix": {"0": {"0": 180, "1": 3}},
        "receiver_operating_characteristic_curve": {"false_positive_rates": [0.0, 1.0]},
    }
}


def test_sagemakers_evaluation_is_read_under_its_own_names() -> None:
    assert facts(SAGEMAKER).values == {
        "binary_classification_metrics.accuracy": 0.9,
        "binary_classification_metrics.auc": 0.95,
        "binary_classification_metrics.auc.standard_deviation": 0.01,
        "binary_classification_metrics.confusion_matrix.0.0": 180.0,
        "binary_classification_metrics.confusion_matrix.0.1": 3.0,
    }


def test_dvc_metrics_show_is_unpacked() -> None:
    files = {"eval/metrics.json": {"data": {"test": {"auc": 0.9}}}, "auc.metric": {"data": 0.5}}
    assert facts({"": {"data": files}}).values == {"test.auc": 0.9, "auc.metric": 0.5}


@pytest.mark.parametrize(
    ("document", "kind", "reason"),
    [
        ({"": {"error": {"type": "FileNotFoundError", "msg": ""}}}, NotEvaluatedError, "of the revision"),
        (
            {"": {"data": {"a.json": {"error": {}}, "b.json": {"data": {"f1": 1}}}}},
            NotEvaluatedError,
            "one of the metrics files",
        ),
        ({"": {"data": {}}}, NotEvaluatedError, "no metric"),
        (
            {"": {"data": {"a": {"data": {"f1": 1}}}}, "main": {"data": {"a": {"data": {"f1": 2}}}}},
            EvidenceError,
            "several revisions",
        ),
        (
            {"": {"data": {"a": {"data": {"f1": 1}}, "b": {"data": {"f1": 2}}}}},
            EvidenceError,
            "two metrics are called 'f1'",
        ),
    ],
)
def test_dvc_is_not_believed_where_it_could_not_read(document: Any, kind: type[Exception], reason: str) -> None:
    with pytest.raises(kind, match=reason):
        read(opened(document))


def test_a_metric_called_data_is_not_dvcs() -> None:
    assert facts({"data": {"error": 0.1, "rows": 5}}).values == {"data.error": 0.1, "data.rows": 5.0}


NAMES = st.text(alphabet="ab", min_size=1, max_size=2)
NESTED = st.recursive(
    st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(2**63), 2**63 - 1)
    | st.booleans()
    | st.text(alphabet="ab01.")
    | st.none(),
    lambda inner: st.dictionaries(NAMES, inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=10,
)


def _numbers(node: Any, above: tuple[str, ...] = ()) -> dict[str, float]:
    if isinstance(node, dict):
        return {
            name: number for key, member in node.items() for name, number in _numbers(member, (*above, key)).items()
        }
    return {".".join(above): float(node)} if isinstance(node, int | float) and not isinstance(node, bool) else {}


@given(st.dictionaries(NAMES, NESTED, max_size=4))
def test_every_number_is_found_and_nothing_else(document: dict[str, Any]) -> None:
    expected = _numbers(document)
    found = envelope(json.dumps(document).encode(), source="m.json", producer="json")
    assert found.status == ("evaluated" if expected else "not_evaluated")
    assert found.facts.get("values", {}) == expected


@pytest.mark.corpus
@pytest.mark.parametrize("file", corpus_files("dvc/**/metrics.json"), ids=lambda file: file.parent.name)
def test_real_metrics_files(file: Any) -> None:
    found = envelope(file.read_bytes(), source=file.name)
    assert found.facts["values"] == _numbers(json.loads(file.read_bytes()))
