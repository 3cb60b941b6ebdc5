"""A policy and its cases in memory, and what running them gives."""

from __future__ import annotations

from typing import Any

import yaml

from gatekeeper.app.testing import Asked, run_tests
from gatekeeper.judge.cel import load_engine
from gatekeeper.model.project import Folders
from gatekeeper.model.tested import TestedCase, TestedPolicy, TestReport
from tests.trees import MemoryTree

HEAD = {"apiVersion": "gatekeeper/v1"}
ACCURACY = {"id": "accuracy", "metric": {"name": "accuracy", "min": 0.85}}
METRICS = {"metrics": {"kind": "metrics"}}
GOOD = {"metrics": {"values": {"accuracy": 0.9}}}


def policy(*rules: dict[str, Any], name: str = "p", version: str = "1.0.0", **spec: Any) -> dict[str, Any]:
    """A policy of these rules, each given why and remedy; with metrics as its evidence unless another is given."""
    return {
        **HEAD,
        "kind": "Policy",
        "metadata": {"name": name, "version": version},
        "spec": {"evidence": METRICS, "rules": [{"why": "w", "remedy": "r", **rule} for rule in rules], **spec},
    }


def case(case_name: str = "a case", /, **spec: Any) -> dict[str, Any]:
    """A case of the policy `p`."""
    usual = {"policy": "p", "expect": {"results": {}}}
    return {**HEAD, "kind": "PolicyTest", "metadata": {"name": case_name}, "spec": {**usual, **spec}}


def text(*documents: dict[str, Any]) -> str:
    """The documents as YAML, with numbers written as Python writes them."""
    return yaml.safe_dump_all(documents, sort_keys=False, default_flow_style=None, width=100)


def files(policies: list[dict[str, Any]], cases: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """The files of a project; further ones by path, with `__` for `/` and `_DOT_` for a dot."""
    made: dict[str, Any] = {f"policies/{number}.yaml": text(one) for number, one in enumerate(policies)}
    if cases:
        made["policies/tests/p/cases.yaml"] = text(*cases)
    return {**made, **{path.replace("__", "/").replace("_DOT_", "."): content for path, content in more.items()}}


def run(project: dict[str, Any], engine: str | None = None, **asked: Any) -> TestReport:
    """The report of a project's cases; coverage only where it is asked for."""
    return run_tests(MemoryTree(project), Folders(), (load_engine(engine),), Asked(**{"coverage": False, **asked}))


def run_one(policies: dict[str, Any], one: dict[str, Any], **asked: Any) -> TestedCase:
    """What became of one case of one policy."""
    (tested,) = run(files([policies], [one]), **asked).policies
    (found,) = tested.cases
    return found


def covered(policies: dict[str, Any], *cases: dict[str, Any]) -> TestedPolicy:
    """One policy with its coverage."""
    (tested,) = run(files([policies], list(cases)), coverage=True).policies
    return tested
