"""`fairness`: what is undefined is never 0, and numbers that cannot be are refused."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from msgspec import UNSET

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fairness import read
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.facts import Attribute, Fairness
from tests.evidence.reports import opened

F = {"n": 2500, "selected": 775, "positives": 700, "true_positives": 610, "false_positives": 165}
M = {"n": 2500, "selected": 1000, "positives": 900, "true_positives": 800, "false_positives": 200}


def document(**groups: Any) -> dict[str, Any]:
    return {"attribute": "gender", "groups": groups}


def attribute(**groups: Any) -> Attribute:
    facts: Fairness = read(opened(document(**groups))).facts
    return facts.attributes["gender"]


def test_counts_give_rates_and_gaps() -> None:
    found = attribute(F=F, M=M)
    assert (found.n, found.group_count, found.smallest_n) == (5000, 2, 2500)
    assert found.groups["F"].selection_rate == 0.31
    assert found.groups["F"].precision == 610 / 775
    assert found.gaps == {
        "demographic_parity_difference": 0.09,
        "demographic_parity_ratio": 0.775,
        "equal_opportunity_difference": float(Fraction(800, 900) - Fraction(610, 700)),
        "equalized_odds_difference": float(Fraction(200, 1600) - Fraction(165, 1800)),
        "predictive_parity_difference": float(Fraction(800, 1000) - Fraction(610, 775)),
    }
    assert (found.lowest_selection_rate, found.highest_selection_rate) == (0.31, 0.4)


def test_rates_may_stand_instead_of_counts_and_their_decimals_are_exact() -> None:
    found = attribute(
        A={"n": 50, "selection_rate": 0.3}, B={"n": 50, "selection_rate": 0.4}, C={"n": 50, "selected": 16}
    )
    assert found.gaps == {"demographic_parity_difference": 0.1, "demographic_parity_ratio": 0.75}
    assert found.groups["A"].selected is UNSET


def test_the_third_of_selected_true_and_false_positives_follows() -> None:
    for missing in ("selected", "true_positives", "false_positives"):
        assert attribute(F={key: value for key, value in F.items() if key != missing}, M=M) == attribute(F=F, M=M)


def test_counts_may_be_written_as_whole_floats_and_null_is_absence() -> None:
    found = attribute(F={**F, "n": 2500.0, "precision": None}, M=M)
    assert found == attribute(F=F, M=M)
    assert type(found.groups["F"].n) is int


def test_several_attributes_and_intersections() -> None:
    both = [document(F=F, M=M), {"attribute": ["gender", "age"], "n": 2500, "groups": {"F & old": F}}]
    facts: Fairness = read(opened(both)).facts
    assert list(facts.attributes) == ["gender", "gender & age"]
    assert facts.only is UNSET
    assert read(opened([both[0]])).facts.only == attribute(F=F, M=M)


def test_a_rate_without_a_denominator_is_absent_and_so_is_the_gap() -> None:
    nobody_positive = {"n": 10, "selected": 1, "positives": 0, "true_positives": 0, "false_positives": 1}
    found = attribute(F=F, X=nobody_positive)
    assert found.groups["X"].true_positive_rate is UNSET
    assert sorted(found.gaps) == [
        "demographic_parity_difference",
        "demographic_parity_ratio",
        "predictive_parity_difference",
    ]


def test_an_empty_group_leaves_every_gap_undefined() -> None:
    found = attribute(F=F, M=M, X={"n": 0, "selected": 0, "positives": 0, "true_positives": 0})
    assert (found.gaps, found.smallest_n, found.lowest_selection_rate) == ({}, 0, UNSET)


@pytest.mark.parametrize(
    "groups",
    [
        {"F": F},
        {
            "F": {"n": 10, "selected": 0, "positives": 5, "true_positives": 0},
            "M": {"n": 9, "selected": 0, "positives": 5, "true_positives": 0},
        },
        {"F": {"n": 10, "selection_rate": 0}, "M": {"n": 9, "selection_rate": 0.0}},
        {"F": {"n": 10, "true_positive_rate": 0}, "M": {"n": 9, "true_positive_rate": 0}},
    ],
)
def test_one_group_alone_or_nobody_selected_has_no_gap(groups: dict[str, Any]) -> None:
    assert attribute(**groups).gaps == {}


@pytest.mark.parametrize("label", ["", "nan", "null", "None", "unknown"])
def test_a_missing_label_is_a_group_of_its_own(label: str) -> None:
    assert attribute(**{"F": F, "M": M, label: M}).group_count == 3


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"n": None}, "n of group 'F' is not a whole number"),
        ({"n": "2500"}, "n of group 'F' is not a whole number"),
        ({"n": True}, "n of group 'F' is not a whole number"),
        ({"selected": 10.5}, "selected of group 'F' is not a whole number"),
        ({"positives": -1}, "positives of group 'F' is not a whole number"),
        ({"selected": 2501, "true_positives": None, "false_positives": None}, "cannot be"),
        ({"positives": 2501}, "cannot be"),
        ({"true_positives": 701}, "cannot be"),
        ({"true_positives": 776, "positives": 900, "false_positives": None}, "cannot be"),
        ({"false_positives": 1801, "selected": None}, "cannot be"),
        ({"selected": 774}, "cannot be"),
        ({"selection_rate": 0.3101}, "selection_rate of group 'F' disagrees with the counts"),
        ({"precision": 0.9}, "precision of group 'F' disagrees with the counts"),
        ({"true_positive_rate": 1.2}, "not between 0 and 1"),
        ({"false_positive_rate": -0.1}, "not between 0 and 1"),
        ({"precision": "0.787"}, "precision of group 'F' is not a number"),
    ],
)
def test_impossible_and_contradictory_numbers_are_refused(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(EvidenceError, match=reason):
        attribute(F={**F, **changes}, M=M)


def test_a_given_rate_may_be_rounded_to_four_decimals() -> None:
    assert attribute(F={**F, "true_positive_rate": 0.8714}, M=M) == attribute(F=F, M=M)


@pytest.mark.parametrize(
    ("group", "reason"),
    [
        ({"n": 0, "selection_rate": 0.0}, "the group is empty"),
        ({"n": 10, "positives": 0, "true_positive_rate": 0.0}, "nobody is there"),
        ({"n": 10, "selection_rate": 0, "true_positive_rate": 0.5}, "nobody is selected"),
        ([], "group 'X' is not an object"),
    ],
)
def test_a_rate_of_nobody_is_refused(group: Any, reason: str) -> None:
    with pytest.raises(EvidenceError, match=reason):
        attribute(F=F, X=group)


@pytest.mark.parametrize(
    ("report", "reason"),
    [
        ({**document(F=F, M=M), "n": 5001}, "5000 rows together"),
        ([document(F=F), document(M=M)], "'gender' stands twice"),
        ({**document(F=F), "attribute": 5}, "not a name"),
        ({**document(F=F), "attribute": []}, "not a name"),
        ({**document(F=F), "attribute": ""}, "not a name"),
        ({"attribute": "gender"}, "not a fairness report"),
        ({"attribute": "gender", "groups": []}, "groups is not an object"),
    ],
)
def test_what_is_not_of_the_form_is_refused(report: Any, reason: str) -> None:
    with pytest.raises(EvidenceError, match=reason):
        read(opened(report))


def test_no_group_is_not_evaluated() -> None:
    with pytest.raises(NotEvaluatedError, match="no group"):
        attribute()


@st.composite
def confusion(draw: st.DrawFn) -> dict[str, int]:
    cells = [draw(st.integers(0, 50)) for _ in range(4)]
    hits, false_alarms, misses, _ = cells
    counts = {"n": sum(cells), "selected": hits + false_alarms, "positives": hits + misses}
    return {**counts, "true_positives": hits, "false_positives": false_alarms}


@given(st.dictionaries(st.sampled_from("abcde"), confusion(), min_size=1))
def test_gaps_are_exact_in_range_and_blind_to_the_order_of_groups(groups: dict[str, dict[str, int]]) -> None:
    found = envelope(json.dumps(document(**groups)).encode(), source="x").facts["attributes"]["gender"]
    again = envelope(json.dumps(document(**dict(reversed(groups.items())))).encode(), source="x").facts["attributes"][
        "gender"
    ]
    assert found == again
    assert all(0 <= gap <= 1 for gap in found["gaps"].values())
    rated = all(group["n"] for group in groups.values()) and any(group["selected"] for group in groups.values())
    assert ("demographic_parity_difference" in found["gaps"]) == (rated and len(groups) > 1)
    assume(found["gaps"])
    if "demographic_parity_difference" in found["gaps"]:
        rates = [Fraction(group["selected"], group["n"]) for group in groups.values()]
        assert found["gaps"]["demographic_parity_difference"] == float(max(rates) - min(rates))
        assert found["gaps"]["demographic_parity_ratio"] == float(min(rates) / max(rates))
