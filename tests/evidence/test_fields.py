"""Values out of documents: numbers are numbers, text is one visible line, and a time names an instant."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence import fields


@given(st.text(alphabet=st.characters(), max_size=300))
def test_text_becomes_one_visible_line(text: str) -> None:
    shown = fields.plain(text)
    assert len(shown) <= fields.MAX_TEXT
    assert not [
        char for char in shown if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") and char.isascii()
    ]
    assert not set(shown) & set("\u202e\u2066\u200b\u2028\u2029\ufeff\x1b\n\r\x85")
    shown.encode()


@given(st.text(alphabet=st.characters(categories=("L", "N", "P", "S")), max_size=fields.MAX_TEXT))
def test_visible_text_stays_as_it_is(text: str) -> None:
    assert fields.plain(text) == text


@pytest.mark.parametrize(("value", "number"), [(0, 0), (7, 7), (12.0, 12)])
def test_counts(value: Any, number: int) -> None:
    found = fields.whole(value, "n")
    assert found == number
    assert type(found) is int


@pytest.mark.parametrize("value", [-1, 1.5, True, False, None, "7", [], {}, float("inf"), float("nan"), 1e300])
def test_what_is_no_count(value: Any) -> None:
    with pytest.raises(EvidenceError, match=r"^n is not a whole number"):
        fields.whole(value, "n")


@pytest.mark.parametrize("value", [0, 7, -2, 1.5])
def test_numbers(value: Any) -> None:
    assert type(fields.real(value, "x")) is float


@pytest.mark.parametrize("value", [True, None, "7", [], float("inf"), float("nan"), float("-inf")])
def test_what_is_no_number(value: Any) -> None:
    with pytest.raises(EvidenceError, match=r"^x is not a number"):
        fields.real(value, "x")


@pytest.mark.parametrize("function", [fields.mapping, fields.sequence, fields.text])
def test_other_types_are_refused_with_their_place(function: Any) -> None:
    with pytest.raises(EvidenceError, match=r"^runs is not"):
        function(5, "runs")


def test_absence_is_an_empty_list_or_string_but_no_object() -> None:
    assert fields.sequence(None, "x") == []
    assert fields.text(None, "x") == ""
    with pytest.raises(EvidenceError):
        fields.mapping(None, "x")


@pytest.mark.parametrize("value", [10**30, -(10**30), 1e300, float("nan"), float("inf"), -1, 0, True, "", {}, b"x"])
def test_what_names_no_instant(value: Any) -> None:
    assert fields.instant(value) is None
