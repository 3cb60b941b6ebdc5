"""The shorthands over data checks, lineage, objectives and roll-outs: both sides of every limit, on both engines."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.errors import InvalidFileError
from gatekeeper.evidence.reading import plain_facts
from gatekeeper.model import facts_data, facts_operation, facts_origin
from gatekeeper.model.artifact import Artifact, ModelIdentity
from gatekeeper.model.evidence import Envelope, Producer, Reading
from gatekeeper.model.judgement import Result
from tests.judging import DIGEST, ENGINES, policy_text, result

OTHER = "sha256:" + "b" * 64
COMMIT = "9f" * 20
TRAIN, TEST = "sha256:" + "1" * 64, "md5:" + "2" * 32 + ".dir"
ARTIFACT = Artifact(
    name="churn",
    image="registry.example/churn",
    digest=DIGEST,
    model=ModelIdentity(name="churn", digest=OTHER),
    commit=COMMIT,
    run="mlflow:3f6",
    datasets={"train": TRAIN, "test": TEST},
)

CHECK = facts_data.DataCheck
DATA = facts_data.Data(
    total=4,
    passed=3,
    failed=1,
    failed_share=0.25,
    skipped=1,
    checks={
        "ids are unique": CHECK(passed=True),
        "no nulls": CHECK(passed=False, observed=0.2),
        "a": CHECK(passed=True),
        "b": CHECK(passed=True),
    },
)
LINEAGE = facts_origin.Lineage(
    commit=COMMIT, run="mlflow:3f6", model=OTHER, data={"train": TRAIN, "test": TEST, "more": OTHER}
)
WINDOW = facts_operation.SloWindow
SLO = facts_operation.Slo(
    objective=0.999,
    windows={
        "1h": WINDOW(events=500.0, burn_rate=20.0),
        "5m": WINDOW(events=40.0, burn_rate=2.0),
        "6h": WINDOW(events=3000.0, burn_rate=7.0),
        "30m": WINDOW(events=250.0, burn_rate=8.0),
        "3d": WINDOW(),
    },
    budget_left=0.4,
    events=9000.0,
)
RUNNING = facts_operation.Running
ROLLOUT = facts_operation.Rollout(
    workload="Deployment",
    complete=True,
    failed=False,
    generation=3,
    desired=3,
    available=3,
    restarts=5,
    containers={
        "model": RUNNING(image="churn:1", digests=(DIGEST,), restarts=1),
        "mixed": RUNNING(image="churn:1", digests=(DIGEST, OTHER), restarts=4),
        "waiting": RUNNING(image="churn:1"),
    },
)
FACTS = {"data": DATA, "lineage": LINEAGE, "slo": SLO, "rollout": ROLLOUT}


def envelope_of(kind: str, facts: Any) -> Envelope:
    """An envelope around facts that came through the door: typed values are made plain as there."""
    plain = facts if isinstance(facts, dict) else plain_facts(Reading(facts=facts))
    return Envelope(name="e", kind=kind, producer=Producer(name="x"), source="x", digest=OTHER, facts=plain)


def judged(key: str, body: dict[str, Any], facts: Any = None, **options: Any) -> Result:
    policy = policy_text([{"id": "it", key: body, **options.pop("rule", {})}], evidence={"e": {"kind": key}})
    options.setdefault("artifact", ARTIFACT)
    return result(policy, envelope_of(key, FACTS[key] if facts is None else facts), **options)


CASES: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("data", {}, "fail", "failed checks 1 is above 0"),
    ("data", {"max_failed": 0}, "fail", "failed checks 1 is above 0"),
    ("data", {"max_failed": 1}, "pass", "failed checks 1 is at most 1"),
    ("data", {"max_failed_share": 0.25}, "pass", "share of failed checks 0.25 is at most 0.25"),
    ("data", {"max_failed_share": 0.24}, "fail", "share of failed checks 0.25 is above 0.24"),
    ("data", {"max_failed": 0, "max_failed_share": 1}, "fail", None),
    ("data", {"max_failed": 1, "min_checks": 4}, "pass", None),
    ("data", {"max_failed": 1, "min_checks": 5}, "fail", "checks that ran 4 is below 5"),
    ("data", {"max_failed": "2 - 1"}, "pass", None),
    ("data", {"max_failed": 1, "must_pass": ["ids are unique", "a"]}, "pass", None),
    ("data", {"max_failed": 1, "must_pass": ["a", "no nulls"]}, "fail", "check no nulls: passed is false"),
    ("data", {"max_failed": 9, "must_pass": ["fresh"]}, "missing", "evidence.e.checks.fresh.passed is missing"),
    ("data", {"max_failed": 9, "must_pass": ["A"]}, "missing", "evidence.e.checks.A.passed is missing"),
    ("lineage", {"same": ["commit"]}, "pass", f"commit '{COMMIT}' is '{COMMIT}'"),
    ("lineage", {"same": ["model"]}, "pass", f"model '{OTHER}' is '{OTHER}'"),
    ("lineage", {"same": ["run"]}, "pass", "run 'mlflow:3f6' is 'mlflow:3f6'"),
    ("lineage", {"same": ["data"]}, "pass", f"data test '{TEST}' is '{TEST}'"),
    ("lineage", {"same": ["commit", "data", "model", "run"]}, "pass", None),
    ("slo", {"max_burn_rate": 14.4, "windows": [["1h", "5m"]]}, "pass", "5m burn rate 2 is at most 14.4"),
    ("slo", {"max_burn_rate": 2, "windows": [["1h", "5m"]]}, "pass", "5m burn rate 2 is at most 2"),
    (
        "slo",
        {"max_burn_rate": 1.9, "windows": [["1h", "5m"]]},
        "fail",
        "5m burn rate 2 is above 1.9; 1h burn rate 20 is above 1.9",
    ),
    ("slo", {"max_burn_rate": 20, "windows": [["1h"]]}, "pass", "1h burn rate 20 is at most 20"),
    ("slo", {"max_burn_rate": 19, "windows": [["1h"]]}, "fail", "1h burn rate 20 is above 19"),
    ("slo", {"max_burn_rate": 7, "windows": [["1h", "5m"], ["6h", "30m"]]}, "pass", None),
    (
        "slo",
        {"max_burn_rate": 6, "windows": [["1h", "5m"], ["6h", "30m"]]},
        "fail",
        "6h burn rate 7 is above 6; 30m burn rate 8 is above 6",
    ),
    (
        "slo",
        {"max_burn_rate": 6, "windows": [["3d", "6h"]]},
        "missing",
        "evidence.e.windows['3d'].burn_rate is missing",
    ),
    (
        "slo",
        {"max_burn_rate": 6, "windows": [["2h", "5m"]]},
        "missing",
        "evidence.e.windows['2h'].burn_rate is missing",
    ),
    ("slo", {"max_burn_rate": 14.4, "windows": [["1h", "5m"]], "min_events": 500}, "pass", None),
    (
        "slo",
        {"max_burn_rate": 14.4, "windows": [["1h", "5m"]], "min_events": 501},
        "inconclusive",
        "1h events: the sample is too small to tell",
    ),
    ("slo", {"max_burn_rate": 1, "windows": [["1h", "5m"]], "min_events": 501}, "inconclusive", None),
    ("slo", {"max_burn_rate": 1, "windows": [["1h", "5m"]], "min_events": 500}, "fail", None),
    ("slo", {"max_burn_rate": 9, "windows": [["30m", "5m"], ["6h", "1h"]], "min_events": 3001}, "inconclusive", None),
    ("slo", {"max_burn_rate": 9, "windows": [["30m", "5m"], ["6h", "1h"]], "min_events": 3000}, "pass", None),
    ("slo", {"max_burn_rate": 9, "windows": [["3d", "5m"]], "min_events": 1}, "missing", None),
    ("slo", {"min_budget_left": 0.4}, "pass", "error budget left 0.4 is at least 0.4"),
    ("slo", {"min_budget_left": 0.41}, "fail", "error budget left 0.4 is below 0.41"),
    ("slo", {"min_budget_left": 0.41, "min_events": 9000}, "fail", None),
    ("slo", {"min_budget_left": 0.4, "min_events": 9001}, "fail", "events 9000 is below 9001"),
    ("slo", {"min_events": 9000}, "pass", "events 9000 is at least 9000"),
    (
        "slo",
        {"max_burn_rate": 14.4, "windows": [["1h", "5m"]], "min_events": 501, "min_budget_left": 0.41},
        "fail",
        None,
    ),
    ("rollout", {}, "pass", "complete is true"),
    ("rollout", {"min_available": 3}, "pass", None),
    ("rollout", {"min_available": 4}, "fail", "available replicas 3 is below 4"),
    ("rollout", {"min_available": "evidence.e.desired"}, "pass", None),
    ("rollout", {"max_restarts": 5}, "pass", None),
    ("rollout", {"max_restarts": 4}, "fail", "restarts 5 is above 4"),
    ("rollout", {"max_restarts": 1, "container": "model"}, "pass", None),
    ("rollout", {"max_restarts": 0, "container": "model"}, "fail", "restarts 1 is above 0"),
    ("rollout", {"same_digest": True}, "pass", None),
    ("rollout", {"same_digest": True, "container": "model"}, "pass", None),
    ("rollout", {"same_digest": True, "container": "mixed"}, "fail", f"container mixed '{OTHER}' is not '{DIGEST}'"),
    ("rollout", {"same_digest": True, "container": "waiting"}, "fail", f"container waiting null is not '{DIGEST}'"),
    (
        "rollout",
        {"same_digest": True, "container": "gone"},
        "missing",
        "evidence.e.containers.gone.digests is missing",
    ),
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("key", "body", "outcome", "message"), CASES)
def test_each_side_of_each_limit(
    engine: str, key: str, body: dict[str, Any], outcome: str, message: str | None
) -> None:
    one = judged(key, body, engine=engine)
    assert (one.result, message or one.message) == (outcome, one.message)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("word", "changed", "outcome", "message"),
    [
        ("commit", {"commit": "00" * 20}, "fail", f"commit '{'00' * 20}' is not '{COMMIT}'"),
        ("commit", {"commit": COMMIT[:12]}, "fail", None),
        ("commit", {"commit": COMMIT.upper()}, "fail", None),
        ("model", {"model": DIGEST}, "fail", f"model '{DIGEST}' is not '{OTHER}'"),
        ("run", {"run": "3f6"}, "fail", "run '3f6' is not 'mlflow:3f6'"),
        ("data", {"data": {"train": TRAIN, "test": TEST[:-4]}}, "fail", f"data test '{TEST[:-4]}' is not '{TEST}'"),
        ("data", {"data": {"train": TRAIN}}, "missing", "evidence.e.data.test is missing"),
        ("data", {"data": {"train": TRAIN}, "outputs": {"test": TEST}}, "pass", None),
        ("data", {"data": {}, "outputs": {"test": TEST, "train": TRAIN}}, "pass", None),
        ("data", {"data": {"train": OTHER, "test": TEST}, "outputs": {"train": TRAIN}}, "fail", None),
        ("data", {"data": {"train": TRAIN}, "outputs": {"test": OTHER}}, "fail", None),
        ("data", {"data": {}}, "missing", "evidence.e.data.test is missing"),
        ("commit", {"changed": []}, "pass", None),
        ("commit", {"changed": ["data.csv", "x"]}, "fail", "things changed since recorded 2 is above 0"),
    ],
)  # fmt: skip
def test_what_evidence_says_must_be_what_the_artifact_carries(
    engine: str, word: str, changed: dict[str, Any], outcome: str, message: str | None
) -> None:
    facts = {**plain_facts(Reading(facts=LINEAGE)), **changed}
    one = judged("lineage", {"same": [word]}, facts, engine=engine)
    assert (one.result, message or one.message) == (outcome, one.message)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("word", ["commit", "model", "run", "data"])
def test_what_either_side_does_not_give_is_missing(engine: str, word: str) -> None:
    bare = Artifact(name="churn", image="registry.example/churn", digest=DIGEST, model=ModelIdentity(name="churn"))
    carried = {"model": "artifact.model.digest", "data": "artifact.datasets"}.get(word, f"artifact.{word}")
    assert judged("lineage", {"same": [word]}, engine=engine, artifact=bare).message == f"{carried} is missing"
    told = judged("lineage", {"same": [word]}, facts_origin.Lineage(), engine=engine)
    assert (told.result, told.path) == ("missing", "data.test" if word == "data" else word)
    alone = judged("lineage", {"same": [word]}, engine=engine, artifact=None)
    assert alone.result == "missing"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "commit", ["9f9f9f9", "HEAD", "9F" * 20, "9f" * 20 + "\n", "9f" * 19 + "٣٣", "9f" * 24, " " + COMMIT]
)
def test_two_equal_commits_that_are_not_in_full_do_not_match(engine: str, commit: str) -> None:
    short = Artifact(name="churn", image="registry.example/churn", commit=commit)
    facts = facts_origin.Lineage(commit=commit)
    assert judged("lineage", {"same": ["commit"]}, facts, engine=engine, artifact=short).result == "fail"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("changed", "body", "outcome"),
    [
        ({"complete": False}, {}, "fail"),
        ({"complete": False}, {"complete": False}, "pass"),
        ({"complete": False, "failed": True}, {"complete": False}, "fail"),
        ({"failed": True}, {}, "fail"),
        ({"containers": None}, {"same_digest": True}, "missing"),
        ({"containers": None}, {"same_digest": True, "container": "model"}, "missing"),
        ({"containers": None}, {"max_restarts": 9, "container": "model"}, "missing"),
        ({"containers": {}}, {"same_digest": True}, "fail"),
        ({"restarts": None}, {"max_restarts": 9}, "missing"),
        ({"complete": None}, {}, "missing"),
        ({"failed": None}, {"complete": False}, "missing"),
    ],
)
def test_a_roll_out_that_has_not_come_to_its_end(
    engine: str, changed: dict[str, Any], body: dict[str, Any], outcome: str
) -> None:
    facts = {**plain_facts(Reading(facts=ROLLOUT)), **changed}
    facts = {key: value for key, value in facts.items() if value is not None}
    assert judged("rollout", body, facts, engine=engine).result == outcome


def test_where_no_container_runs_the_digest_each_is_told() -> None:
    facts = {**plain_facts(Reading(facts=ROLLOUT))}
    del facts["containers"]["model"]
    one = judged("rollout", {"same_digest": True}, facts)
    assert one.message == f"container mixed '{OTHER}' is not '{DIGEST}'; container waiting null is not '{DIGEST}'"
    assert (one.observed, one.limit, one.path) == (OTHER, DIGEST, "containers.mixed.digests")


def test_a_container_that_runs_something_else_is_not_told_where_another_runs_the_digest() -> None:
    one = judged("rollout", {"same_digest": True}, {**plain_facts(Reading(facts=ROLLOUT)), "complete": False})
    assert (one.result, one.message) == ("fail", "complete is false")


def test_value_limit_and_margin_are_those_of_what_counts() -> None:
    one = judged("slo", {"max_burn_rate": 6, "windows": [["1h", "5m"], ["6h", "30m"]]})
    assert (one.observed, one.comparator, one.limit, one.margin) == (7, "<=", 6, -1)
    assert one.path == "windows['6h'].burn_rate"
    few = judged("slo", {"max_burn_rate": 1, "windows": [["1h", "5m"]], "min_events": 600})
    assert (few.observed, few.limit, few.margin, few.path) == (500, 600, -100, "windows['1h'].events")
    used = judged("lineage", {"same": ["data"]}, {"data": {"train": TRAIN, "test": TRAIN}, "outputs": {"test": TEST}})
    assert (used.observed, used.limit, used.margin, used.path) == (TRAIN, TEST, None, "data.test")
    made = judged("lineage", {"same": ["data"]}, {"data": {"train": TRAIN}, "outputs": {"test": TRAIN}})
    assert (made.result, made.observed, made.limit, made.path) == ("fail", TRAIN, TEST, "outputs.test")


def test_an_optional_rule_is_skipped_where_a_data_set_is_not_given() -> None:
    one = judged("lineage", {"same": ["data"]}, facts_origin.Lineage(), rule={"optional": True})
    assert one.result == "skipped"


@pytest.mark.parametrize(
    ("key", "body", "words"),
    [
        ("data", {"min_checks": 0}, "`min_checks` is 1 at least"),
        ("data", {"max_failed": "'x'"}, "a limit is a number"),
        ("data", {"must_pass": [""]}, "must_pass"),
        ("lineage", {"same": []}, "same"),
        ("lineage", {"same": ["commit", "commit"]}, "twice"),
        ("lineage", {"same": ["image"]}, "image"),
        ("lineage", {}, "`same` is missing"),
        ("slo", {}, "at least one limit"),
        ("slo", {"max_burn_rate": 6}, "go together"),
        ("slo", {"windows": [["1h", "5m"]], "min_budget_left": 0.1}, "go together"),
        ("slo", {"max_burn_rate": 6, "windows": [["5m", "1h"]]}, "[5m, 1h]"),
        ("slo", {"max_burn_rate": 6, "windows": [["1h", "60m"]]}, "[1h, 60m]"),
        ("slo", {"max_burn_rate": 6, "windows": [["1h", "30m", "5m"]]}, "windows"),
        ("slo", {"max_burn_rate": 6, "windows": [[]]}, "windows"),
        ("slo", {"max_burn_rate": 6, "windows": [["an hour"]]}, "not a duration"),
        ("rollout", {"container": "model"}, "narrows"),
        ("rollout", {"min_available": True}, "min_available"),
    ],
)
def test_a_wrong_shorthand_is_refused(key: str, body: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidFileError) as caught:
        judged(key, body)
    assert words in str(caught.value)
    assert all(problem.line for problem in caught.value.problems)
