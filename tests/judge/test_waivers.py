"""Waivers: evaluated anyway, reported as waived, in force for exactly the time they were granted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gatekeeper.app.evaluate import Request, evaluate
from gatekeeper.errors import InvalidFileError
from gatekeeper.judge.cel import load_engine
from gatekeeper.model.artifact import Artifact
from gatekeeper.model.judgement import Judgement
from tests.judging import DIGEST, NOW, policy_text, report
from tests.trees import MemoryTree, environment, waiver

FAILING = policy_text(
    [{"id": "it", "metric": {"name": "a", "min": 0.5}}, {"id": "hard", "waivable": False, "require": "true"}]
)


def judged(
    *waivers: dict[str, Any],
    now: datetime = NOW,
    content: Any = None,
    policy: str = FAILING,
    digest: str = DIGEST,
    **spec: Any,
) -> Judgement:
    files = {"policies/p.yaml": policy, "environments/staging.yaml": environment(**spec)}
    files |= {f"waivers/{index}.yaml": one for index, one in enumerate(waivers)}
    request = Request(
        artifact=Artifact(name=None, image="registry.example/x", digest=digest),
        envelopes=(report({"a": 0.1} if content is None else content),),
        now=now,
        engines=(load_engine(None),),
        environment="staging",
    )
    return evaluate(MemoryTree(files), request).report.judgement


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_a_waived_failure_is_still_a_failure_and_lets_the_artifact_through() -> None:
    whole = judged(waiver())
    assert whole.verdict == "allowed"
    assert whole.results[0].result == "fail"
    assert whole.results[0].waived is not None
    assert whole.results[0].waived.approved_by == "dave"
    assert (whole.counts.fail, whole.counts.waived) == (1, 1)
    assert whole.waivers == ()


@pytest.mark.parametrize(
    ("granted", "expires", "now", "verdict", "state"),
    [
        ("2026-11-20", "2026-12-01", "2026-11-19T23:59:59.999999+00:00", "denied", "not yet valid"),
        ("2026-11-20", "2026-12-01", "2026-11-20T00:00:00+00:00", "allowed", None),
        ("2026-11-20", "2026-12-01", "2026-11-30T23:59:59.999999+00:00", "allowed", None),
        ("2026-11-20", "2026-12-01", "2026-12-01T00:00:00+00:00", "denied", "expired"),
        ("2026-11-20T00:00:00+05:00", "2026-12-01", "2026-11-19T19:00:00+00:00", "allowed", None),
        ("2026-11-20T00:00:00+05:00", "2026-12-01", "2026-11-19T18:59:59+00:00", "denied", "not yet valid"),
        ("2026-11-20", "2026-12-01T00:00:00-05:00", "2026-12-01T04:59:59+00:00", "allowed", None),
        ("2026-11-20", "2026-12-01T00:00:00-05:00", "2026-12-01T05:00:00+00:00", "denied", "expired"),
    ],
)
def test_a_waiver_is_in_force_from_granted_until_expires(
    granted: str, expires: str, now: str, verdict: str, state: str | None, timezone: str
) -> None:
    whole = judged(waiver(granted=granted, expires=expires), now=at(now))
    assert whole.verdict == verdict
    assert [note.state for note in whole.waivers] == ([] if state is None else [state])


@pytest.mark.parametrize(
    ("change", "options", "state"),
    [
        ({"artifact": "sha256:" + "b" * 64}, {}, "for another artifact"),
        ({"covers": ["missing"]}, {}, "does not cover fail"),
        ({"only_while": "evidence.metrics.values.a > 0.5"}, {}, "its `only_while` does not hold"),
        ({"only_while": "evidence.metrics.values.gone > 0.5 || true"}, {}, "its `only_while` does not hold"),
        ({"only_while": "1 / 0 == 1"}, {}, "its `only_while` does not hold"),
        ({"rule": "hard"}, {}, "unused"),
        ({}, {"waivers": {"max": "10d"}}, "runs longer than 10d, the most that staging allows"),
    ],
)
def test_a_waiver_that_does_not_count_is_listed(change: dict[str, Any], options: dict[str, Any], state: str) -> None:
    whole = judged(waiver(**change), **options)
    assert whole.verdict == "denied"
    assert [note.state for note in whole.waivers] == [state]


def test_a_waiver_of_a_rule_that_is_not_waivable_does_not_count() -> None:
    policy = policy_text([{"id": "it", "waivable": False, "require": "false"}])
    whole = judged(waiver(), policy=policy)
    assert whole.verdict == "denied"
    assert [note.state for note in whole.waivers] == ["the rule is not waivable"]


def test_what_is_not_covered_by_default_must_be_named() -> None:
    gone = {"b": 1}
    assert judged(waiver(), content=gone).verdict == "undecided"
    assert judged(waiver(covers=["fail", "missing"]), content=gone).verdict == "allowed"


def test_an_error_is_never_waived() -> None:
    policy = policy_text("1 / 0 == 1")
    assert judged(waiver(covers=["fail", "missing", "inconclusive"]), policy=policy).verdict == "undecided"


def test_required_evidence_is_waived_by_its_own_name() -> None:
    policy = policy_text([{"id": "it", "require": "true"}], evidence={"m": {"kind": "metrics"}, "s": {"kind": "scan"}})
    assert judged(policy=policy).verdict == "undecided"
    assert judged(waiver(rule="evidence/s", covers=["missing"]), policy=policy).verdict == "allowed"


def test_a_waiver_for_another_environment_is_not_looked_at() -> None:
    whole = judged(waiver(environments=["production"]))
    assert (whole.verdict, whole.waivers) == ("denied", ())


def test_an_orphan_is_listed() -> None:
    other = policy_text("true").replace('"name": "p"', '"name": "q"')
    files = {
        "policies/p.yaml": FAILING,
        "policies/q.yaml": other,
        "environments/staging.yaml": environment(),
        "waivers/w.yaml": waiver(policy="q"),
    }
    request = Request(
        artifact=None, envelopes=(report({"a": 0.9}),), now=NOW, engines=(load_engine(None),), environment="staging"
    )
    whole = evaluate(MemoryTree(files), request).report.judgement
    assert [note.state for note in whole.waivers] == ["orphaned: the policy does not apply here"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rule": "nothing"}, "has no rule 'nothing'"),
        ({"rule": "evidence/nothing"}, "has no rule 'evidence/nothing'"),
        ({"policy": "nothing"}, "there is no policy 'nothing'"),
        ({"approved_by": "carol"}, "another person"),
        ({"approved_by": " Carol "}, ""),
        ({"expires": "soon"}, ""),
        ({"expires": "2026-02-30"}, ""),
        ({"expires": "2026-11-20"}, ""),
        ({"only_while": "nonsense"}, "nonsense"),
        ({"covers": ["error"]}, "error"),
    ],
)
def test_a_wrong_waiver_stops_everything(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidFileError) as caught:
        judged(waiver(**change))
    assert words in str(caught.value)
    assert all(problem.file == "waivers/0.yaml" and problem.line for problem in caught.value.problems)
