"""MLflow's file store: `<experiment>/<run>/{meta.yaml,metrics,params,tags,inputs}` and `models/<name>/version-N`."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from typing import Any, Self

from gatekeeper.connect.mlflow.store import Logged
from gatekeeper.errors import CannotActError, EvidenceError, InvalidFileError, NotEvaluatedError
from gatekeeper.policy.yamltext import compose

MAX_BYTES = 8 * 1024 * 1024
MAX_ENTRIES = 20_000

_STATUS = {"1": "RUNNING", "2": "SCHEDULED", "3": "FINISHED", "4": "FAILED", "5": "KILLED"}
_ABSENT = (FileNotFoundError, NotADirectoryError)
"""What is not there. What may not be read is no absence: a run that is not seen could be the one that was meant."""
_NAME = re.compile(r"[^/\\\0]{1,250}")


class FileStore:
    """A folder that MLflow writes, such as `mlruns`. Links out of it are not followed."""

    def __init__(self, root: str) -> None:
        if not os.path.isdir(root):
            raise CannotActError("the folder of MLFLOW_TRACKING_URI does not exist")
        self.root = os.path.realpath(root)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def run(self, run_id: str) -> dict[str, Any] | None:
        """The one folder of that name in any experiment, the deleted ones in `.trash` too."""
        found = [folder for folder in self._experiments() if self._text(f"{folder}/{run_id}/meta.yaml") is not None]
        if len(found) > 1:
            raise EvidenceError("two experiments hold a run of this id")
        return self._run(f"{found[0]}/{run_id}") if found else None

    def runs(self, experiment: str) -> Iterator[dict[str, Any]]:
        """The runs of the one active experiment of that name."""
        named = [one for one in self._experiments() if self._is_named(one, experiment)]
        if len(named) != 1:
            raise NotEvaluatedError("two experiments have that name" if named else "MLflow has no such experiment")
        for entry in self._names(named[0]):
            if self._text(f"{named[0]}/{entry}/meta.yaml") is not None:
                yield self._run(f"{named[0]}/{entry}")

    def history(self, run_id: str, key: str) -> list[Logged]:
        """The lines of `metrics/<key>`."""
        for folder in self._experiments():
            lines = self._text(f"{folder}/{run_id}/metrics/{key}")
            if lines is not None:
                return _logged(lines)
        return []

    def version(self, name: str, version: str) -> dict[str, Any] | None:
        """`models/<name>/version-N`, with its tags and the aliases that stand for it."""
        folder = f"models/{_named(name)}/version-{_named(version)}"
        meta = self._meta(folder)
        if meta is None:
            return None
        aliases = [alias for alias in self._names(f"models/{name}/aliases") if self.aliased(name, alias) == version]
        said: dict[str, Any] = {
            key: meta[key] for key in ("name", "version", "current_stage", "source", "run_id", "status") if key in meta
        }
        return {**said, "tags": self._pairs(f"{folder}/tags"), "aliases": aliases}

    def aliased(self, name: str, alias: str) -> str | None:
        """The content of `models/<name>/aliases/<alias>`."""
        text = self._text(f"models/{_named(name)}/aliases/{_named(alias)}")
        return None if text is None else text.strip()

    def _experiments(self) -> list[str]:
        here = [name for name in self._names("") if name not in ("models", ".trash")]
        return [*here, *(f".trash/{name}" for name in self._names(".trash"))]

    def _is_named(self, folder: str, experiment: str) -> bool:
        meta = self._meta(folder) or {}
        return meta.get("name") == experiment and meta.get("lifecycle_stage") == "active"

    def _run(self, folder: str) -> dict[str, Any]:
        meta = self._meta(folder) or {}
        if meta.get("run_id", meta.get("run_uuid")) != folder.rpartition("/")[2]:
            raise EvidenceError("the folder of a run holds the meta.yaml of another")
        info = {
            key: meta[key] for key in ("experiment_id", "start_time", "end_time", "lifecycle_stage") if meta.get(key)
        }
        info |= {"run_id": folder.rpartition("/")[2], "run_name": meta.get("run_name", "")}
        if folder.startswith(".trash/"):  # with its experiment; old versions of MLflow do not write it into the run
            info["lifecycle_stage"] = "deleted"
        info["status"] = _STATUS.get(meta.get("status", ""), "UNKNOWN")
        data = {
            "metrics": [self._metric(f"{folder}/metrics", name) for name in self._below(f"{folder}/metrics")],
            "params": self._pairs(f"{folder}/params"),
            "tags": self._pairs(f"{folder}/tags"),
        }
        return {"info": info, "data": data, "inputs": {"dataset_inputs": self._datasets(folder)}}

    def _metric(self, folder: str, name: str) -> dict[str, Any]:
        step, _, value = max(_logged(self._text(f"{folder}/{name}") or ""), key=lambda one: one[:2])
        return {"key": name, "value": value, "step": step}

    def _pairs(self, folder: str) -> list[dict[str, str]]:
        return [{"key": name, "value": self._text(f"{folder}/{name}") or ""} for name in self._below(folder)]

    def _datasets(self, folder: str) -> list[dict[str, Any]]:
        experiment = folder.rpartition("/")[0]
        found = []
        for name in self._names(f"{folder}/inputs"):
            meta = self._meta(f"{folder}/inputs/{name}") or {}
            if meta.get("source_type") == "DATASET":
                dataset = self._meta(f"{experiment}/datasets/{_named(meta.get('source_id', ''))}") or {}
                found.append({"dataset": {key: dataset.get(key) for key in ("name", "digest", "source_type")}})
        return found

    def _meta(self, folder: str) -> dict[str, str] | None:
        """The plain values of a `meta.yaml`, as the text that stands there: what looks like a number is an id, too."""
        text = self._text(f"{folder}/meta.yaml")
        if text is None:
            return None
        try:
            (tree,) = compose(text.encode(), "meta.yaml")
        except (InvalidFileError, ValueError) as fault:
            raise EvidenceError("a meta.yaml of the store cannot be read") from fault
        keys = tree.value if isinstance(tree.value, dict) else {}
        nodes = {str(key): tree.node(key) for key in keys}
        return {key: node.value for key, node in nodes.items() if node is not None and node.id == "scalar"}

    def _below(self, folder: str) -> list[str]:
        """The files under a folder, by their path from it: a metric may be called `val/accuracy`."""
        found: list[str] = []
        for name in self._names(folder):
            if os.path.isdir(os.path.join(self.root, folder, name)):
                found += [f"{name}/{inner}" for inner in self._below(f"{folder}/{name}")]
            else:
                found.append(name)
            if len(found) > MAX_ENTRIES:
                raise EvidenceError(f"a folder of the store holds more than {MAX_ENTRIES} files")
        return found

    def _names(self, folder: str) -> list[str]:
        try:
            names = os.listdir(self._place(folder))
        except _ABSENT:
            return []
        if len(names) > MAX_ENTRIES:
            raise EvidenceError(f"a folder of the store holds more than {MAX_ENTRIES} files")
        return sorted(name for name in names if name == ".trash" or not name.startswith("."))

    def _text(self, path: str) -> str | None:
        place = self._place(path)
        try:
            if not stat.S_ISREG(os.stat(place).st_mode):
                return None
        except _ABSENT:
            return None
        with open(place, "rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise EvidenceError(f"a file of the store is larger than {MAX_BYTES} bytes")
        try:
            return data.decode()
        except UnicodeDecodeError as fault:
            raise EvidenceError("a file of the store is not UTF-8") from fault

    def _place(self, path: str) -> str:
        place = os.path.realpath(os.path.join(self.root, path))
        if place != self.root and not place.startswith(self.root + os.sep):
            raise EvidenceError("a link leads out of the folder of MLFLOW_TRACKING_URI")
        return place


def _named(name: str) -> str:
    if not _NAME.fullmatch(name) or name in (".", ".."):
        raise NotEvaluatedError("MLflow has no model, version or alias of that name")
    return name


def _logged(text: str) -> list[Logged]:
    """Lines `time value [step]`; later versions of MLflow append a data set's name and digest."""
    found: list[Logged] = []
    for line in text.splitlines():
        parts = line.split(" ")
        try:
            found.append((int(parts[2]) if len(parts) > 2 else 0, int(parts[0]), _number(parts[1])))
        except (IndexError, ValueError) as fault:
            raise EvidenceError("a metric's file of the store is broken") from fault
    if not found:
        raise EvidenceError("a metric's file of the store is empty")
    return found


def _number(text: str) -> Any:
    value = float(text)
    return value if value - value == 0 else str(value)
