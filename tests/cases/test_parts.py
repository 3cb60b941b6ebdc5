"""What a case gives, where it comes in several reports or does not count: as `evaluate` takes it of files."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cases.scene import case, covered, policy, run_one

COUNTS = {"critical": 0, "high": 3}
SCAN = {"counts": COUNTS, "fixable": COUNTS, "targets": 2}
FAIRNESS = {"attributes": {"g": {"n": 90, "group_count": 2, "smallest_n": 40, "gaps": {}}}}


@pytest.mark.parametrize(
    ("kind", "facts", "require"),
    [
        ("scan", SCAN, "evidence.e.fixable.high == 3 && evidence.e.fixable.total == 3"),
        ("fairness", FAIRNESS, "evidence.e.attributes.g.n == 90"),
        ("lineage", {"commit": "c" * 40}, "evidence.e.commit != ''"),
    ],
)
def test_facts_that_come_in_as_many_reports_as_asked_are_whole(kind: str, facts: dict[str, Any], require: str) -> None:
    asked = policy({"id": "it", "require": require}, evidence={"e": {"kind": kind, "expect": 3}})
    found = run_one(asked, case(evidence={"e": facts}, expect={"verdict": "allowed", "results": {"it": "pass"}}))
    assert found.mismatches == ()


@pytest.mark.parametrize("kind", ["fairness", "lineage", "scan"])
def test_evidence_without_a_fact_comes_in_several_reports_too(kind: str) -> None:
    asked = policy({"id": "it", "require": "true"}, evidence={"e": {"kind": kind, "expect": 2}})
    found = run_one(asked, case(evidence={"e": {}}, expect={"results": {"evidence/e": "pass"}}))
    assert found.mismatches == ()


METRICS = {"kind": "metrics", "signed_by": ["ci"], "producers": ["json"], "max_age": "7d", "about": "model"}
ASKED = policy({"id": "it", "require": "evidence.m.values.a > 0.5"}, evidence={"m": METRICS})


def told(envelope: dict[str, Any], *, result: str, message: str) -> tuple[str, ...]:
    """What does not fit, where the evidence's own result is expected so."""
    expect = {"results": {"evidence/m": {"result": result, "message": message}}}
    found = run_one(ASKED, case(evidence={"m": {"values": {"a": 1}, "envelope": envelope}}, expect=expect))
    return tuple(one.what for one in found.mismatches)


def test_the_message_of_evidence_is_compared() -> None:
    old = {"produced_at": "2025-12-01"}
    message = "stale: produced at 2025-12-01T00:00:00Z, more than 7d ago"
    assert told(old, result="missing", message=message) == ()
    assert told(old, result="missing", message="stale") == ("evidence/m, message",)
    assert told({}, result="pass", message="stale") == ("evidence/m, message",)


def test_who_did_not_sign_what_evaluated_nothing_is_told() -> None:
    nothing = {"status": "not_evaluated", "reason": "no rows"}
    assert told(nothing, result="missing", message="no rows") == ()
    unsigned = "unsigned; signed by ci is asked for"
    assert told({**nothing, "signed_by": []}, result="error", message=unsigned) == ()


def test_what_it_is_about_and_who_signed_are_told_in_the_order_of_a_report() -> None:
    about = f"about x:1, x:2, not about this model (sha256:{'b' * 64})"
    assert told({"subjects": ["x:2", "x:1", "x:2"]}, result="error", message=about) == ()
    signed = "signed by a, b; a key more is asked for, of ci"
    assert told({"signed_by": ["b", "a"]}, result="error", message=signed.replace("a, b", "a and b")) == ()


def test_a_change_that_only_a_message_of_evidence_tells_is_noticed() -> None:
    message = "stale: produced at 2025-12-01T00:00:00Z, more than 7d ago"
    old = {"values": {"a": 1}, "envelope": {"produced_at": "2025-12-01"}}

    def alive(expected: Any) -> set[str]:
        one = case(evidence={"m": old}, expect={"results": {"evidence/m": expected}})
        coverage = covered(ASKED, one).coverage
        assert coverage is not None
        return {survivor.new for survivor in coverage.survivors if survivor.what == "max_age"}

    assert alive("missing") == {"6d", "8d"}
    assert alive({"result": "missing", "message": message}) == set()
