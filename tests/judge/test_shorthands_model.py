"""The same four shorthands against a second, independent account of what they mean, on both engines at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.model.artifact import Artifact, ModelIdentity
from tests.judge.test_shorthands_of_facts import judged
from tests.judging import DIGEST

EXAMPLES = settings(max_examples=60)
NAMES = ["a", "it's", 'say "hi"', "back\\slash", "line\nend", "a.b['c']", "äß", "true", "in", "${x} {{y}}", "//"]
DIGESTS = [DIGEST, "sha256:" + "b" * 64, "md5:" + "c" * 32]
COMMITS = ["9f" * 20, "9f" * 32, "9f9f9f9", "9F" * 20, "9f" * 20 + "\n", "main"]
SECONDS = {"5m": 300, "30m": 1800, "1h": 3600, "6h": 21600, "3d": 259200}
limits = st.integers(0, 4) | st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0, 14.4])
rates = st.sampled_from([0.0, 0.1, 0.5, 1.0, 6.0, 14.4, 14.400000000000002, 1e300, 5e-324])


def outcome(*, needed: Iterable[bool], holds: bool, enough: bool = True, breaks: bool = False) -> str:
    """Missing before all else; then what breaks whatever the sample; then whether the sample is enough."""
    if not all(needed):
        return "missing"
    if breaks:
        return "fail"
    if not enough:
        return "inconclusive"
    return "pass" if holds else "fail"


@EXAMPLES
@given(
    checks=st.dictionaries(st.sampled_from(NAMES), st.booleans(), min_size=1),
    body=st.fixed_dictionaries(
        {},
        optional={
            "max_failed": limits,
            "max_failed_share": limits,
            "min_checks": st.integers(1, 4),
            "must_pass": st.lists(st.sampled_from(NAMES), max_size=2),
        },
    ),
)
def test_data(checks: dict[str, bool], body: dict[str, Any]) -> None:
    failed = sum(not passed for passed in checks.values())
    facts = {
        "total": len(checks),
        "passed": len(checks) - failed,
        "failed": failed,
        "failed_share": failed / len(checks),
        "skipped": 0,
        "checks": {name: {"passed": passed} for name, passed in checks.items()},
    }
    must = body.get("must_pass", [])
    most = body.get("max_failed", 0 if "max_failed_share" not in body else len(checks))
    wanted = outcome(
        needed=[name in checks for name in must],
        holds=failed <= most
        and failed / len(checks) <= body.get("max_failed_share", 1)
        and len(checks) >= body.get("min_checks", 1)
        and all(checks.get(name) for name in must),
    )
    assert judged("data", body, facts, cross_check=True).result == wanted


maybe_digest = st.none() | st.sampled_from(DIGESTS)
maybe_commit = st.none() | st.sampled_from(COMMITS)
maybe_run = st.none() | st.sampled_from(["mlflow:1", "1"])
datasets = st.dictionaries(st.sampled_from(["train", "test", "data/It.s-1"]), st.sampled_from(DIGESTS))


def given_of(**facts: Any) -> dict[str, Any]:
    return {key: value for key, value in facts.items() if value is not None}


@EXAMPLES
@given(
    same=st.lists(st.sampled_from(["commit", "data", "model", "run"]), min_size=1, unique=True),
    here=st.tuples(maybe_commit, datasets, maybe_digest, maybe_run),
    there=st.tuples(maybe_commit, datasets, maybe_digest, maybe_run),
    agree=st.booleans(),
    made=datasets,
    changed=st.none() | st.lists(st.sampled_from(NAMES), max_size=2),
)
def test_lineage(
    same: list[str], here: Any, there: Any, agree: bool, made: dict[str, str], changed: list[str] | None
) -> None:
    there = here if agree else there
    commit, data, digest, run = there
    artifact = Artifact(
        name="churn",
        image="registry.example/churn",
        commit=commit,
        datasets=data,
        model=ModelIdentity(digest=digest) if digest else None,
        run=run,
    )
    facts = given_of(commit=here[0], data=here[1], outputs=made, model=here[2], run=here[3], changed=changed)
    here = (here[0], {**made, **here[1]}, *here[2:])
    pairs = dict(zip(("commit", "data", "model", "run"), zip(here, there, strict=True), strict=True))
    wanted = outcome(
        needed=[
            bool(theirs) and theirs.keys() <= mine.keys() if word == "data" else None not in (mine, theirs)
            for word, (mine, theirs) in pairs.items()
            if word in same
        ],
        holds=not changed and all(_agree(word, mine, theirs) for word, (mine, theirs) in pairs.items() if word in same),
    )
    assert judged("lineage", {"same": same}, facts, artifact=artifact, cross_check=True).result == wanted


def _agree(word: str, mine: Any, theirs: Any) -> bool:
    if word == "data":
        return all(mine.get(name) == digest for name, digest in theirs.items())
    is_full = mine in COMMITS[:2]
    return bool(mine == theirs) and (word != "commit" or is_full)


windows = st.sampled_from(list(SECONDS))
pairs_of_windows = st.lists(
    st.lists(windows, min_size=1, max_size=2, unique=True).map(
        lambda pair: sorted(pair, key=SECONDS.__getitem__, reverse=True)
    ),
    min_size=1,
    max_size=2,
)
in_a_window = st.fixed_dictionaries({}, optional={"burn_rate": rates, "events": rates})
full_window = st.fixed_dictionaries({"burn_rate": rates, "events": rates})


@EXAMPLES
@given(
    facts=st.fixed_dictionaries(
        {"windows": st.dictionaries(windows, in_a_window) | st.fixed_dictionaries(dict.fromkeys(SECONDS, full_window))},
        optional={"budget_left": st.sampled_from([-1.5, 0.0, 0.1, 0.25, 1.0]), "events": rates},
    ),
    body=st.fixed_dictionaries(
        {"windows": pairs_of_windows, "max_burn_rate": limits},
        optional={"min_budget_left": limits, "min_events": limits},
    ),
)
def test_slo(facts: dict[str, Any], body: dict[str, Any]) -> None:
    named = [window for pair in body["windows"] for window in pair]
    longest = facts["windows"].get(max(named, key=SECONDS.__getitem__), {})
    told = {window: facts["windows"].get(window, {}).get("burn_rate") for window in named}
    needed = [rate is not None for rate in told.values()]
    needed += ["budget_left" in facts] * ("min_budget_left" in body)
    needed += ["events" in longest] * ("min_events" in body)
    wanted = "missing"
    if all(needed):
        burns = any(all(told[window] > body["max_burn_rate"] for window in pair) for pair in body["windows"])
        wanted = outcome(
            needed=needed,
            holds=not burns,
            enough=longest.get("events", 0.0) >= body.get("min_events", 0.0),
            breaks="min_budget_left" in body and facts["budget_left"] < body["min_budget_left"],
        )
    assert judged("slo", body, facts, cross_check=True).result == wanted


container = st.fixed_dictionaries(
    {"image": st.just("x"), "digests": st.lists(st.sampled_from(DIGESTS), unique=True), "restarts": st.integers(0, 3)}
)


@EXAMPLES
@given(
    facts=st.fixed_dictionaries(
        {"complete": st.booleans(), "failed": st.booleans(), "available": st.integers(0, 3)},
        optional={
            "restarts": st.integers(0, 3),
            "containers": st.dictionaries(st.sampled_from(NAMES[:4]), container, max_size=3),
        },
    ),
    body=st.fixed_dictionaries(
        {},
        optional={
            "complete": st.booleans(),
            "min_available": limits,
            "same_digest": st.booleans(),
            "max_restarts": limits,
            "container": st.sampled_from(NAMES[:4]),
        },
    ),
    has_digest=st.booleans(),
)
def test_rollout(facts: dict[str, Any], body: dict[str, Any], has_digest: bool) -> None:
    asks_digest, name = body.get("same_digest", False), body.get("container")
    if not asks_digest and "max_restarts" not in body:
        body.pop("container", None)
    artifact = Artifact(name="churn", image="registry.example/churn", digest=DIGEST if has_digest else None)
    told = facts.get("containers", {})
    mine = told.get(name, {}) if name else facts
    looked_at = [told[name]] if name in told else [] if name else list(told.values())
    wanted = outcome(
        needed=[
            not asks_digest or (has_digest and (name in told if name else "containers" in facts)),
            "max_restarts" not in body or "restarts" in mine,
        ],
        holds=(facts["complete"] or not body.get("complete", True))
        and not facts["failed"]
        and facts["available"] >= body.get("min_available", 0)
        and (not asks_digest or any(one["digests"] == [DIGEST] for one in looked_at))
        and mine.get("restarts", 0) <= body.get("max_restarts", 9),
    )
    assert judged("rollout", body, facts, artifact=artifact, cross_check=True).result == wanted
