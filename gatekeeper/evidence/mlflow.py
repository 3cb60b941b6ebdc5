"""An MLflow run: the answer of `runs/get`, or what gatekeeper recorded of it from a server, a database or a folder.

Format: MLflow's REST API, `{"run": {"info", "data", "inputs", "outputs"}}`; a recorded one also has `"schema"`, and
`"last"`, the values of each metric at its greatest step and time. MLflow itself shows the largest of several such
values, which flatters; here they are an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import mapping, sequence, text
from gatekeeper.evidence.quoting import shown
from gatekeeper.evidence.times import milliseconds
from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.facts import Metrics

NAME = "mlflow"
KIND = "metrics"
SCHEMA = "gatekeeper.mlflow/v1"

MAX_ITEMS = 20_000
INFINITE = 1.7976931348623157e308
"""What MLflow's databases keep in place of an infinity."""

_SHA256 = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?", re.ASCII)
_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,255}", re.ASCII)
_ENDED = {"RUNNING": "is still running", "SCHEDULED": "has not begun", "FAILED": "failed", "KILLED": "was killed"}
_CODES = frozenset({"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE", "PERMISSION_DENIED", "INTERNAL_ERROR"})

COMMIT_TAG = "mlflow.source.git.commit"
MODEL_TAG = "gatekeeper.model.digest"
DATASET_TAG = "gatekeeper.dataset."


def claims(report: Opened) -> bool:
    """Whether this is the answer of `runs/get`, or the error that came in its place."""
    document = report.json
    if not isinstance(document, dict):
        return False
    run = document.get("run")
    return (isinstance(run, dict) and isinstance(run.get("info"), dict)) or _is_refusal(document)


def read(report: Opened) -> Reading:
    """The run's last metrics, parameters, tags and data sets; its subjects are the run, commit, model and data sets.

    Raises NotEvaluatedError for a run that is not FINISHED, was deleted or holds no metric, EvidenceError for a metric
    that is not finite or has two last values.
    """
    document = mapping(report.json, "the report")
    if _is_refusal(document):
        raise NotEvaluatedError(f"MLflow answered {_code(document)} in place of a run")
    run = mapping(document.get("run"), "run")
    run_id = _finished(mapping(run.get("info"), "run.info"))
    data = mapping(run.get("data", {}), "run.data")
    values = _metrics(data, mapping(document.get("last", {}), "last"))
    tags, datasets = _pairs(data, "tags"), _datasets(run)
    if not values:
        raise NotEvaluatedError("the run holds no metric")
    facts = Metrics(values=values, params=_pairs(data, "params"), tags=tags, datasets=datasets)
    return Reading(
        facts=facts,
        subjects=(f"mlflow:{run_id}", *_said_digests(tags), *(one for one in datasets.values() if ":" in one)),
        produced_at=milliseconds(run["info"].get("end_time")),
        counts={"metrics": len(values)},
    )


def _is_refusal(document: dict[str, Any]) -> bool:
    return document.keys() <= {"error_code", "message"} and isinstance(document.get("error_code"), str)


def _code(document: dict[str, Any]) -> str:
    return document["error_code"] if document["error_code"] in _CODES else "an error"


def _finished(info: dict[str, Any]) -> str:
    """The run's id. Raises NotEvaluatedError unless it is active and has ended well."""
    run_id = text(info.get("run_id") or info.get("run_uuid"), "run.info.run_id")
    if not _RUN.fullmatch(run_id):
        raise EvidenceError("run.info.run_id is not the id of a run")
    if info.get("lifecycle_stage") != "active":
        raise NotEvaluatedError("the run was deleted")
    status = info.get("status")
    if status != "FINISHED":
        raise NotEvaluatedError(
            f"the run {_ENDED.get(status if isinstance(status, str) else '', 'has no known status')}"
        )
    return run_id


def _metrics(data: dict[str, Any], last: dict[str, Any]) -> dict[str, float]:
    found: dict[str, float] = {}
    for item in _items(data, "metrics"):
        name = text(item.get("key"), "the key of a metric")
        if name in found:
            raise EvidenceError(f"metric {shown(name)} stands twice")
        found[name] = _last(name, last, _finite(item.get("value"), name))
    return found


def _last(name: str, last: dict[str, Any], value: float) -> float:
    values = {_finite(one, name) for one in sequence(last.get(name, [value]), f"last.{shown(name)}")}
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


def _items(data: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    items = sequence(data.get(key), f"run.data.{key}")
    if len(items) > MAX_ITEMS:
        raise EvidenceError(f"run.data.{key} holds more than {MAX_ITEMS}")
    return (mapping(item, f"run.data.{key}[{index}]") for index, item in enumerate(items))


def _pairs(data: dict[str, Any], key: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in _items(data, key):
        name = text(item.get("key"), f"a key of run.data.{key}")
        if name in found:
            raise EvidenceError(f"{shown(name)} stands twice in run.data.{key}")
        found[name] = text(item.get("value"), f"{shown(name)} in run.data.{key}")
    return found


def _datasets(run: dict[str, Any]) -> dict[str, str]:
    """Digests by name. Two versions of one data set are one entry each, told apart by their digests."""
    inputs = {} if run.get("inputs") is None else mapping(run["inputs"], "run.inputs")
    found: dict[str, str] = {}
    for index, item in enumerate(sequence(inputs.get("dataset_inputs"), "run.inputs.dataset_inputs")[:MAX_ITEMS]):
        dataset = mapping(mapping(item, f"dataset_inputs[{index}]").get("dataset"), f"dataset_inputs[{index}].dataset")
        name, digest = text(dataset.get("name"), "the name of a data set"), text(dataset.get("digest"), "its digest")
        key = name if found.get(name, digest) == digest else f"{name}@{digest}"
        found[key] = digest
    return found


def _said_digests(tags: dict[str, str]) -> Iterator[str]:
    """What the run's own tags bind it to: MLflow keeps no content digest of a model, and 8 digits of a data set's."""
    if _COMMIT.fullmatch(tags.get(COMMIT_TAG, "")):
        yield f"gitCommit:{tags[COMMIT_TAG]}"
    for name, value in tags.items():
        if (name == MODEL_TAG or name.startswith(DATASET_TAG)) and _SHA256.fullmatch(value):
            yield value
