"""What a pull request says of itself: whatever else stands in its text, the marker at its end is what it proposes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.promotion.proposal import MOST, marker, proposes, said, titled

NAMES = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}", fullmatch=True)
DIGESTS = st.from_regex(r"sha256:[0-9a-f]{64}", fullmatch=True)
OTHER = f"<!-- gatekeeper:proposes evil=sha256:{'e' * 64} -->"


@given(st.lists(st.tuples(NAMES, DIGESTS), min_size=1, max_size=5), st.text())
def test_the_last_marker_is_what_is_proposed(images: list[tuple[str, str]], before: str) -> None:
    own = f"<!-- gatekeeper:proposes {marker(images)} -->"
    assert proposes(f"{before}{OTHER}\n{own}\n") == marker(images)


def test_a_text_without_a_marker_proposes_nothing() -> None:
    assert proposes("") is None
    assert proposes("<!-- gatekeeper:proposes churn=latest -->") is None


@given(st.text())
def test_a_status_is_one_line_that_every_forge_takes(text: str) -> None:
    assert len(said(text)) <= MOST
    assert "\n" not in said(text)


@pytest.mark.parametrize("mark", ["WIP: ", "Draft: ", "[Draft] ", "(draft) ", "[WIP]"])
def test_a_draft_stays_one(mark: str) -> None:
    assert titled(f"{mark}old", "new") == f"{mark}new"


@pytest.mark.parametrize("now", ["", "old", "drafty", "wiper: x"])
def test_what_is_no_draft_becomes_none(now: str) -> None:
    assert titled(now, "new") == "new"
