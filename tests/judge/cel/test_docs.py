"""What the page on CEL says is so."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gatekeeper.judge.cel import check
from gatekeeper.judge.cel.checking import SOURCE_LIMIT
from gatekeeper.judge.cel.cpp import BUILD_LIMIT
from gatekeeper.judge.cel.failures import STEPS
from gatekeeper.judge.cel.paths import RANGE_LIMIT
from tests.corpus import ROOT
from tests.judge.cel.conftest import NAMES

PAGE = (ROOT / "docs" / "cel.md").read_text("utf-8")
_ROW = re.compile(r"^\| `((?:[^`]|\\\|)*)` \| ((?:`[^`]*` ?)*)\| ((?:`[^`]*` ?)*)\|$", re.MULTILINE)
ROWS = [(source.replace("\\|", "|"), reads, guarded) for source, reads, guarded in _ROW.findall(PAGE)]


def test_the_table_is_found() -> None:
    assert len(ROWS) == 13


@pytest.mark.parametrize(("source", "reads", "guarded"), ROWS)
def test_the_missing_rule_is_as_told(source: str, reads: str, guarded: str) -> None:
    checked = check(source, NAMES)
    assert {".".join(map(str, path)) for path in checked.reads} == set(re.findall("`(.*?)`", reads))
    assert {".".join(map(str, path)) for path in checked.guarded} == set(re.findall("`(.*?)`", guarded))


def test_the_bounds_are_as_told() -> None:
    for number in (SOURCE_LIMIT, STEPS, BUILD_LIMIT, RANGE_LIMIT):
        assert f"{number:,}" in PAGE


@pytest.mark.parametrize(("engine", "column"), [("cel-cpp", 2), ("cel-python", 3)])
def test_the_exceptions_are_counted(engine: str, column: int) -> None:
    listed = json.loads(Path(__file__).with_name("conformance_exceptions.json").read_text("utf-8"))[engine]
    told = [int(number) for row in PAGE.splitlines()[-7:] if (number := row.split("|")[column].strip())]
    assert sum(told) == sum(len(cases) for cases in listed.values())
