"""The text report: columns that fit, the verdict where it is looked for, and nothing that a terminal acts on."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.reports import render
from gatekeeper.reports.terminal import cells
from tests.reports.acting import assert_quiet
from tests.reports.samples import (
    ACCURACY,
    DENIED,
    HOSTILE,
    LET_THROUGH,
    SAMPLES,
    WAITING,
    filled,
    judgement,
    report,
    result,
)


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize("width", [80, 120])
def test_a_line_fits(sample: str, width: int) -> None:
    for line in render("text", SAMPLES[sample], width=width).splitlines():
        assert len(line) <= width


def test_the_verdict_stands_first_and_opens_the_last_paragraph() -> None:
    text = render("text", DENIED)
    assert text.startswith("DENIED: churn 1.4.2 for production\n")
    last = text.rstrip("\n").split("\n\n")[-1]
    assert last.startswith("DENIED: churn 1.4.2 for production; 2 of 5 enforced rules failed; 1 warning")
    assert "model-quality/accuracy: accuracy 0.842 is below 0.88" in last


def test_a_failure_tells_value_limit_margin_reason_and_remedy() -> None:
    text = render("text", report(judgement("denied", ACCURACY)))
    assert re.search(r"FAIL +accuracy +0\.842 +>= 0\.88 +-0\.038\n", text)
    for part in ("why: Below this", "remedy: Retrain", "metrics: values.accuracy", "policies/model-quality.yaml:21"):
        assert part in text
    assert "n 5000, 95 % wilson interval 0.832 to 0.852" in text


def test_a_waived_failure_is_still_a_failure() -> None:
    text = render("text", LET_THROUGH)
    assert text.startswith("ALLOWED")
    assert re.search(r"^  fail +no-fixable-critical", text, re.MULTILINE)
    assert "fail, waived until 2026-12-01" in text
    assert "asked by carol, approved by dave" in " ".join(text.split())


def test_a_rule_that_is_not_in_force_yet_says_from_when() -> None:
    assert "denies from 2027-01-15" in render("text", DENIED)


def test_what_waits_says_for_what_and_until_when() -> None:
    text = " ".join(render("text", WAITING).split())
    assert "ALLOWED, WAITING" in text
    assert "not before 2026-11-24T09:00:00Z" in text
    assert "1 of 2 approvals: bob is missing" in text


def test_many_failures_are_counted_at_the_end() -> None:
    many = [result(f"rule-{number}", "fail") for number in range(25)]
    text = render("text", report(judgement("denied", *many)))
    assert "... and 15 more, above" in text
    assert "25 of 25 enforced rules failed" in text


def test_a_long_rule_name_pushes_its_values_down_and_nothing_out() -> None:
    name = "a-rule-whose-name-is-much-longer-than-the-column-that-it-has"
    text = render("text", report(judgement("denied", result(name, "fail", observed=1, limit=0, margin=-1))))
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines) if line.endswith(name))
    assert lines[at + 1].split() == ["1", "0", "-1"]


def test_wide_letters_take_two_columns() -> None:
    assert cells("漢字") == 4
    assert cells("e\u0301") == 1
    assert cells("\x1b[1mab\x1b[0m") == 2


@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_of_others_act(words: str) -> None:
    assert_quiet(render("text", filled(words)))


@given(st.text())
def test_no_text_at_all_acts(words: str) -> None:
    assert_quiet(render("text", filled(words)))


def test_colour_comes_from_us_alone() -> None:
    text = render("text", filled("\x1b[31mred"), color=True)
    assert set(re.findall(r"\x1b\[[0-9;]*m", text)) <= {
        "\x1b[0m",
        "\x1b[1m",
        "\x1b[2m",
        "\x1b[32m",
        "\x1b[33m",
        "\x1b[1;31m",
    }
    assert "\\x1b[31mred" in text


def test_colour_changes_no_letter() -> None:
    for sample in SAMPLES.values():
        assert re.sub(r"\x1b\[[0-9;]*m", "", render("text", sample, color=True)) == render("text", sample)
