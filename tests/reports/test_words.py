"""What the reports for people say alike."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import structs

from gatekeeper.model.judgement import Promotion, Waiting
from gatekeeper.model.promoted import Override
from gatekeeper.reports import words
from gatekeeper.reports.plain import BOUND, line, number, row, short, value
from tests.reports.samples import WAIVED, judgement, report, result

REAL = st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("results", "told"),
    [
        ([], "no enforced rule was left to judge"),
        ([result("a", "skipped")], "no enforced rule was left to judge"),
        ([result("a", enforcement="warn")], "no enforced rule was left to judge"),
        ([result("a")], "1 of 1 enforced rule passed"),
        ([result("a"), result("b", "skipped")], "1 of 2 enforced rules passed"),
        ([result("a", "fail"), result("b", "missing"), result("c")], "1 of 3 enforced rules failed, 1 missing"),
        ([result("a", "inconclusive"), result("b", "error")], "1 of 2 enforced rules in error, 1 inconclusive"),
        ([result("a", "fail", waived=WAIVED)], "0 of 1 enforced rule passed, 1 waived"),
        ([result("a"), result("b", "fail", enforcement="warn")], "1 of 1 enforced rule passed; 1 warning"),
        (
            [result("a"), result("b", "fail", enforcement="audit"), result("c", "error", enforcement="audit")],
            "1 of 1 enforced rule passed; 2 audit findings",
        ),
    ],
)
def test_a_summary_counts_what_decides(results: list[Any], told: str) -> None:
    assert words.summary(report(judgement("allowed", *results))) == told


@pytest.mark.parametrize(
    ("given_result", "blocks"),
    [
        (result("a"), False),
        (result("a", "skipped"), False),
        (result("a", "fail"), True),
        (result("a", "missing"), True),
        (result("a", "error"), True),
        (result("a", "inconclusive"), True),
        (result("a", "fail", enforcement="warn"), False),
        (result("a", "fail", enforcement="audit"), False),
        (result("a", "fail", waived=WAIVED), False),
    ],
)
def test_what_blocks_is_enforced_not_passed_and_not_waived(given_result: Any, blocks: bool) -> None:
    assert words.blocks(given_result) is blocks


@given(REAL, REAL)
def test_a_rounded_value_never_looks_like_a_limit_that_it_is_not(observed: float, limit: float) -> None:
    assume(observed != limit)
    shown = result("a", observed=observed, limit=limit)
    assert float(words.observed(shown)) != float(words.limit(shown))


@given(REAL)
def test_a_margin_keeps_its_sign_and_is_never_rounded_to_nothing(margin: float) -> None:
    shown = float(words.margin(result("a", margin=margin)))
    assert (shown > 0, shown < 0) == (margin > 0, margin < 0)


@given(REAL)
def test_a_number_is_written_in_its_shortest_form(given: float) -> None:
    assert float(number(given)) == given
    assert len(number(given)) <= len(repr(given))


@pytest.mark.parametrize(
    ("observed", "limit", "shown"),
    [
        (0.003685897435897436, 0.1, "0.0036859"),
        (0.8799999999, 0.88, "0.8799999999"),
        (12000, 100, "12000"),
        (1234567.0, 1, "1234567"),
        (True, None, "true"),
        (None, None, "-"),
        ("a" * 30, None, "a" * 24 + "... (6 more characters)"),
        ([1, {"b": None}], None, '[1, {"b": null}]'),
    ],
)
def test_observed_values_are_brief(observed: Any, limit: Any, shown: str) -> None:
    assert words.observed(result("a", observed=observed, limit=limit)) == shown


@given(st.text())
def test_a_line_is_one_printable_line(text: str) -> None:
    shown = line(text)
    assert shown.isprintable()
    assert line(shown) == shown


@given(st.text(alphabet=st.characters(exclude_categories=["C", "Z"])))
def test_a_printable_line_stays_as_it_is(text: str) -> None:
    assert line(text) == text


@given(st.text())
def test_a_row_keeps_its_spaces(text: str) -> None:
    assert row(text).isprintable()
    assert row("    a:  b") == "    a:  b"


def test_what_is_too_long_is_cut_and_said_to_be() -> None:
    assert line("x" * (BOUND + 7)) == "x" * BOUND + "... (7 more characters)"
    assert row("x" * (BOUND + 7)) == "x" * BOUND + "... (7 more characters)"
    assert line("x" * BOUND) == "x" * BOUND


def test_values_and_digests_in_short() -> None:
    assert short("sha256:" + "0123456789abcdef" * 4) == "sha256:0123456789ab"
    assert short("") == ""
    assert [value(given) for given in (None, False, 1.0, 0.5, {"a": [1]})] == ["-", "false", "1", "0.5", '{"a": [1]}']


def test_a_rule_that_is_only_advised_says_since_when_it_denies() -> None:
    soft = result("a", "fail", enforcement="warn", effective_on="2027-01-15")
    assert words.state(soft) == "fail, only warns, denies from 2027-01-15"
    assert words.state(result("a", "fail", enforcement="audit")) == "fail, only audited"
    assert words.state(result("a", "pass", enforcement="warn")) == "pass"


def test_results_of_no_policy_have_a_group_of_their_own() -> None:
    given = report(judgement("denied", result("deny-list", "fail", policy=""), policies=()))
    assert [(group.name, group.policy) for group in words.groups(given)] == [("", None)]


@pytest.mark.parametrize(
    ("observed", "limit", "told"),
    [
        ("sha256:" + "d" * 64, "sha256:" + "c" * 64, ("sha256:dddddddddddd", "== sha256:cccccccccccc")),
        ("md5:" + "1" * 32, "md5:" + "1" * 32, ("md5:111111111111", "== md5:111111111111")),
        (None, "sha256:" + "c" * 64, ("-", "== sha256:cccccccccccc")),
        ("mlflow:1", "mlflow:2", ("mlflow:1", "== mlflow:2")),
        (False, True, ("false", "== true")),
    ],
)
def test_digests_are_short_in_tables(observed: Any, limit: Any, told: tuple[str, str]) -> None:
    one = structs.replace(result("a", "fail"), observed=observed, limit=limit, comparator="==")
    assert (words.observed(one), words.limit(one)) == told


@given(st.text("01", min_size=64, max_size=64), st.text("01", min_size=64, max_size=64))
def test_two_digests_never_look_the_same(first: str, second: str) -> None:
    assume(first != second)
    one = structs.replace(result("a", "fail"), observed=f"sha256:{first}", limit=f"sha256:{second}", comparator="==")
    two = structs.replace(one, observed=f"sha256:{'0' * 12}{first[12:]}", limit=f"sha256:{'0' * 12}{second[12:]}")
    for each in (one, two):
        if each.observed != each.limit:
            assert words.limit(each) != f"== {words.observed(each)}"


OVERRIDDEN = Override(by="alice", reason="Urgent", ticket="OPS-7", over=("soak",))


@pytest.mark.parametrize(
    ("verdict", "promotion", "tone"),
    [
        ("allowed", Promotion(action="committed"), "good"),
        ("allowed", Promotion(action="waiting"), "doubt"),
        ("allowed", Promotion(action="committed", override=OVERRIDDEN), "doubt"),
        ("denied", Promotion(action="committed", override=OVERRIDDEN), "bad"),
        ("undecided", Promotion(action="none"), "doubt"),
    ],
)
def test_what_was_overridden_looks_no_better_than_what_waits(verdict: Any, promotion: Promotion, tone: str) -> None:
    assert words.tone(report(judgement(verdict), promotion=promotion)) == tone


def test_what_is_waited_for_is_told_once() -> None:
    waiting = Waiting(condition="approval", message="0 of 1 approval; not counted: a.yaml by bob: it has expired")
    notes = ("a.yaml by bob: it has expired", "the tag alone is written")
    assert words.notes(Promotion(action="waiting", waiting=(waiting,), notes=notes)) == [notes[1]]
