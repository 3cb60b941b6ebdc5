"""The verdict is a function of enforced results alone."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.model.judgement import Result, Waived
from gatekeeper.model.verdict import counts, verdict
from tests.judging import judgement, policy_text, report

WAIVED = Waived(waiver="w", ticket="t", reason="r", requested_by="a", approved_by="b", granted="x", expires="y")
BASE = Result(
    policy="p",
    rule="r",
    enforcement="deny",
    severity="low",
    result="pass",
    message="",
    why="",
    remedy="",
    file="f",
    line=1,
)
OUTCOMES = ("pass", "fail", "inconclusive", "missing", "error", "skipped")
results = st.lists(
    st.builds(
        lambda outcome, enforcement, waived: msgspec.structs.replace(
            BASE, result=outcome, enforcement=enforcement, waived=WAIVED if waived else None
        ),
        st.sampled_from(OUTCOMES),
        st.sampled_from(("deny", "warn", "audit")),
        st.booleans(),
    ),
    max_size=8,
)


@given(results)
def test_allowed_needs_one_judged_rule_and_nothing_against_it(found: list[Result]) -> None:
    enforced = [one for one in found if one.enforcement == "deny"]
    fine = [one for one in enforced if one.result in ("pass", "skipped") or one.waived]
    allowed = verdict(found) == "allowed"
    assert allowed == (len(fine) == len(enforced) and any(one.result != "skipped" for one in enforced))


@given(results)
def test_any_enforced_fail_denies_whatever_is_missing(found: list[Result]) -> None:
    failing = any(one.enforcement == "deny" and one.result == "fail" and not one.waived for one in found)
    assert (verdict(found) == "denied") == failing


@given(results, st.sampled_from(OUTCOMES[1:5]))
def test_worse_never_turns_into_allowed(found: list[Result], worse: str) -> None:
    more = [*found, msgspec.structs.replace(BASE, result=worse)]
    assert verdict(more) != "allowed"


@given(results)
def test_warnings_never_decide(found: list[Result]) -> None:
    enforced = [one for one in found if one.enforcement == "deny"]
    assert verdict(found) == verdict(enforced)


@given(results)
def test_counts_add_up(found: list[Result]) -> None:
    tally = msgspec.to_builtins(counts(found))
    assert sum(tally[outcome] for outcome in OUTCOMES) == len(found)
    assert tally["waived"] == sum(one.waived is not None for one in found)


def test_nothing_left_to_judge_is_undecided() -> None:
    policy = policy_text(
        [{"id": "it", "when": "false", "require": "true"}], evidence={"m": {"kind": "metrics", "optional": True}}
    )
    whole = judgement(policy)
    assert (whole.verdict, whole.results[0].result) == ("undecided", "skipped")
    assert whole.results[0].message == "does not apply: false is false"


def test_before_its_day_a_rule_only_warns() -> None:
    rules = [{"id": "soon", "effective_on": "2027-01-15", "require": "false"}, {"id": "now", "require": "true"}]
    whole = judgement(policy_text(rules), report({"a": 1}))
    assert whole.verdict == "allowed"
    soon = whole.results[0]
    assert (soon.result, soon.enforcement, soon.effective_on) == ("fail", "warn", "2027-01-15")
