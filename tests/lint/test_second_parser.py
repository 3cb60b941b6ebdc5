"""Where cel-cpp has no wheel, cel-python's parser gives the tree: the same is found in it."""

from __future__ import annotations

import sys

import pytest

from tests.lint.samples import BESIDE, checked, policy
from tests.lint.test_absence_passes import DOES_NOT, LETS_BY
from tests.lint.test_fail_open import FOUND, NOT_FOUND

CONDITIONS = [
    *LETS_BY,
    *DOES_NOT,
    *(condition for them in (*FOUND.values(), *NOT_FOUND.values()) for condition in them),
]


def test_the_same_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    with_cpp = {condition: _ids(condition) for condition in CONDITIONS}
    monkeypatch.setitem(sys.modules, "gatekeeper.judge.cel.compiling", None)
    without = {condition: _ids(condition) for condition in CONDITIONS}
    readable = {condition: found for condition, found in without.items() if found is not None}
    assert len(readable) > 120
    assert readable == {condition: with_cpp[condition] for condition in readable}


def _ids(condition: str) -> set[str] | None:
    """What is found, or None where the parser refuses the condition."""
    report = checked(policy(condition))
    return None if report.problems else {finding.id for finding in report.findings} - BESIDE
