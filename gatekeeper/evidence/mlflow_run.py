"""What is read of an MLflow run, whatever it is evidence of: who it is, whether it ended well, what it is about.

Format: the answer of `runs/get` of MLflow's REST API, `{"run": {"info", "data", "inputs", "outputs"}}`, or what
gatekeeper recorded of it, which also has `"schema"` and `"last"`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import mapping, sequence, text
from gatekeeper.evidence.quoting import shown
from gatekeeper.evidence.times import milliseconds
from gatekeeper.model.digests import is_commit, is_sha256
from gatekeeper.model.evidence import Opened

SCHEMA = "gatekeeper.mlflow/v1"
MAX_ITEMS = 20_000

COMMIT_TAG = "mlflow.source.git.commit"
MODEL_TAG = "gatekeeper.model.digest"
DATASET_TAG = "gatekeeper.dataset."

_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,255}", re.ASCII)
_ENDED = {"RUNNING": "is still running", "SCHEDULED": "has not begun", "FAILED": "failed", "KILLED": "was killed"}
_CODES = frozenset({"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE", "PERMISSION_DENIED", "INTERNAL_ERROR"})


class Run(Struct, frozen=True, kw_only=True):
    """A run that ended well. `data` is what was logged, `datasets` the digests of its inputs by name."""

    id: str
    ended_at: str | None
    data: dict[str, Any]
    params: dict[str, str]
    tags: dict[str, str]
    datasets: dict[str, str]

    @property
    def commit(self) -> str | None:
        """The source commit, where the tag `mlflow.source.git.commit` gives it in full."""
        commit = self.tags.get(COMMIT_TAG, "")
        return commit if is_commit(commit) else None

    @property
    def model(self) -> str | None:
        """The model's digest, where the tag `gatekeeper.model.digest` gives it: MLflow keeps none of its content."""
        digest = self.tags.get(MODEL_TAG, "")
        return digest if is_sha256(digest) else None

    @property
    def data_digests(self) -> dict[str, str]:
        """Digests of data sets in full, by name: the tags `gatekeeper.dataset.NAME`; MLflow itself keeps 8 digits."""
        tagged = {
            key.removeprefix(DATASET_TAG): value for key, value in self.tags.items() if key.startswith(DATASET_TAG)
        }
        return {name: value for name, value in tagged.items() if name and is_sha256(value)}

    @property
    def subjects(self) -> tuple[str, ...]:
        """All that the run is bound to."""
        commit = None if self.commit is None else f"gitCommit:{self.commit}"
        inputs = (digest for digest in self.datasets.values() if is_sha256(digest))
        found = (f"mlflow:{self.id}", commit, self.model, *self.data_digests.values(), *inputs)
        return tuple(one for one in found if one is not None)


def is_run(report: Opened) -> bool:
    """Whether this is the answer of `runs/get`, or the error that came in its place."""
    document = report.json
    if not isinstance(document, dict):
        return False
    run = document.get("run")
    return (isinstance(run, dict) and isinstance(run.get("info"), dict)) or _is_refusal(document)


def read_run(report: Opened) -> Run:
    """The run. Raises NotEvaluatedError unless it is FINISHED and active, EvidenceError for what is no run."""
    document = mapping(report.json, "the report")
    if _is_refusal(document):
        raise NotEvaluatedError(f"MLflow answered {_code(document)} in place of a run")
    run = mapping(document.get("run"), "run")
    info = mapping(run.get("info"), "run.info")
    run_id = _finished(info)
    data = mapping(run.get("data", {}), "run.data")
    return Run(
        id=run_id,
        ended_at=milliseconds(info.get("end_time")),
        data=data,
        params=_pairs(data, "params"),
        tags=_pairs(data, "tags"),
        datasets=_datasets(run),
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


def items(data: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    """The objects of a list of `run.data`. Raises EvidenceError for other things, and for more than `MAX_ITEMS`."""
    items = sequence(data.get(key), f"run.data.{key}")
    if len(items) > MAX_ITEMS:
        raise EvidenceError(f"run.data.{key} holds more than {MAX_ITEMS}")
    return (mapping(item, f"run.data.{key}[{index}]") for index, item in enumerate(items))


def _pairs(data: dict[str, Any], key: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for item in items(data, key):
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
