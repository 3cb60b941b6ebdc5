"""The annotations: only commands of ours, escaped as GitHub's toolkit reads them, and nothing dropped in silence."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.model.judgement import Report
from gatekeeper.reports import render
from tests.reports.acting import assert_quiet
from tests.reports.samples import BARE, DENIED, HOSTILE, LET_THROUGH, SAMPLES, filled, judgement, report, result

OURS = ("::error ", "::warning ", "::notice ")
COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::([^\r\n]*)")


def read(given: Report) -> list[tuple[str, dict[str, str], str]]:
    """The commands as GitHub's runner reads them: level, properties, message."""
    found = []
    for line in render("github", given).rstrip("\n").split("\n")[:-1]:
        match = COMMAND.fullmatch(line)
        assert match, line
        pairs = (part.split("=", 1) for part in match[2].split(","))
        found.append((match[1], {name: _plain(text) for name, text in pairs}, _plain(match[3])))
    return found


def _plain(text: str) -> str:
    for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, char)
    return text


def levels(given: Report) -> list[str]:
    """The levels of all commands, in order."""
    return [level for level, _, _ in read(given)]


def test_a_failure_stands_beside_its_rule() -> None:
    level, place, message = read(DENIED)[0]
    assert level == "error"
    assert place == {"file": "policies/model-quality.yaml", "line": "21", "title": "model-quality/accuracy"}
    assert message.split("\n") == [
        "fail: accuracy 0.842 is below 0.88",
        "why: Below this the retention campaign loses money.",
        "remedy: Retrain on newer data, or lower the floor by a reviewed change of this file.",
    ]


def test_only_what_stops_the_artifact_is_an_error() -> None:
    assert levels(DENIED) == ["error", "error", "warning", "notice"]
    assert levels(LET_THROUGH) == ["warning", "notice"]
    assert levels(BARE) == ["error", "notice"]
    assert levels(report(judgement("allowed", result("a", "fail", enforcement="audit"), result("b")))) == ["notice"] * 2


@pytest.mark.parametrize("sample", SAMPLES)
def test_it_has_an_error_exactly_where_the_artifact_is_stopped(sample: str) -> None:
    assert ("error" in levels(SAMPLES[sample])) == (SAMPLES[sample].judgement.verdict != "allowed")


def test_no_more_than_github_shows_and_the_rest_is_counted() -> None:
    many: list[Any] = [result(f"e{at}", "fail") for at in range(14)]
    many += [result(f"w{at}", "fail", enforcement="warn") for at in range(11)]
    many += [result(f"a{at}", "fail", enforcement="audit") for at in range(40)]
    given = report(judgement("denied", *many))
    assert [levels(given).count(level) for level in ("error", "warning", "notice")] == [10, 10, 10]
    assert "... and 4 more errors and 1 more warning and 32 more notices" in read(given)[-2][2]


def test_what_fits_exactly_is_not_said_to_be_cut() -> None:
    given = report(judgement("denied", *(result(f"e{at}", "fail") for at in range(10))))
    assert levels(given) == ["error"] * 10 + ["notice"]
    assert "more" not in read(given)[-1][2]


def test_the_last_line_is_the_verdict_in_plain_text() -> None:
    last = render("github", DENIED).rstrip("\n").split("\n")[-1]
    assert last == "DENIED: churn 1.4.2 for production; 2 of 5 enforced rules failed; 1 warning"


@pytest.mark.parametrize("words", HOSTILE)
def test_no_words_of_others_act(words: str) -> None:
    text = render("github", filled(words))
    assert all(char.isprintable() for char in text.replace("\n", ""))
    assert levels(filled(words)) == ["error", "warning", "warning", "notice"]
    assert_quiet(text.rstrip("\n").split("\n")[-1])


@given(st.text())
def test_any_text_leaves_as_many_commands(words: str) -> None:
    assert levels(filled(words)) == ["error", "warning", "warning", "notice"]


def test_percent_signs_and_separators_come_back_as_they_were() -> None:
    words = "100 %, 5%0A: a=b, c::d"
    _, place, message = read(report(judgement("denied", result("r", "fail", message=words, file="a,b:c%.yaml"))))[0]
    assert place["file"] == "a,b:c%.yaml"
    assert message.startswith(f"fail: {words}\n")
