"""Reads through variables."""

from __future__ import annotations

import pytest

from gatekeeper.judge.cel import Checked, check, compose
from tests.judge.cel.conftest import NAMES
from tests.judge.cel.test_paths import paths

VARIABLES = {
    "rate": "1.0 - evidence.m.x",
    "half": "variables.rate / 2.0",
    "rows": "evidence.scan.findings",
    "first": "variables.rows[0]",
    "safe": "has(evidence.m.y) ? evidence.m.y : 0.0",
    "both": "variables.half + variables.rate + variables.safe",
}


def composed(source: str) -> tuple[set[str], set[str]]:
    names = dict(NAMES)
    variables: dict[str, Checked] = {}
    for name, text in VARIABLES.items():
        variables[name] = check(text, names)
        names[f"variables.{name}"] = "dyn"
    reads, guarded = compose(check(source, names), variables)
    shown = [{".".join(map(str, path)) for path in each if path[0] != "variables"} for each in (reads, guarded)]
    return shown[0], shown[1]


@pytest.mark.parametrize(
    ("source", "reads", "guarded"),
    [
        ("variables.rate > 0.1", "evidence.m.x", ""),
        ("variables.rate > 0.1 || true", "evidence.m.x", ""),
        ("variables.half > 0.1", "evidence.m.x", ""),
        ("variables.rows[0].id == 'a'", "evidence.scan.findings.0.id", ""),
        ("variables.first.id == 'a'", "evidence.scan.findings.0.id", ""),
        ("variables.rows.all(r, r.id == 'a')", "evidence.scan.findings", ""),
        ("has(variables.first.id) && variables.first.id == 'a'",
         "evidence.scan.findings.0", "evidence.scan.findings.0.id"),
        ("has(variables.first.id) && evidence.scan.findings[0].id == 'a'",
         "evidence.scan.findings.0", "evidence.scan.findings.0.id"),
        ("has(evidence.m.x) && variables.rate > 0.1", "evidence.m", "evidence.m.x"),
        ("has(evidence.m.x) && variables.half > 0.1", "evidence.m", "evidence.m.x"),
        ("has(evidence.m.x) || variables.half > 0.1", "evidence.m evidence.m.x", ""),
        ("has(evidence.m.x) && variables.rate > 0.1 || variables.half > 0.1", "evidence.m evidence.m.x", ""),
        ("variables.safe > 0.1", "evidence.m", "evidence.m.y"),
        ("variables.both > 0.1", "evidence.m.x evidence.m", "evidence.m.y"),
        ("evidence.n > 1", "evidence.n", ""),
    ],
)  # fmt: skip
def test_a_variable_reads_what_its_expression_reads(source: str, reads: str, guarded: str) -> None:
    assert composed(source) == (set(reads.split()), set(guarded.split()))


def test_the_variable_itself_stays_among_the_reads() -> None:
    checked = check("variables.rate > 0.1", NAMES)
    reads, _ = compose(checked, {"rate": check("1.0 - evidence.m.x", NAMES)})
    assert reads == paths("evidence.m.x", "variables.rate")


def test_an_expression_that_is_a_path_says_so() -> None:
    assert check("evidence.m['x']", NAMES).whole == ("evidence", "m", "x")
    assert check("evidence.m.x + 1.0", NAMES).whole is None
    assert check("has(evidence.m)", NAMES).whole is None
