"""Our own form of data checks: its facts, each refusal, and what it is not taken for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.evidence.reading import envelope
from gatekeeper.model.evidence import Envelope

DIGEST = "sha256:" + "a" * 64
CHECKS = [
    {"name": "ids are unique", "passed": True, "observed": 0},
    {"name": "no nulls in age", "passed": False, "observed": 0.02},
    {"name": "fresh", "passed": None},
    {"name": "schema", "passed": True},
]


def read(document: Any, producer: str | None = None) -> Envelope:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return envelope(data, source="checks.json", producer=producer)


def test_the_facts() -> None:
    told = read({"checks": CHECKS, "rows": 10000, "produced_at": "2026-11-23T09:00:00+01:00", "subjects": [DIGEST]})
    assert (told.kind, told.status, told.producer and told.producer.name) == ("data", "evaluated", "data")
    assert told.facts == {
        "total": 3,
        "passed": 2,
        "failed": 1,
        "failed_share": 1 / 3,
        "skipped": 1,
        "checks": {
            "ids are unique": {"passed": True, "observed": 0.0},
            "no nulls in age": {"passed": False, "observed": 0.02},
            "schema": {"passed": True},
        },
        "rows": 10000,
    }
    assert (told.produced_at, told.subjects) == ("2026-11-23T08:00:00Z", (DIGEST,))
    assert told.counts == {"checks": 3, "failed": 1, "skipped": 1}


def test_only_checks_are_required() -> None:
    told = read({"checks": [{"name": "a", "passed": True}]})
    assert (told.status, told.produced_at, told.subjects) == ("evaluated", None, ())
    assert "rows" not in told.facts


def test_names_are_kept_apart_by_what_cannot_be_seen() -> None:
    told = read({"checks": [{"name": "a", "passed": True}, {"name": "a\u200b", "passed": False}]})
    assert list(told.facts["checks"]) == ["a", "a\\u200b"]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"checks": []}, "there is no check"),
        ({"checks": [], "rows": 5}, "there is no check"),
        ({"checks": [{"name": "a", "passed": None}]}, "every check was skipped"),
        ({"checks": [{"name": "a", "passed": True}], "rows": 0}, "no row was looked at"),
    ],
)
def test_where_nothing_was_looked_at_it_is_not_evaluated(document: Any, reason: str) -> None:
    told = read(document)
    assert (told.status, told.kind, told.reason, told.facts) == ("not_evaluated", "data", reason, {})


ONE = {"name": "a", "passed": True}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"checks": [ONE, ONE]}, "two checks are called 'a'"),
        ({"checks": [ONE, {"name": "a", "passed": None}]}, "two checks are called 'a'"),
        ({"checks": [{"name": "a"}]}, "check 'a' has no `passed` that is true, false or null"),
        ({"checks": [{"name": "a", "passed": "true"}]}, "check 'a' has no `passed`"),
        ({"checks": [{"name": "a", "passed": 1}]}, "check 'a' has no `passed`"),
        ({"checks": [{"name": "a", "passed": True, "observed": "0.1"}]}, "the observed value of check 'a'"),
        ({"checks": [{"name": "a", "passed": True, "observed": False}]}, "the observed value of check 'a'"),
        ({"checks": [{"name": "a", "passed": True, "observd": 1}]}, "check 'a' has a key 'observd'"),
        ({"checks": [{"passed": True}, ONE]}, "the name of checks[0]"),
        ({"checks": [{"name": 5, "passed": True}]}, "the name of checks[0]"),
        ({"checks": [{"name": " ", "passed": True}]}, "the name of checks[0]"),
        ({"checks": [{"name": "n" * 1001, "passed": True}]}, "the name of checks[0]"),
        ({"checks": [ONE, "b"]}, "checks[1] is not an object"),
        ({"checks": ["b"]}, "checks[0] is not an object"),
        ({"checks": [ONE], "row": 5}, "the report has a key 'row'"),
        ({"checks": [ONE], "rows": 1.5}, "rows is not a whole number"),
        ({"checks": [ONE], "rows": -1}, "rows is not a whole number"),
        ({"checks": [ONE], "rows": None}, "rows is not a whole number"),
        ({"checks": [ONE], "rows": True}, "rows is not a whole number"),
        ({"checks": [ONE], "produced_at": "2026-11-23T08:00:00"}, "produced_at is not RFC 3339"),
        ({"checks": [ONE], "produced_at": 1795602987}, "produced_at is not RFC 3339"),
        ({"checks": [ONE], "subjects": [DIGEST.upper()]}, "subjects[0] is not a digest"),
        ({"checks": [ONE], "subjects": [DIGEST, "latest"]}, "subjects[1] is not a digest"),
        ({"checks": [ONE], "subjects": DIGEST}, "subjects is not a list"),
    ],
)
def test_what_is_not_our_form_is_refused(document: Any, reason: str) -> None:
    told = read(document)
    assert (told.status, told.kind, told.facts) == ("error", "data", {})
    assert told.reason is not None
    assert told.reason.startswith(reason)


@pytest.mark.parametrize("number", [b"NaN", b"1e999", b"-Infinity"])
def test_numbers_that_are_none_are_refused(number: bytes) -> None:
    told = read(b'{"checks": [{"name": "a", "passed": true, "observed": ' + number + b"}]}")
    assert (told.status, told.facts) == ("error", {})


def test_a_key_that_stands_twice_is_refused() -> None:
    assert read(b'{"checks": [{"name": "a", "passed": false, "passed": true}]}').status == "error"


@pytest.mark.parametrize(
    "document",
    [
        {"checks": {"passed": 5, "failed": 0}, "accuracy": 0.5},
        {"checks": [{"name": "a", "outcome": "pass"}], "hasErrors": False, "hasFailures": False},
        {"metrics": {"checks": 1}},
        {"check": [ONE]},
    ],
)
def test_other_documents_are_not_ours(document: Any) -> None:
    told = read(document)
    assert told.kind != "data"


@pytest.mark.parametrize("document", [[], [ONE], {"accuracy": 1}, {"checks": None}, {}])
def test_asked_by_name_what_has_no_checks_is_refused(document: Any) -> None:
    told = read(document, producer="data")
    assert told.status == "error"


def test_too_many_checks_are_refused() -> None:
    told = read({"checks": [{"name": f"c{number}", "passed": True} for number in range(50_001)]})
    assert (told.status, told.reason) == ("error", "there are more than 50000 checks")


_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
_checks = st.dictionaries(st.sampled_from(["name", "passed", "observed", "x"]), _scalars)
_documents = st.fixed_dictionaries(
    {"checks": st.lists(_checks | _scalars, max_size=4)},
    optional={"rows": _scalars, "subjects": _scalars | st.lists(_scalars), "produced_at": _scalars, "y": _scalars},
)


@given(_documents)
def test_whatever_stands_there_gives_facts_or_a_refusal_that_says_why(document: Any) -> None:
    told = read(document, producer="data")
    if told.status == "evaluated":
        facts = told.facts
        assert facts["total"] == facts["passed"] + facts["failed"] == len(facts["checks"]) > 0
        assert facts["failed"] == sum(check["passed"] is False for check in facts["checks"].values())
        assert facts["total"] + facts["skipped"] == len(document["checks"])
    else:
        assert told.reason
        assert told.reason != "the report does not have the form that its producer writes"
        assert told.facts == {}
