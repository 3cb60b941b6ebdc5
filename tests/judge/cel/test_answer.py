"""When two engines agree."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.judge.cel import Answer, agree
from gatekeeper.judge.cel.answer import failure

_plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


@given(_plain)
def test_an_answer_agrees_with_itself(value: Any) -> None:
    assert agree(Answer(value=value), Answer(value=value))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (True, 1),
        (False, 0),
        (0.0, False),
        (1, "1"),
        (None, False),
        (None, 0),
        (0.1 + 0.2, 0.3),
        (2**53 + 1, float(2**53)),
        ([1], [1, 2]),
        ([True], [1]),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1}, {"b": 1}),
        ({"a": True}, {"a": 1}),
        ([], {}),
        (math.nan, 0.0),
        ("a", b"a"),
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01T00:00:00Z"),
    ],
)
def test_different_values_disagree(one: Any, other: Any) -> None:
    assert not agree(Answer(value=one), Answer(value=other))
    assert not agree(Answer(value=other), Answer(value=one))


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (math.nan, math.nan), ([1, {"a": 2.0}], [1.0, {"a": 2}])])
def test_equal_numbers_agree_whatever_their_type(one: Any, other: Any) -> None:
    assert agree(Answer(value=one), Answer(value=other))


@given(_plain)
def test_a_value_never_agrees_with_a_failure(value: Any) -> None:
    failed = failure("type", "no")
    assert not agree(Answer(value=value), failed)
    assert not agree(failed, Answer(value=value))


def test_failures_agree_whatever_the_reason() -> None:
    assert agree(failure("type", "one"), failure("missing_key", "other"))
