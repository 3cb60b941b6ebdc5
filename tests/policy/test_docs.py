"""What docs/files.md shows is read, and what it says of scalars and bounds is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gatekeeper.policy import build, filetext, yamltext
from gatekeeper.policy.documents import TYPES, load
from gatekeeper.policy.plain import Ambiguous, read_plain
from gatekeeper.policy.unbuilt import KINDS

PAGE = (Path(__file__).resolve().parents[2] / "docs/files.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_every_example_is_read(block: str) -> None:
    assert load(block.encode(), "docs/files.md")


def test_every_kind_has_an_example() -> None:
    assert {document.kind for block in BLOCKS for document in load(block.encode(), "docs/files.md")} == set(TYPES)


def test_the_scalars_it_calls_refused_are() -> None:
    (row,) = re.findall(r"^\| (.*?) \| refused", PAGE, re.MULTILINE)
    spellings = re.findall(r"`(.*?)`", row)
    assert len(spellings) > 5
    assert all(isinstance(read_plain(spelling), Ambiguous) for spelling in spellings)


def test_the_bounds_and_kinds_it_names_are_those_of_the_code() -> None:
    assert filetext.MAX_BYTES == 1 << 20
    assert f"{yamltext.MAX_DOCUMENTS:,} documents, {build.MAX_DEPTH} levels, or {build.MAX_NODES:,} values" in PAGE
    assert all(f"`{kind}`" in PAGE for kind in KINDS)
