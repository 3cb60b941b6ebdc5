"""An MLflow run's metrics: the answer of `runs/get`, or what gatekeeper recorded of a server, a database or a folder.

A recorded run has `"last"`, the values of each metric at its greatest step and time, where there are several. MLflow
itself shows the largest of them, which flatters; here they are an error.
"""

from __future__ import annotations

from typing import Any

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import mapping, sequence, text
from gatekeeper.evidence.mlflow_run import is_run, items, read_run
from gatekeeper.evidence.quoting import shown
from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.facts import Metrics

NAME = "mlflow"
KIND = "metrics"

INFINITE = 1.7976931348623157e308
"""What MLflow's databases keep in place of an infinity."""


def claims(report: Opened) -> bool:
    """Whether this is the answer of `runs/get`, or the error that came in its place."""
    return is_run(report)


def read(report: Opened) -> Reading:
    """The run's last metrics, parameters, tags and data sets; its subjects are the run, commit, model and data sets.

    Raises NotEvaluatedError for a run that is not FINISHED, was deleted or holds no metric, EvidenceError for a metric
    that is not finite or has two last values.
    """
    run = read_run(report)
    values = _metrics(run.data, mapping(report.json.get("last", {}), "last"))
    if not values:
        raise NotEvaluatedError("the run holds no metric")
    facts = Metrics(values=values, params=run.params, tags=run.tags, datasets=run.datasets)
    counts = {"metrics": len(values)}
    return Reading(facts=facts, subjects=run.subjects, produced_at=run.ended_at, counts=counts)


def _metrics(data: dict[str, Any], last: dict[str, Any]) -> dict[str, float]:
    found: dict[str, float] = {}
    for item in items(data, "metrics"):
        name = text(item.get("key"), "the key of a metric")
        if name in found:
            raise EvidenceError(f"metric {shown(name)} stands twice")
        found[name] = _last(name, last, _finite(item.get("value"), name))
    return found


def _last(name: str, last: dict[str, Any], value: float) -> float:
    values = {_finite(one, name) for one in sequence(last.get(name, [value]), f"last.{shown(name)}")}
    if len(values) == 1 and values != {value}:
        raise EvidenceError(f"the value that MLflow shows of metric {shown(name)} is not the one that was logged last")
    if values != {value}:
        raise EvidenceError(
            f"metric {shown(name)} was logged with several values at its last step and time",
            "Log it once, or with a step of its own.",
        )
    return value


def _finite(value: Any, name: str) -> float:
    """A metric's value. MLflow writes NaN as text; its databases keep an infinity as the largest float."""
    if type(value) not in (int, float) or value - value != 0 or abs(value) >= INFINITE:
        raise EvidenceError(f"metric {shown(name)} is not a finite number")
    return float(value)
