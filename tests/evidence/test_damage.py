"""Reports with one value replaced: a reader refuses them in words or reads them, and no wrong type makes one better."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.opened import open_report
from gatekeeper.evidence.reading import plain_facts
from gatekeeper.evidence.registry import reader
from tests.evidence.reports import FIXTURES

REPORTS = {
    "trivy/image.json": "trivy",
    "trivy/version.json": "trivy",
    "sarif/ruff.sarif": "sarif",
    "k6/handle-summary.json": "k6",
    "k6/summary-export.json": "k6",
    "k6/machine-readable.json": "k6",
    "locust/stats.json": "locust",
    "grype/image.json": "grype",
    "snyk/project.json": "snyk",
    "snyk/container.json": "snyk",
    "pip-audit/vulnerable.json": "pip-audit",
    "bandit/unsafe.json": "bandit",
    "ruff/untidy.json": "ruff",
    "dvc/status-changed.json": "dvc",
    "dvc/metrics-show.json": "dvc",
}
ABSENT = object()
OTHERS = (ABSENT, None, [], {}, 0, "", -1, 1.5, True, "x", [[]], {"x": {}})
WRONG_TYPES = (-1, 1.5, True, "x", [[]])

Place = tuple[Any, ...]


def places(node: Any, place: Place = ()) -> Iterator[Place]:
    """Every place in a document; of a list, the first few."""
    yield place
    if isinstance(node, dict):
        for key, member in node.items():
            yield from places(member, (*place, key))
    elif isinstance(node, list):
        for index, member in enumerate(node[:4]):
            yield from places(member, (*place, index))


def replaced(document: Any, place: Place, value: Any) -> Any:
    """A copy of the document with another value at the place, or with nothing there."""
    if not place:
        return value
    document = copy.deepcopy(document)
    holder = document
    for key in place[:-1]:
        holder = holder[key]
    if value is ABSENT:
        del holder[place[-1]]
    else:
        holder[place[-1]] = value
    return document


def facts_of(producer: str, document: Any) -> dict[str, Any] | None:
    """The facts, or None where the document is refused. Any other exception is a bug of the reader."""
    text = json.dumps(document).encode()
    try:
        return plain_facts(reader(producer).read(open_report(text)))
    except (EvidenceError, NotEvaluatedError) as refusal:
        words = refusal.message
    assert words.isprintable()
    assert len(words) < 200
    return None


@pytest.mark.parametrize("name", REPORTS)
def test_one_value_replaced_is_read_or_refused(name: str) -> None:
    document = json.loads((FIXTURES / name).read_text(encoding="utf-8"))
    for place in places(document):
        for value in OTHERS if place else OTHERS[1:]:
            facts_of(REPORTS[name], replaced(document, place, value))


@pytest.mark.parametrize(
    "name",
    [
        "trivy/image.json",
        "sarif/ruff.sarif",
        "grype/image.json",
        "snyk/project.json",
        "snyk/container.json",
        "pip-audit/vulnerable.json",
        "bandit/unsafe.json",
        "ruff/untidy.json",
    ],
)
def test_a_value_of_a_wrong_type_loses_no_finding(name: str) -> None:
    document = json.loads((FIXTURES / name).read_text(encoding="utf-8"))
    whole = facts_of(REPORTS[name], document)
    assert whole is not None
    for place in places(document):
        for value in WRONG_TYPES:
            found = facts_of(REPORTS[name], replaced(document, place, value))
            if found is not None:
                assert found["counts"]["total"] >= whole["counts"]["total"], place
                assert found.get("fixable", {"total": 0})["total"] >= whole.get("fixable", {"total": 0})["total"], place
