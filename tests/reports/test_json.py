"""The JSON report: the agreed keys in the agreed order, every value whole, nothing that a log acts on."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.model.judgement import Report
from gatekeeper.reports import render
from gatekeeper.reports.document import Document, schema
from tests.reports.acting import assert_quiet
from tests.reports.samples import ALLOWED, DENIED, HOSTILE, SAMPLES, filled, judgement, report, result

KEYS = {
    "top": "schema decision verdict environment judged_at artifact engine policies evidence results counts",
    "result": "policy rule enforcement severity result waived message observed limit comparator margin n interval "
    "evidence path why remedy file line",
    "evidence": "name kind producer source digest produced_at status reason subjects bound",
    "counts": "pass fail inconclusive missing error skipped waived",
    "promotion": "action commit pull_request attempts waiting not_before",
}


def starts(found: dict[str, Any], part: str) -> bool:
    """Whether an object begins with the keys that the contract gives it."""
    keys = KEYS[part].split()
    return list(found)[: len(keys)] == keys


def read(given: Report) -> dict[str, Any]:
    """The JSON of a report, read back."""
    return dict(json.loads(render("json", given)))


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_keys_are_those_of_the_contract_in_its_order(sample: str) -> None:
    found = read(SAMPLES[sample])
    assert starts(found, "top")
    assert found["schema"] == "gatekeeper.report/v1"
    assert starts(found["counts"], "counts")
    assert all(starts(item, "result") for item in found["results"])
    assert all(starts(item, "evidence") for item in found["evidence"])
    assert ("promotion" in found) == (SAMPLES[sample].promotion is not None)
    assert starts(found.get("promotion") or dict.fromkeys(KEYS["promotion"].split()), "promotion")


@pytest.mark.parametrize("sample", SAMPLES)
def test_it_follows_its_own_schema_and_loses_nothing(sample: str) -> None:
    text = render("json", SAMPLES[sample])
    jsonschema.Draft202012Validator(schema()).validate(json.loads(text))
    again = msgspec.json.decode(text, type=Document)
    assert msgspec.json.encode(again) == msgspec.json.encode(json.loads(text))


def test_numbers_are_in_their_shortest_form() -> None:
    text = render("json", DENIED)
    assert '"observed": 0.842,' in text
    assert '"margin": -0.038,' in text
    assert '"limit": 0,' in text


@pytest.mark.parametrize(("number", "shown"), [(float("nan"), "nan"), (float("inf"), "inf"), (float("-inf"), "-inf")])
def test_what_json_cannot_hold_is_a_string_and_never_null(number: float, shown: str) -> None:
    found = read(report(judgement("denied", result("auc", "fail", observed=number, limit=[number], margin=number))))
    assert (found["results"][0]["observed"], found["results"][0]["limit"]) == (shown, [shown])
    assert found["results"][0]["margin"] == shown


@given(st.text())
def test_any_text_comes_back_as_it_was(words: str) -> None:
    found = read(filled(words))
    assert found["results"][0]["why"] == words
    assert found["evidence"][0]["source"] == words
    assert found["policies"][0]["parameters"] == {words: words}
    assert found["promotion"]["diff"] == f"+{words}"


@given(st.recursive(st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(), st.lists))
def test_any_observed_value_comes_back_as_it_was(value: Any) -> None:
    assert read(report(judgement("denied", result("auc", "fail", observed=value))))["results"][0]["observed"] == value


@pytest.mark.parametrize("words", HOSTILE)
def test_nothing_in_it_acts_on_a_terminal_or_a_log(words: str) -> None:
    text = render("json", filled(words))
    assert_quiet(text)
    json.loads(text)


def test_a_name_that_is_no_text_is_shown_escaped() -> None:
    found = read(report(ALLOWED.judgement, sources=("reports/m\udce4.json", "b")))
    assert found["evidence"][0]["source"] == "reports/m\\udce4.json"
