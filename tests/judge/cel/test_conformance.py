"""google/cel-spec's own cases on both engines; what differs is written down with its reason, and nothing else may."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gatekeeper.judge.cel import load_engine
from tests.corpus import ABSENT
from tests.judge.cel import conformance

EXCEPTIONS = json.loads(Path(__file__).with_name("conformance_exceptions.json").read_text("utf-8"))

pytestmark = [pytest.mark.corpus, pytest.mark.skipif(not conformance.FILE.is_file(), reason=ABSENT)]


@pytest.mark.parametrize("name", ["cel-cpp", "cel-python"])
def test_the_cases_that_differ_are_exactly_those_written_down(name: str) -> None:
    engine = load_engine(name)
    expected = {case for listed in EXCEPTIONS[name].values() for case in listed}
    differing = {
        conformance.case_id(case): why for case in conformance.cases() if (why := conformance.wrong(case, engine))
    }
    assert {case: why for case, why in differing.items() if case not in expected} == {}
    assert expected - set(differing) == set(), "these pass now: take them off the list"


def test_the_cases_are_all_there() -> None:
    assert sum(1 for _ in conformance.cases()) == 1626


@pytest.mark.parametrize("name", ["cel-cpp", "cel-python"])
def test_a_missing_extension_is_never_a_wrong_value(name: str) -> None:
    engine = load_engine(name)
    lacking = {case for why, cases in EXCEPTIONS[name].items() if "never a wrong value" in why for case in cases}
    assert lacking
    for case in conformance.cases():
        if conformance.case_id(case) in lacking:
            assert conformance.wrong(case, engine).startswith(("failed: ", "refused: "))
