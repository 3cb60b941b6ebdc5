"""What `policy diff` says of approvals, soak, and the level of waivers."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.app.compare import compare, tree_side
from gatekeeper.model.project import Folders
from tests.judging import policy_text
from tests.trees import MemoryTree, environment


def told(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str]]:
    sides = [
        tree_side(
            label,
            MemoryTree(
                {
                    "policies/p.yaml": policy_text("true"),
                    "environments/qa.yaml": environment("qa"),
                    "environments/staging.yaml": environment(**spec),
                }
            ),
            Folders(),
        )
        for label, spec in (("before", before), ("after", after))
    ]
    return [(one.effect, one.words) for one in compare(*sides, ()).changes]


def approvals(count: int = 1, level: str = "asserted", people: str = "") -> dict[str, Any]:
    return {"approvals": {"count": count, "level": level, **({"from": people.split()} if people else {})}}


def soak(text: str | None) -> dict[str, Any]:
    return {"after": [{"environment": "qa", **({"soak": text} if text else {})}]}


@pytest.mark.parametrize(
    ("easier", "harder", "looser", "stricter"),
    [
        ({}, approvals(2), "2 asserted approvals → none", "no approval → 2 asserted approvals"),
        (approvals(1), approvals(2), "approvals 2 → 1", "approvals 1 → 2"),
        (
            approvals(level="asserted"),
            approvals(level="signed"),
            "level of approvals signed → asserted",
            "level of approvals asserted → signed",
        ),
        (
            approvals(),
            approvals(people="alice"),
            "approvals from alice → all who may approve",
            "approvals from all who may approve → alice",
        ),
        (
            approvals(people="alice bob"),
            approvals(people="alice"),
            "approvals from alice → alice, bob",
            "approvals from alice, bob → alice",
        ),
        (
            {"waivers": {"level": "asserted"}},
            {"waivers": {"level": "reviewed"}},
            "level of waivers reviewed → asserted",
            "level of waivers asserted → reviewed",
        ),
        (soak(None), soak("1h"), "soak in qa 1h → 0s", "soak in qa 0s → 1h"),
        (soak("1h"), soak("1d"), "soak in qa 1d → 1h", "soak in qa 1h → 1d"),
    ],
)
def test_each_way(easier: dict[str, Any], harder: dict[str, Any], looser: str, stricter: str) -> None:
    assert told(harder, easier) == [("looser", looser)]
    assert told(easier, harder) == [("stricter", stricter)]
    assert told(harder, harder) == []


def test_other_people_are_neither_more_nor_fewer() -> None:
    assert told(approvals(people="alice"), approvals(people="bob")) == [("unclear", "approvals from alice → bob")]
    assert told(approvals(people="alice bob"), approvals(people="bob alice")) == []
