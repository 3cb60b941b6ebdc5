"""Recorded facts of which a part was not kept: that part is missing, whatever a condition makes of absence."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from gatekeeper.app.evaluate import Request, evaluate
from gatekeeper.judge.cel import load_engine
from gatekeeper.model.artifact import Artifact
from gatekeeper.model.evidence import Envelope, Producer, Recorded
from tests.judging import NOW, policy_text, report, result
from tests.trees import MemoryTree, environment, waiver

DECISION = "sha256:" + "d" * 64
FACTS = {
    "values": {"accuracy": 0.9},
    "n": {},
    "lower": {},
    "upper": {},
    "level": {},
    "se": {},
    "tags": {"stage": "candidate"},
}


def recorded(*masked: tuple[str, ...], name: str = "metrics", **more: Any) -> Envelope:
    earlier = Recorded(environment="staging", decision=DECISION, masked=masked)
    return Envelope(
        **{
            "name": name,
            "kind": "metrics",
            "producer": Producer(name="json"),
            "source": "recorded in staging: metrics.json",
            "digest": "sha256:" + "a" * 64,
            "facts": FACTS,
            "recorded": earlier,
            **more,
        }
    )


NOTE = recorded(("tags", "note"))


@pytest.mark.parametrize(
    "condition",
    [
        "evidence.metrics.tags.stage == 'candidate'",
        "evidence.metrics.tags.stage == 'candidate' && evidence.metrics.values.accuracy > 0.5",
        "evidence.metrics.values.all(name, evidence.metrics.values[name] > 0.5)",
        "has(evidence.metrics.values.accuracy) && evidence.metrics.values.accuracy > 0.5",
    ],
)
@pytest.mark.parametrize("engine", ["cel-cpp", "cel-python"])
def test_what_was_kept_is_judged(condition: str, engine: str) -> None:
    assert result(policy_text(condition), NOTE, engine=engine).result == "pass"


# Each of them is true of the facts that are left.
TRUE_OF_LESS = [
    "!has(evidence.metrics.tags.note)",
    "!has(evidence.metrics.tags.note) || evidence.metrics.tags.note == 'x'",
    "has(evidence.metrics.tags.note) ? evidence.metrics.tags.note == 'x' : true",
    "evidence.metrics.tags.?note.orValue('x') == 'x'",
    "evidence.metrics.?tags.?note.orValue('x') == 'x'",
    "!('note' in evidence.metrics.tags)",
    "evidence.metrics.tags.all(key, evidence.metrics.tags[key] == 'candidate')",
    "size(evidence.metrics.tags) == 1",
    "evidence.metrics.tags == {'stage': 'candidate'}",
    "evidence.metrics.tags[params.key] == 'candidate'",
    "evidence.all(name, !has(evidence[name].tags.note))",
    "true || evidence.metrics.tags.note == 'x'",
    "variables.quiet",
    "cel.bind(tags, evidence.metrics.tags, !has(tags.note))",
]


@pytest.mark.parametrize("condition", TRUE_OF_LESS)
@pytest.mark.parametrize("more", [{}, {"optional": True}, {"when": "true"}], ids=["plain", "optional", "when"])
@pytest.mark.parametrize("engine", ["cel-cpp", "cel-python"])
def test_what_was_not_kept_is_missing(condition: str, more: dict[str, Any], engine: str) -> None:
    text = policy_text(
        [{"id": "it", "require": condition, **more}],
        parameters={"key": {"type": "string", "default": "stage"}},
        variables={"quiet": "!has(evidence.metrics.tags.note)"},
    )
    found = result(text, NOTE, engine=engine)
    assert found.result == "missing"
    # Right of `||` nothing is guarded, and the path is missing of whatever facts.
    if "||" not in condition:
        assert result(text, replace(NOTE, recorded=None)).result == "pass"
        assert "was kept with the earlier decision; give this evidence again" in found.message


@pytest.mark.parametrize(
    "other", ["!has(evidence.unit)", "!evidence.?unit.hasValue()", "!evidence[?'unit'].hasValue()"]
)
def test_who_asks_for_other_evidence_alone_reads_nothing_of_it(other: str) -> None:
    evidence = {"metrics": {"kind": "metrics"}, "unit": {"kind": "tests", "optional": True}}
    assert result(policy_text(other, evidence=evidence), NOTE).result == "pass"
    for rest in (
        "evidence.all(name, !has(evidence[name].tags.note))",
        "![evidence].exists(e, has(e.metrics.tags.note))",
    ):
        both = policy_text(f"{other} && variables.rest", evidence=evidence, variables={"rest": rest})
        assert result(both, NOTE).result == "missing"
        both = policy_text(f"{other} && {rest}", evidence=evidence)
        assert result(both, replace(NOTE, recorded=None)).result == "pass"
        assert result(both, NOTE).result == "missing"


def test_a_rule_does_not_step_aside_for_what_was_not_kept() -> None:
    text = policy_text([{"id": "it", "when": "has(evidence.metrics.tags.note)", "require": "false"}])
    assert result(text, NOTE).result == "missing"
    assert result(text, replace(NOTE, recorded=None)).result == "skipped"


def test_a_field_that_was_left_out_whole_is_missing() -> None:
    masked = recorded(("values",), facts={**FACTS, "values": {}})
    rule = [{"id": "it", "metric": {"name": "accuracy", "min": 0.5}}]
    assert result(policy_text(rule), masked).result == "missing"
    assert result(policy_text("evidence.metrics.values.all(v, false)"), masked).result == "missing"


def test_of_several_files_what_is_not_kept_of_one_is_missing_of_all() -> None:
    suite = '<testsuite name="s"><testcase classname="t" name="a"/></testsuite>'
    whole = report(suite, "unit", source="a.xml")
    facts = {"total": 1, "ran": 1, "passed": 1, "failures": 0, "errors": 0, "skipped": 0, "cases": {}}
    part = recorded(("cases",), name="unit", kind="tests", producer=whole.producer, facts=facts)
    rules = [
        {"id": "counts", "tests": {"min_tests": 2}},
        {"id": "names", "tests": {"min_tests": 2, "must_pass": ["t::*"]}},
    ]
    text = policy_text(rules, evidence={"unit": {"kind": "tests"}})
    assert result(text, whole, part, rule="counts").result == "pass"
    assert result(text, whole, part, rule="names").result == "missing"


def test_a_waiver_does_not_count_by_what_was_not_kept() -> None:
    rule = [{"id": "it", "require": "evidence.metrics.values.accuracy > 0.95"}]
    files = {
        "policies/p.yaml": policy_text(rule),
        "environments/staging.yaml": environment(),
        "waivers/w.yaml": waiver(only_while="!has(evidence.metrics.tags.note)"),
    }
    outcomes = []
    for evidence in (NOTE, replace(NOTE, recorded=None)):
        request = Request(
            artifact=Artifact(name=None, image="registry.example/x", digest="sha256:" + "b" * 64),
            envelopes=(evidence,),
            now=NOW,
            engines=(load_engine(None),),
            environment="staging",
        )
        outcomes.append(evaluate(MemoryTree(files), request).report.judgement.verdict)
    assert outcomes == ["denied", "allowed"]
