"""Metrics as JSON: flat, nested, or with sample sizes and intervals as `{value, n, lower, upper, level, se}`.

Read as they are: what training scripts write, the keys of MLflow's evaluate, SageMaker's `evaluation.json`
(`<task>_metrics.<metric>.{value, standard_deviation}`), W&B summaries, and `dvc metrics show --json`. Booleans,
strings, null and lists are not numbers: they are left out and counted, and a rule that reads one of them is missing.
"""

from __future__ import annotations

from typing import Any

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.quoting import shown
from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.facts import Metrics

NAME = "json"
KIND = "metrics"

MAX_METRICS = 50_000
MAX_NAME = 1000

_PARTS = frozenset({"value", "n", "lower", "upper", "level", "se"})


def claims(report: Opened) -> bool:
    """Whether this is a JSON object. The registry asks only after every other producer."""
    return report.form == "json" and isinstance(report.json, dict)


def read(report: Opened) -> Reading:
    """Every number by its name. Raises NotEvaluatedError where there is none, EvidenceError for a false interval."""
    found = _Found()
    if isinstance(report.json, dict):
        for document in _documents(report.json):
            found.members(document, "")
    if not found.values:
        raise NotEvaluatedError("no metric: the report holds no named number")
    facts = Metrics(
        values=found.values, n=found.n, lower=found.lower, upper=found.upper, level=found.level, se=found.se
    )
    return Reading(facts=facts, counts={"metrics": len(found.values), "ignored": found.ignored})


def _documents(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The documents to read: the one given, or the files that `dvc metrics show --json` has put inside."""
    if not _is_dvc(document):
        return [document]
    if len(document) > 1:
        raise EvidenceError("`dvc metrics show` of several revisions; show the one to be judged")
    (revision,) = document.values()
    if "error" in revision:
        raise NotEvaluatedError("dvc could not read the metrics of the revision")
    files = revision["data"]
    if any("error" in file for file in files.values()):
        raise NotEvaluatedError("dvc could not read one of the metrics files")
    return [content if isinstance(content := file["data"], dict) else {name: content} for name, file in files.items()]


def _is_dvc(document: dict[str, Any]) -> bool:
    return bool(document) and all(_is_dvc_part(part, inner=True) for part in document.values())


def _is_dvc_part(part: Any, *, inner: bool) -> bool:
    if not isinstance(part, dict) or len(part) != 1:
        return False
    if "error" in part:
        return isinstance(part["error"], dict)
    if not inner:
        return "data" in part
    files = part.get("data")
    return isinstance(files, dict) and all(_is_dvc_part(file, inner=False) for file in files.values())


class _Found:
    def __init__(self) -> None:
        self.values: dict[str, float] = {}
        self.n: dict[str, int] = {}
        self.lower: dict[str, float] = {}
        self.upper: dict[str, float] = {}
        self.level: dict[str, float] = {}
        self.se: dict[str, float] = {}
        self.ignored = 0

    def members(self, node: dict[str, Any], above: str) -> None:
        if len(above) > MAX_NAME:
            raise EvidenceError(f"a name is longer than {MAX_NAME} once nested names are joined with dots")
        for key, value in node.items():
            self.member(f"{above}.{key}" if above else key, value)

    def member(self, name: str, value: Any) -> None:
        if isinstance(value, dict):
            if "value" in value:
                self.estimate(name, value)
            else:
                self.members(value, name)
        elif (number := _number(value)) is not None:
            self.add(name, number)
        else:
            self.ignored += 1

    def add(self, name: str, number: float) -> None:
        if name in self.values:
            raise EvidenceError(f"two metrics are called {shown(name)} once nested names are joined with dots")
        if len(name) > MAX_NAME or len(self.values) >= MAX_METRICS:
            raise EvidenceError(f"more than {MAX_METRICS} metrics, or a name longer than {MAX_NAME}")
        self.values[name] = number

    def estimate(self, name: str, node: dict[str, Any]) -> None:
        """A number with what is known about it. Without a number the rest says nothing, and is left out with it."""
        value = _number(node["value"])
        if value is None:
            self.ignored += 1
            return
        self.add(name, value)
        parts = {key: number for key in _PARTS & node.keys() if (number := _number(node[key])) is not None}
        self.ignored += len(_PARTS & node.keys()) - len(parts)
        _check(name, parts)
        for key in ("lower", "upper", "level", "se"):
            if key in parts:
                getattr(self, key)[name] = parts[key]
        if "n" in parts:
            self.n[name] = int(node["n"])
        self.members({key: member for key, member in node.items() if key not in _PARTS}, name)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _check(name: str, parts: dict[str, float]) -> None:
    value = parts["value"]
    if "n" in parts and not (parts["n"] >= 0 and parts["n"].is_integer() and parts["n"] < 2**63):
        raise EvidenceError(f"the n of {shown(name)} is not a whole number of cases")
    if not parts.get("lower", value) <= value <= parts.get("upper", value):
        raise EvidenceError(f"the value of {shown(name)} lies outside its own interval")
    if not 0 < parts.get("level", 0.5) < 1:
        raise EvidenceError(f"the level of {shown(name)} is not between 0 and 1")
    if parts.get("se", 0.0) < 0:
        raise EvidenceError(f"the standard error of {shown(name)} is negative")
