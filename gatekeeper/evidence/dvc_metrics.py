"""DVC's metrics: a file of nested numbers in YAML, or all of them as `dvc metrics show --json` prints them."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.quoting import shown
from gatekeeper.model.evidence import Reading
from gatekeeper.model.facts import Metrics

MAX_METRICS = 50_000
MAX_NAME = 1000


def is_shown(document: dict[str, Any]) -> bool:
    """Whether this is what `dvc metrics show --json` prints: objects with `data` or `error`, by revision."""
    return bool(document) and all(isinstance(part, dict) and _is_part(part) for part in document.values())


def _is_part(part: dict[str, Any]) -> bool:
    return part.keys() in ({"data"}, {"error"})


def read_shown(document: dict[str, Any]) -> Reading:
    """The metrics of the one revision. Raises NotEvaluatedError where DVC could not read a file: it ends with 0."""
    if len(document) > 1:
        raise EvidenceError("`dvc metrics show` of several revisions; show the one to be judged")
    (revision,) = document.values()
    files = revision.get("data")
    if "error" in revision or not isinstance(files, dict):
        raise NotEvaluatedError("dvc could not read the metrics of the revision")
    if not all(isinstance(file, dict) and _is_part(file) for file in files.values()):
        raise EvidenceError("a file is not as `dvc metrics show` prints it")
    if any("error" in file for file in files.values()):
        raise NotEvaluatedError("dvc could not read one of the metrics files")
    contents = {name: file["data"] for name, file in files.items()}
    return read_metrics([file if isinstance(file, dict) else {name: file} for name, file in contents.items()])


def read_metrics(documents: list[dict[str, Any]]) -> Reading:
    """Every number by its name, nested names joined with dots as DVC shows them.

    Raises NotEvaluatedError where there is no number, EvidenceError for NaN and for names that are equal once joined.
    """
    values: dict[str, float] = {}
    ignored = 0
    for name, value in (leaf for document in documents for leaf in _leaves(document, "")):
        if isinstance(value, bool) or not isinstance(value, int | float):
            ignored += 1
            continue
        _check(name, value, values)
        values[name] = float(value)
    if not values:
        raise NotEvaluatedError("no metric: the report holds no named number")
    return Reading(facts=Metrics(values=values), counts={"metrics": len(values), "ignored": ignored})


def _leaves(node: dict[str, Any], above: str) -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        name = f"{above}.{key}" if above else key
        if len(name) > MAX_NAME:
            raise EvidenceError(f"a name is longer than {MAX_NAME} once nested names are joined with dots")
        if isinstance(value, dict):
            yield from _leaves(value, name)
        else:
            yield name, value


def _check(name: str, value: float, values: dict[str, float]) -> None:
    if not isfinite(value):
        raise EvidenceError(f"the metric {shown(name)} is not finite")
    if name in values:
        raise EvidenceError(f"two metrics are called {shown(name)} once nested names are joined with dots")
    if len(values) >= MAX_METRICS:
        raise EvidenceError(f"there are more than {MAX_METRICS} metrics")
