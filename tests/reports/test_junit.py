"""The JUnit report: valid, with names that stay the same, and red exactly where the verdict is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gatekeeper.model.judgement import Promotion, Report, Waiting
from gatekeeper.reports import render
from tests.reports.acting import assert_quiet
from tests.reports.samples import (
    BARE,
    DENIED,
    HOSTILE,
    LET_THROUGH,
    SAMPLES,
    UNDECIDED,
    WAIVED,
    filled,
    judgement,
    report,
    result,
)

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).with_name("junit.xsd")))


def read(given: Report) -> Any:
    """The XML of a report, checked against the schema."""
    root = etree.fromstring(render("junit", given).encode())
    SCHEMA.assertValid(root)
    return root


def cases(given: Report) -> dict[str, list[str]]:
    """By case name: the elements inside."""
    return {case.get("name"): [part.tag for part in case] for case in read(given).iter("testcase")}


@pytest.mark.parametrize("sample", SAMPLES)
def test_it_is_valid_and_counts_what_it_holds(sample: str) -> None:
    root = read(SAMPLES[sample])
    for holder in (root, *root.iter("testsuite")):
        found = list(holder.iter("testcase"))
        assert int(holder.get("tests")) == len(found)
        for name, element in (("failures", "failure"), ("errors", "error")):
            assert int(holder.get(name)) == sum(1 for case in found if case.find(element) is not None)


@pytest.mark.parametrize("sample", SAMPLES)
def test_it_is_red_exactly_where_the_artifact_is_stopped(sample: str) -> None:
    root = read(SAMPLES[sample])
    red = int(root.get("failures")) + int(root.get("errors")) > 0
    assert red == (SAMPLES[sample].judgement.verdict != "allowed")


def test_each_result_has_its_element() -> None:
    assert cases(DENIED) == {
        "accuracy": ["failure"],
        "f1": [],
        "not-collapsed": [],
        "gender-parity": [],
        "no-fixable-critical": ["failure"],
        "p95": ["system-out"],
    }
    assert cases(UNDECIDED) == {"f1": [], "auc": ["error"], "evidence/unit": ["error"], "lint": ["error"]}
    assert cases(LET_THROUGH)["no-fixable-critical"] == ["skipped", "system-out"]
    assert cases(report(judgement("undecided", result("x", "inconclusive"), result("y", "skipped")))) == {
        "x": ["error"],
        "y": ["skipped"],
    }


def test_a_waived_rule_says_who_let_it_through() -> None:
    told = read(LET_THROUGH).find(".//skipped").get("message")
    assert told.startswith("fail, waived until 2026-12-01: The base image")
    assert "approved by dave" in told


def test_an_empty_judgement_is_no_success() -> None:
    assert cases(BARE) == {"verdict": ["error"]}


def test_names_hold_no_values_and_stay_the_same() -> None:
    def names(value: float, outcome: str) -> list[tuple[str, str, str]]:
        verdict: Any = "denied" if outcome == "fail" else "allowed"
        given = report(judgement(verdict, result("auc", outcome, observed=value, message=f"auc {value}")))
        return [(case.get("classname"), case.get("name"), case.get("file")) for case in read(given).iter("testcase")]

    assert names(0.7, "fail") == names(0.9, "pass")
    assert names(0.7, "fail") == [("gatekeeper.production.model-quality", "auc", "policies/model-quality.yaml")]


def test_without_an_environment_the_class_is_the_policy() -> None:
    given = report(judgement("denied", result("auc", "fail"), environment=None))
    assert [case.get("classname") for case in read(given).iter("testcase")] == ["gatekeeper.model-quality"]


@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_of_others_act(words: str) -> None:
    text = render("junit", filled(words))
    assert_quiet(text)
    assert not any("[[" in (part.text or "") for part in etree.fromstring(text.encode()).iter())
    tags = [part.tag for part in etree.fromstring(text.encode()).iter()]
    assert tags == [part.tag for part in etree.fromstring(render("junit", filled("plain")).encode()).iter()]


@given(st.text())
def test_any_text_stays_well_formed(words: str) -> None:
    assert_quiet(render("junit", filled(words)))
    etree.fromstring(render("junit", filled(words)).encode())


def test_the_reason_of_a_waiver_is_read_back_as_it_was_written() -> None:
    reason = """<a href="x">'&amp;'</a> ]]> -->"""
    waived = type(WAIVED)(**dict.fromkeys(WAIVED.__struct_fields__, reason))
    given = report(judgement("allowed", result("auc", "fail", waived=waived)))
    assert reason in read(given).find(".//skipped").get("message")


def test_a_promotion_is_a_case_and_so_is_each_thing_that_it_waits_for() -> None:
    assert cases(SAMPLES["promoted"])["promotion"] == ["system-out"]
    found = cases(SAMPLES["waiting"])
    assert {name: found[name] for name in found if name.startswith("promotion")} == {
        "promotion": ["skipped"],
        "promotion/after": ["skipped"],
        "promotion/approval": ["skipped"],
    }
    told = {case.get("name"): case[0].get("message") for case in read(SAMPLES["waiting"]).iter("testcase") if len(case)}
    assert told["promotion"] == "waiting, not before 2026-11-24T09:00:00Z"
    assert told["promotion/after"].endswith("3h of 24h (until 2026-11-24T09:00:00Z)")
    twice = report(
        judgement("allowed", result("auc")),
        promotion=Promotion(action="waiting", waiting=(Waiting(condition="after", message="m"),) * 3),
    )
    assert list(cases(twice)) == ["auc", "promotion", "promotion/after", "promotion/after 2", "promotion/after 3"]


@pytest.mark.parametrize("action", ["none", "already"])
def test_what_was_done_is_told_from_what_was_not(action: Any) -> None:
    found = cases(report(judgement("denied", result("auc", "fail")), promotion=Promotion(action=action)))
    assert found["promotion"] == (["skipped"] if action == "none" else ["system-out"])
