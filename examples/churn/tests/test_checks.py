from __future__ import annotations

from datetime import UTC, datetime

import pytest

from churn import checks, data

NOW = datetime(2026, 11, 23, 7, tzinfo=UTC)


@pytest.fixture(scope="module")
def frame():
    return data.load()


def failed(frame):
    return [name for name, passed, _ in checks.checks(frame) if not passed]


def test_the_data_passes_and_the_report_says_what_it_is_about(frame):
    report = checks.report(frame, NOW)
    assert failed(frame) == []
    assert (report["rows"], report["produced_at"]) == (5000, "2026-11-23T07:00:00+00:00")
    assert report["subjects"] == [f"sha256:{data.SHA256}"]
    assert len({check["name"] for check in report["checks"]}) == len(report["checks"])


@pytest.mark.parametrize(
    ("column", "value", "name"),
    [
        ("total_day_minutes", 1441.0, "no total_day_minutes out of range"),
        ("total_day_minutes", None, "no missing values"),
        ("area_code", "area_code_212", "no area codes that do not exist"),
        ("churn", "perhaps", "no answers that are neither yes nor no"),
    ],
)
def test_one_wrong_value_is_found(frame, column, value, name):
    changed = frame.copy()
    changed.loc[changed.index[0], column] = value
    assert name in failed(changed)


def test_a_row_that_stands_twice_is_found(frame):
    changed = frame.copy()
    changed.loc[changed.index[1], changed.columns != "rownames"] = frame.iloc[0, 1:].to_numpy()
    assert failed(changed) == ["no rows that stand twice"]


def test_a_column_too_few_is_found(frame):
    assert failed(frame.drop(columns="state")) == ["has its columns"]
