"""Groups below the minimum are told neither by count nor by rate, and a rule says of them what it said before."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gatekeeper.app.evaluate import Request, evaluate
from gatekeeper.app.keeping import kept_of
from gatekeeper.judge.cel import load_engine
from gatekeeper.model.artifact import Artifact
from gatekeeper.model.evidence import Envelope
from gatekeeper.records.facts import facts_path, read_facts
from gatekeeper.records.small_groups import masked_groups
from tests.judging import NOW, judgement, policy_text, report
from tests.records.keeping import EARLIER
from tests.trees import MemoryTip, environment

ENGINES = (load_engine(None),)
DEFINITIONS = {
    "demographic_parity_difference": "max",
    "demographic_parity_ratio": "min",
    "equal_opportunity_difference": "max",
    "equalized_odds_difference": "max",
    "predictive_parity_difference": "max",
}
MINIMUM = 30


@st.composite
def groups(draw: Any) -> dict[str, dict[str, int]]:
    found = {}
    for name in draw(st.lists(st.sampled_from("ABCDEF"), unique=True, min_size=1)):
        n = draw(st.sampled_from([1, 7, 29, 30, 31, 80, 500, 5000]))
        positives = draw(st.integers(0, n))
        hits = draw(st.integers(0, positives))
        alarms = draw(st.integers(0, n - positives))
        found[name] = {"n": n, "positives": positives, "true_positives": hits, "false_positives": alarms}
    return found


@st.composite
def rules(draw: Any) -> dict[str, Any]:
    definition = draw(st.sampled_from(sorted(DEFINITIONS)))
    rule: dict[str, Any] = {
        "definition": definition,
        DEFINITIONS[definition]: draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])),
        "min_group_n": MINIMUM,
    }
    return rule | ({"by": "a"} if draw(st.booleans()) else {})


def fairness(given_groups: dict[str, dict[str, int]], attribute: str = "a") -> Envelope:
    return report({"attribute": attribute, "groups": given_groups}, name="f")


def policy(rule: dict[str, Any] | str) -> str:
    stated: dict[str, Any] = {"require": rule} if isinstance(rule, str) else {"fairness": {"in": "f", **rule}}
    return policy_text([{"id": "it", **stated}], evidence={"f": {"kind": "fairness"}})


def kept_by(text: str, envelope: Envelope) -> Envelope:
    """The evidence as it is kept where this policy judges."""
    tree = MemoryTip({"policies/p.yaml": text, "environments/staging.yaml": environment("staging")})
    artifact = Artifact(name=None, image="registry.example/x", tag="1", digest="sha256:" + "a" * 64)
    request = Request(artifact=artifact, envelopes=(envelope,), now=NOW, engines=ENGINES, environment="staging")
    kept = kept_of(evaluate(tree, request))
    (digest,) = kept.digests
    assert digest is not None
    return read_facts(kept.files[facts_path(digest)], digest, "from staging: f", EARLIER)


def outcome(text: str, envelope: Envelope) -> str:
    (found,) = judgement(text, envelope).results
    return found.result


@settings(max_examples=120)
@given(groups(), rules())
def test_the_rule_says_what_it_said(given_groups: dict[str, dict[str, int]], rule: dict[str, Any]) -> None:
    text, evidence = policy(rule), fairness(given_groups)
    assume(evidence.status == "evaluated")
    kept = kept_by(text, evidence)
    if kept.facts["only"]["groups"] or kept.facts["only"]["group_count"] < 2:
        assert outcome(text, kept) == outcome(text, evidence)
    else:
        # Of groups none of which is told, that nobody is selected would be the rate of each.
        assert outcome(text, kept) in {"inconclusive", "missing"}


@given(groups(), st.sampled_from([1, 2, 30, 100]))
def test_no_small_count_is_told_or_follows(given_groups: dict[str, dict[str, int]], minimum: int) -> None:
    facts = fairness(given_groups).facts
    kept, masked = masked_groups(facts, minimum)
    sizes = {name: group["n"] for name, group in facts["only"]["groups"].items()}
    for attribute in (kept["only"], kept["attributes"]["a"]):
        told = attribute["groups"]
        hidden = sizes.keys() - told.keys()
        assert all(group["n"] >= minimum for group in told.values())
        assert bool(hidden) == any(size < minimum for size in sizes.values())
        if hidden:
            assert ("only", "smallest_n") in masked
            assert attribute["n"] == 0 or sum(sizes[name] for name in hidden) >= minimum
            assert not told or len(hidden) > 1
        else:
            assert attribute == facts["only"]


RAW = [
    "evidence.f.only.smallest_n > 2",
    "evidence.f.only.smallest_n < 30",
    "evidence.f.only.groups.all(g, evidence.f.only.groups[g].n > 2)",
    "size(evidence.f.only.groups) < 9",
    "!('C' in evidence.f.only.groups)",
    "!has(evidence.f.only.groups.C)",
    "!has(evidence.f.only.highest_selection_rate) || evidence.f.only.highest_selection_rate < 0.9",
    "evidence.f.only.gaps.demographic_parity_difference < 0.9",
    "evidence.f.only.gaps.all(d, evidence.f.only.gaps[d] < 0.99)",
    "evidence.f.attributes.all(a, evidence.f.attributes[a].smallest_n >= 0)",
]


@pytest.mark.parametrize("condition", RAW)
@pytest.mark.parametrize("more", [{}, {"optional": True}], ids=["", "optional"])
def test_a_condition_on_what_is_not_told_is_missing(condition: str, more: dict[str, Any]) -> None:
    small = {
        "A": {"n": 500, "positives": 10, "true_positives": 5, "false_positives": 5},
        "B": {"n": 400, "positives": 10, "true_positives": 5, "false_positives": 5},
        "C": {"n": 5, "positives": 5, "true_positives": 4, "false_positives": 0},
    }
    whole = {"id": "it", "require": condition, **more}
    text = policy_text([whole], evidence={"f": {"kind": "fairness"}})
    evidence = fairness(small)
    assert outcome(text, evidence) in {"pass", "fail"}
    assert outcome(text, kept_by(text, evidence)) == "missing"


def test_of_intersections_none_is_told_where_one_is_small() -> None:
    """With F at 500 and `F, young` at 495, five are `F, old`."""
    even = {"positives": 10, "true_positives": 5, "false_positives": 5}
    sex = {"F": {"n": 500, **even}, "M": {"n": 500, **even}}
    both = {"F, young": 495, "F, old": 5, "M, young": 250, "M, old": 250}
    rest = {"positives": 0, "true_positives": 0, "false_positives": 5}
    intersections = {name: {"n": n, **rest} for name, n in both.items()}
    members = [{"attribute": "sex", "groups": sex}, {"attribute": ["sex", "age"], "groups": intersections}]
    kept, masked = masked_groups(report(members, name="f").facts, 30)
    assert kept["attributes"]["sex"]["groups"].keys() == {"F", "M"}
    assert kept["attributes"]["sex & age"]["groups"] == {}
    assert kept["attributes"]["sex & age"]["n"] == 1000
    assert all(path[:2] == ("attributes", "sex & age") for path in masked)
    alone, _ = masked_groups(report(members[1], name="f").facts, 30)
    assert alone["only"]["groups"] == alone["attributes"]["sex & age"]["groups"] == {}


def test_what_the_told_groups_say_is_kept() -> None:
    spread = {
        "A": {"n": 500, "positives": 100, "true_positives": 0, "false_positives": 0},
        "B": {"n": 400, "positives": 100, "true_positives": 100, "false_positives": 100},
        "C": {"n": 5, "positives": 2, "true_positives": 1, "false_positives": 0},
        "D": {"n": 90, "positives": 20, "true_positives": 10, "false_positives": 10},
    }
    kept, masked = masked_groups(fairness(spread).facts, 30)
    assert kept["only"]["groups"].keys() == {"A", "B"}
    assert kept["only"]["n"] == 995
    assert kept["only"]["lowest_selection_rate"] == 0.0
    assert kept["only"]["highest_selection_rate"] == 0.5
    assert kept["only"]["gaps"]["demographic_parity_difference"] == 0.5
    assert ("only", "groups") in masked


@pytest.mark.parametrize(("asked", "told"), [(10, True), (30, True), (50, False), ("params.least", False)])
def test_the_minimum_is_the_one_that_the_judging_rule_asks_for(asked: int | str, told: bool) -> None:
    even = {name: {"n": 40, "positives": 10, "true_positives": 5, "false_positives": 5} for name in "ABC"}
    rule = {"definition": "demographic_parity_difference", "max": 0.1, "min_group_n": asked, "in": "f"}
    text = policy_text(
        [{"id": "it", "fairness": rule}],
        evidence={"f": {"kind": "fairness"}},
        parameters={"least": {"type": "integer", "default": 50}},
    )
    found = kept_by(text, fairness(even))
    assert found.recorded is not None
    assert (found.recorded.masked == ()) is told


def test_what_was_kept_once_is_kept_the_same_again() -> None:
    small = {
        "A": {"n": 500, "positives": 10, "true_positives": 5, "false_positives": 5},
        "B": {"n": 5, "positives": 5, "true_positives": 4, "false_positives": 0},
        "C": {"n": 600, "positives": 9, "true_positives": 4, "false_positives": 0},
        "D": {"n": 700, "positives": 9, "true_positives": 4, "false_positives": 0},
    }
    text = policy({"definition": "equal_opportunity_difference", "max": 0.1})
    once = kept_by(text, fairness(small))
    twice = kept_by(text, once)
    assert twice.facts == once.facts
    assert twice.recorded == once.recorded
