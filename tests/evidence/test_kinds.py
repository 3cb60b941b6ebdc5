"""The fields of the kinds: for the checks of policies when they are loaded, and for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.evidence.kinds import fields, known_path
from gatekeeper.evidence.kinds_shown import kinds_data, kinds_markdown, kinds_text, producers_of
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.facts import ALL_KINDS

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "evidence.md"


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("metrics", ()),
        ("metrics", ("values",)),
        ("metrics", ("values", "accuracy")),
        ("scan", ("counts", "critical")),
        ("scan", ("findings", 0, "id")),
        ("scan", ("os_end_of_life",)),
        ("load", ("latency_ms", "p95")),
        ("load", ("endpoints", "GET /", "latency_ms", "p99")),
        ("load", ("thresholds", "failed")),
        ("fairness", ("attributes", "gender", "gaps", "demographic_parity_difference")),
        ("fairness", ("attributes", "gender", "groups", "F", "n")),
        ("fairness", ("only", "gaps", "demographic_parity_difference")),
        ("tests", ("cases", "t::a")),
        ("command", ("exit_status",)),
    ],
)
def test_a_path_that_facts_may_have_is_known(kind: str, path: tuple[str | int, ...]) -> None:
    assert known_path(kind, path) is None


@pytest.mark.parametrize(
    ("kind", "path", "near"),
    [
        ("scan", ("counts", "criticl"), ("critical",)),
        ("scan", ("count",), ("counts",)),
        ("metrics", ("accuracy",), ("values.accuracy",)),
        ("metrics", ("value", "accuracy"), ("values",)),
        ("metrics", ("values", "accuracy", "value"), ()),
        ("metrics", ("values", 0), ()),
        ("scan", ("findings", "0"), ()),
        ("scan", ("findings", True), ()),
        ("scan", ("findings", 0, "identifier"), ()),
        ("scan", (0,), ()),
        ("command", ("exit_status", "code"), ()),
        ("load", ("latency_ms", "p999"), ("p99",)),
        ("load", ("thresholds", "fail"), ("failed",)),
        ("tests", ("__struct_fields__",), ()),
    ],
)
def test_a_path_that_facts_never_have_gives_near_names(
    kind: str, path: tuple[str | int, ...], near: tuple[str, ...]
) -> None:
    assert known_path(kind, path) == near


def test_a_kind_that_does_not_exist_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        known_path("metric", ())


def _paths(value: Any, above: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [above, *(path for key, member in members for path in _paths(member, (*above, key)))]


FAIRNESS = {"attribute": "g", "groups": {"F": {"n": 5, "selected": 2, "positives": 3}, "M": {"n": 5, "selected": 1}}}
SUITE = b"<testsuite><testcase name='a'/></testsuite>"


@pytest.mark.parametrize("data", [b'{"a": {"value": 1, "n": 5}}', json.dumps(FAIRNESS).encode(), SUITE])
def test_every_path_of_real_facts_is_known(data: bytes) -> None:
    found = envelope(data, source="x")
    assert found.kind is not None
    assert all(known_path(found.kind, path) is None for path in _paths(found.facts))


def test_every_field_shown_is_known() -> None:
    for kind in ALL_KINDS:
        for field in fields(kind):
            parts = field.path.replace("[INDEX]", ".0").replace("[NAME]", ".any").split(".")
            path = [int(part) if part == "0" else part for part in parts]
            assert known_path(kind, path) is None, field


def test_a_field_says_its_type_and_whether_it_may_be_left_out() -> None:
    shown = {field.path: (field.type, field.required) for field in fields("load")}
    assert shown["requests"] == ("integer", True)
    assert shown["latency_ms"] == ("object", True)
    assert shown["latency_ms.p95"] == ("number", False)
    assert shown["thresholds"] == ("object", False)
    assert shown["thresholds.failed"] == ("integer", True)
    assert shown["endpoints[NAME]"] == ("object", False)


def test_the_listing_names_every_kind_its_producers_and_fields() -> None:
    text = kinds_text()
    for kind, data in zip(ALL_KINDS, kinds_data(), strict=True):
        assert data["kind"] == kind
        assert data["producers"] == producers_of(kind)
        sources = ", ".join(producers_of(kind)) or "the environment's own repository"
        assert f"{kind} (from {sources}): " in text
        assert all(f"  {field['path']} " in text for field in data["fields"])
    assert json.loads(json.dumps(kinds_data())) == kinds_data()


def test_the_documentation_holds_the_same_tables() -> None:
    _, _, rest = DOCUMENT.read_text(encoding="utf-8").partition("<!-- kinds: generated, and compared by a test -->\n\n")
    block, _, _ = rest.partition("\n<!-- end of kinds -->")
    assert block == kinds_markdown()
