"""The ServiceLevel file: what must be asked, and what would make the answers mean nothing."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from gatekeeper.errors import InvalidFileError
from gatekeeper.policy.documents import load

RATES: dict[str, Any] = {
    "objective": 0.999,
    "windows": ["5m", "1h"],
    "errors": "sum(increase(bad[$window]))",
    "total": "sum(increase(all[$window]))",
}


def problems(**spec: Any) -> list[str]:
    """What is wrong with the file, in the order of its lines."""
    document = {
        "apiVersion": "gatekeeper/v1",
        "kind": "ServiceLevel",
        "metadata": {"name": "churn-api"},
        "spec": {key: value for key, value in {**RATES, **spec}.items() if value is not None},
    }
    try:
        load(yaml.safe_dump(document).encode(), "slo.yaml")
    except InvalidFileError as fault:
        return [problem.message for problem in fault.problems]
    return []


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"errors": None, "total": None, "error_ratio": "ratio[$window]"},
        {"errors": None, "total": None, "objective": None, "windows": None, "values": {"depth": "depth"}},
        {"server": "https://prometheus.example/prefix", "token_env": "PROMETHEUS_TOKEN", "user": "12345"},
        {"budget_window": "30d", "stale_after": "10m", "accept_infos": True},
        {"latency": {"metric": "took_seconds", "unit": "seconds", "window": "5m"}},
        {"ranges": {"load": {"query": "load", "over": "1h", "step": "1m", "take": "max"}}},
    ],
)
def test_a_file_that_is_read(spec: dict[str, Any]) -> None:
    assert problems(**spec) == []


NOTHING = {"errors": None, "total": None, "objective": None, "windows": None}


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (NOTHING, "nothing is asked"),
        ({**NOTHING, "values": {}}, "nothing is asked"),
        ({"total": None}, "do not make one error rate"),
        ({"errors": None}, "do not make one error rate"),
        ({"error_ratio": "ratio[$window]"}, "do not make one error rate"),
        ({"objective": None}, "`objective` is missing"),
        ({"windows": []}, "`windows` is missing"),
        ({"errors": None, "total": None, "values": {"a": "a"}}, "nothing is asked that `objective` could be for"),
        ({**NOTHING, "budget_window": "30d", "values": {"a": "a"}}, "`budget_window` could be for"),
        ({"total": "sum(increase(all[1h]))"}, "every window would have the same number"),
        ({"total": "sum(increase(all[$windows]))"}, "every window would have the same number"),
        ({"windows": ["1h", "60m"]}, "`60m` is as long as `1h`"),
        ({"windows": ["0s"]}, "a window of no length"),
        ({"windows": ["1y"]}, "not a duration"),
        ({"budget_window": "0d"}, "`budget_window` has no length"),
        ({"stale_after": "0s"}, "`stale_after` has no length"),
        ({"objective": 1.0}, "`objective`"),
        ({"objective": 0.0}, "`objective`"),
        ({"server": "https://user:secret@prometheus.example"}, "`server`"),
        ({"server": "https://prometheus.example/?token=secret"}, "`server`"),
        ({"server": "file:///etc/passwd"}, "`server`"),
        ({"token_env": "AWS_SECRET_ACCESS_KEY"}, "`token_env`"),
        ({"user": "alice"}, "`user` needs `token_env`"),
        ({"latency": {"metric": "took", "unit": "minutes", "window": "5m"}}, "`unit`"),
        ({"latency": {"metric": "took{}", "unit": "seconds", "window": "5m"}}, "`metric`"),
        ({"latency": {"metric": "took", "unit": "seconds", "window": "0m"}}, "`window` has no length"),
        ({"values": {"a b": "a"}}, "a b"),
        ({"ranges": {"a": {"query": "a", "over": "1h", "step": "1m", "take": "sum"}}}, "`take`"),
        ({"ranges": {"a": {"query": "a", "over": "1m", "step": "1h", "take": "max"}}}, "a step is at least 1s"),
        ({"ranges": {"a": {"query": "a", "over": "30d", "step": "1s", "take": "max"}}}, "more than 11000 points"),
        (
            {"values": {"a": "a"}, "ranges": {"a": {"query": "a", "over": "1h", "step": "1m", "take": "max"}}},
            "`a` stands in `values` too",
        ),
    ],
)
def test_a_file_that_is_refused(spec: dict[str, Any], message: str) -> None:
    found = problems(**spec)
    assert any(message in problem for problem in found), found
    assert "secret" not in " ".join(found)
