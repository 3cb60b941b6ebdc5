"""Both engines, and the names that a rule sees."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from gatekeeper.judge.cel import Answer, Checked, Engine, check, load_engine

NAMES = {
    "evidence": "map",
    "params": "map",
    "artifact": "map",
    "environment": "map",
    "now": "timestamp",
    "variables.rate": "double",
    "variables.rows": "dyn",
}
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def data(**evidence: Any) -> dict[str, Any]:
    return {
        "evidence": evidence,
        "params": {"low": 0.5},
        "artifact": {},
        "environment": {"name": "staging"},
        "now": NOW,
    }


def evaluate(engine: Engine, source: str, document: Mapping[str, Any], **variables: Any) -> Answer:
    """Check, bind and evaluate once."""
    return engine.program(check(source, NAMES), NAMES).evaluate(engine.bind(document), variables)


@pytest.fixture(params=["cel-cpp", "cel-python"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return load_engine(request.param)


class Parsers:
    """`check` by cel-cpp's parser, and by cel-python's as where cel-cpp has no wheel."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch

    def cpp(self, source: str, names: Mapping[str, str] = NAMES) -> Checked:
        return check(source, names)

    def lark(self, source: str, names: Mapping[str, str] = NAMES) -> Checked:
        with self.monkeypatch.context() as patch:
            patch.setitem(sys.modules, "gatekeeper.judge.cel.compiling", None)
            return check(source, names)


@pytest.fixture
def parsers(monkeypatch: pytest.MonkeyPatch) -> Parsers:
    return Parsers(monkeypatch)


@pytest.fixture(params=["cpp", "lark"])
def checker(request: pytest.FixtureRequest, parsers: Parsers) -> Any:
    """`check` by each parser in turn."""
    return getattr(parsers, request.param)
