from __future__ import annotations

import pytest

from churn import data, measure


def test_groups_add_up_to_all_rows(fitted, rows):
    counts = measure.group_counts(fitted, rows[1])
    groups = counts["groups"].values()
    assert sum(group["n"] for group in groups) == counts["n"] == len(rows[1])
    assert sum(group["positives"] for group in groups) == data.answers(rows[1]).sum()


def test_group_counts_agree_with_the_metrics(fitted, rows):
    metrics, groups = measure.metrics(fitted, rows[1]), measure.group_counts(fitted, rows[1])["groups"].values()
    selected = sum(group["selected"] for group in groups)
    assert selected / len(rows[1]) == pytest.approx(metrics["positive_rate"]["value"], abs=1e-6)
    assert all(group["true_positives"] + group["false_positives"] == group["selected"] for group in groups)


def test_every_estimate_has_its_sample_size(fitted, rows):
    metrics = measure.metrics(fitted, rows[1])
    assert {name for name, value in metrics.items() if not isinstance(value, dict)} == {"inference_100_rows_ms"}
    assert {value["n"] for value in metrics.values() if isinstance(value, dict)} == {len(rows[1])}
