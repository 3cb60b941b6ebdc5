"""SARIF: where a level comes from, what counts, and which runs say nothing."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence import sarif
from gatekeeper.evidence.sarif_tool import Source
from gatekeeper.model.facts import LintCounts
from tests.evidence.reports import fixture, opened


def rule(name: str, level: str | None = None) -> dict[str, Any]:
    return {"id": name} if level is None else {"id": name, "defaultConfiguration": {"level": level}}


def log(*results: Any, rules: Any = (), **run: Any) -> dict[str, Any]:
    driver = {"name": "tool", "rules": list(rules)}
    return {"version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": list(results), **run}]}


def read(document: Any) -> Any:
    return sarif.read(opened(document))


def level_of(document: Any) -> str:
    counts = read(document).facts.counts
    found = [name for name in ("error", "warning", "note") if getattr(counts, name)]
    return found[0] if found else "none"


def test_a_log_that_ruff_wrote() -> None:
    reading = sarif.read(fixture("sarif/ruff.sarif"))
    assert reading.facts.counts.error == reading.facts.counts.total == sum(reading.facts.rules.values()) > 0
    assert reading.facts.rules["F821"] == 1
    assert reading.version is not None
    assert sarif.read(fixture("sarif/ruff-clean.sarif")).facts.counts == LintCounts()


def test_no_results_are_clean_only_where_the_list_is_there() -> None:
    assert read(log()).facts.counts.total == 0
    for absent in (log(results=None), {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}}]}):
        with pytest.raises(NotEvaluatedError, match=r"runs\[0\] has no results"):
            read(absent)


@pytest.mark.parametrize("runs", [[], None])
def test_no_runs_is_not_clean(runs: Any) -> None:
    with pytest.raises(NotEvaluatedError, match="no tool ran"):
        read({"version": "2.1.0", "runs": runs})


@pytest.mark.parametrize("version", ["2.0.0", "2.1", "2.1.0-rtm.5", "2.2.0", "1.0.0", None, 2.1])
def test_other_versions_are_refused(version: Any) -> None:
    document = {**log(), "version": version, "$schema": "https://json.schemastore.org/sarif-2.1.0.json"}
    assert sarif.claims(opened(document))
    with pytest.raises(EvidenceError, match=r"not 2\.1\.0"):
        read(document)


@pytest.mark.parametrize("document", [{}, [], {"runs": []}, {"version": "2.1.0"}, {"version": 1, "runs": []}])
def test_what_is_not_sarif_is_not_claimed(document: Any) -> None:
    assert not sarif.claims(opened(document))


@pytest.mark.parametrize("level", ["error", "warning", "note", "none"])
def test_the_results_own_level_comes_first(level: str) -> None:
    assert level_of(log({"ruleId": "r", "level": level}, rules=[rule("r", "error")])) == level


@pytest.mark.parametrize(
    "result",
    [
        {"ruleId": "r"},
        {"ruleIndex": 1},
        {"ruleId": "r", "ruleIndex": 1},
        {"ruleId": "r/sub", "ruleIndex": 1},
        {"ruleId": "r/sub/more"},
        {"rule": {"id": "r"}},
        {"rule": {"index": 1}},
        {"ruleId": "r", "rule": {"index": 1}},
    ],
)
def test_else_the_rules_default_whichever_way_it_is_named(result: Any) -> None:
    assert level_of(log(result, rules=[rule("other", "note"), rule("r", "error")])) == "error"
    assert level_of(log(result, rules=[rule("other", "note"), rule("r")])) == "warning"


@pytest.mark.parametrize("result", [{}, {"ruleId": "unknown"}, {"ruleId": "r2", "ruleIndex": -1}])
def test_else_warning(result: Any) -> None:
    assert level_of(log(result, rules=[rule("r", "error")])) == "warning"


@pytest.mark.parametrize(
    "component",
    [{"index": 0}, {"name": "extension"}, {"guid": "g"}],
)
def test_rules_of_an_extension(component: dict[str, Any]) -> None:
    document = log({"rule": {"id": "r", "index": 0, "toolComponent": component}}, rules=[rule("r", "note")])
    document["runs"][0]["tool"]["extensions"] = [{"name": "extension", "guid": "g", "rules": [rule("r", "error")]}]
    assert level_of(document) == "error"


def test_a_rule_named_only_by_id_may_stand_in_an_extension() -> None:
    document = log({"ruleId": "r"})
    document["runs"][0]["tool"]["extensions"] = [{"name": "extension", "rules": [rule("r", "error")]}]
    assert level_of(document) == "error"


@pytest.mark.parametrize(
    "result",
    [
        {"ruleIndex": 7},
        {"ruleIndex": -2},
        {"ruleIndex": "0"},
        {"ruleIndex": True},
        {"rule": {"index": 0, "toolComponent": {"index": 3}}},
        {"ruleId": "other", "ruleIndex": 0},
        {"level": "critical"},
        {"level": None},
        {"kind": "failed"},
        {"baselineState": "gone"},
        {"suppressions": [{"kind": "external", "status": "maybe"}]},
        {"suppressions": {}},
        {"ruleId": 5},
    ],
)
def test_what_points_at_nothing_or_has_no_known_name_is_refused(result: Any) -> None:
    with pytest.raises(EvidenceError):
        read(log(result, rules=[rule("r", "error")]))


def override(level: str, name: str = "r") -> dict[str, Any]:
    return {"descriptor": {"id": name}, "configuration": {"level": level}}


@pytest.mark.parametrize(
    ("overrides", "index", "expected"),
    [
        ([["error"]], None, "error"),
        ([["error"]], 0, "error"),
        ([["note"], ["error"]], 0, "note"),
        ([["note"], ["error"]], 1, "error"),
        ([["note"], ["error"]], None, "error"),
        ([["note"], []], None, "warning"),
        ([[]], None, "warning"),
    ],
)
def test_an_invocations_configuration_overrides_the_rule(
    overrides: list[list[str]], index: int | None, expected: str
) -> None:
    invocations = [
        {"executionSuccessful": True, "ruleConfigurationOverrides": [override(level) for level in levels]}
        for levels in overrides
    ]
    result = {"ruleId": "r"} if index is None else {"ruleId": "r", "provenance": {"invocationIndex": index}}
    assert level_of(log(result, rules=[rule("r")], invocations=invocations)) == expected


@pytest.mark.parametrize("kind", ["pass", "open", "informational", "notApplicable", "review"])
def test_only_failures_count(kind: str) -> None:
    reading = read(log({"ruleId": "r", "kind": kind, "level": "error"}, {"kind": "fail", "level": "error"}))
    assert reading.facts.counts == LintCounts(error=1, total=1)
    assert reading.counts["not_failures"] == 1


def test_results_that_are_gone_do_not_count() -> None:
    states = [{"level": "error", "baselineState": state} for state in ("new", "unchanged", "updated", "absent")]
    reading = read(log(*states))
    assert (reading.facts.counts.error, reading.counts["absent"]) == (3, 1)


@pytest.mark.parametrize(
    ("suppressions", "suppressed"),
    [
        ([{"kind": "inSource"}], True),
        ([{"kind": "external", "status": "accepted"}], True),
        ([{"kind": "external", "status": "underReview"}], False),
        ([{"kind": "external", "status": "rejected"}], False),
        ([{"kind": "inSource"}, {"kind": "external", "status": "rejected"}], False),
        ([], False),
        (None, False),
    ],
)
def test_a_suppression_counts_only_when_accepted(suppressions: Any, suppressed: bool) -> None:
    facts = read(log({"ruleId": "r", "level": "error", "suppressions": suppressions})).facts
    assert (facts.suppressed, facts.counts.error) == ((1, 0) if suppressed else (0, 1))
    assert facts.rules == ({} if suppressed else {"r": 1})


@pytest.mark.parametrize(
    "invocation",
    [
        {"executionSuccessful": False},
        {},
        {"executionSuccessful": "true"},
        {"executionSuccessful": True, "processStartFailureMessage": "no such file"},
        {"executionSuccessful": True, "toolExecutionNotifications": [{"level": "error"}]},
        {"executionSuccessful": True, "toolConfigurationNotifications": [{"level": "error"}]},
        {"executionSuccessful": True, "toolExecutionNotifications": [{"descriptor": {"id": "broken"}}]},
    ],
)
def test_a_run_that_failed_is_an_error_even_with_results(invocation: dict[str, Any]) -> None:
    document = log({"ruleId": "r"}, invocations=[{"executionSuccessful": True}, invocation])
    document["runs"][0]["tool"]["driver"]["notifications"] = [rule("broken", "error")]
    with pytest.raises(EvidenceError, match=r"runs\[0\]\.invocations\[1\]"):
        read(document)


def test_lesser_notifications_do_no_harm() -> None:
    notes = [{"level": "warning"}, {"level": "note"}, {"level": "none"}, {}]
    read(log(invocations=[{"executionSuccessful": True, "exitCode": 1, "toolExecutionNotifications": notes}]))


@pytest.mark.parametrize("part", ["results", "invocations", "driver", "extensions"])
def test_parts_in_other_files_are_refused(part: str) -> None:
    with pytest.raises(EvidenceError, match="stand in other files"):
        read(log(externalPropertyFileReferences={part: [{"location": {"uri": "more.sarif"}}]}))
    with pytest.raises(EvidenceError, match="holds parts of a run"):
        read({**log(), "inlineExternalProperties": [{"guid": "g", part: []}]})


def test_several_runs_add_and_one_without_results_undoes_all() -> None:
    both = {"version": "2.1.0", "runs": log({"level": "error"})["runs"] + log({"level": "note"})["runs"]}
    assert read(both).facts.counts == LintCounts(error=1, note=1, total=2)
    both["runs"][1]["results"] = None
    with pytest.raises(NotEvaluatedError, match=r"runs\[1\]"):
        read(both)


def test_time_and_version_only_where_all_runs_say_them() -> None:
    def ended(*times: str) -> dict[str, Any]:
        runs = [log(invocations=[{"executionSuccessful": True, "endTimeUtc": time}])["runs"][0] for time in times]
        return {"version": "2.1.0", "runs": runs}

    assert read(ended("2026-11-20T10:00:00Z", "2026-11-20T09:00:00.5Z")).produced_at == "2026-11-20T09:00:00.500000Z"
    assert read(ended("2026-11-20T10:00:00Z", "2026-11-20T09:00:00")).produced_at is None
    assert read(log(invocations=[])).produced_at is None
    document = ended("2026-11-20T10:00:00Z", "2026-11-20T09:00:00Z")
    document["runs"][0]["tool"]["driver"]["version"] = "1"
    assert read(document).version is None
    document["runs"][1]["tool"]["driver"]["semanticVersion"] = "1"
    assert read(document).version == "1"


def test_a_rule_that_is_named_only_by_its_index_is_counted_by_its_id() -> None:
    assert read(log({"ruleIndex": 0}, rules=[rule("E501\n")])).facts.rules == {"E501\\n": 1}


def test_findings_of_too_many_rules_are_refused() -> None:
    results = [{"ruleId": f"r{number}"} for number in range(sarif.MAX_RULES + 1)]
    with pytest.raises(EvidenceError, match="more than 10000 rules"):
        read(log(*results))


RESULT = st.fixed_dictionaries(
    {"ruleId": st.sampled_from(["a", "b", "c"])},
    optional={
        "level": st.sampled_from(["none", "note", "warning", "error"]),
        "kind": st.sampled_from(["fail", "fail", "pass", "open"]),
        "suppressions": st.lists(st.sampled_from([{}, {"status": "accepted"}, {"status": "rejected"}]), max_size=2),
        "baselineState": st.sampled_from(["new", "absent"]),
    },
)


@given(st.lists(RESULT, max_size=30), st.randoms(use_true_random=False))
def test_every_result_is_counted_in_one_place_and_order_does_not_matter(
    results: list[Any], shuffle: random.Random
) -> None:
    rules = [rule("a", "error"), rule("b", "note")]
    reading = read(log(*results, rules=rules))
    counts = reading.facts.counts
    elsewhere = ("suppressed", "not_failures", "absent", "level_none")
    assert counts.total + sum(reading.counts[name] for name in elsewhere) == len(results)
    assert counts.total == counts.error + counts.warning + counts.note == sum(reading.facts.rules.values())
    shuffle.shuffle(results)
    assert read(log(*results, rules=rules)) == reading


class _Counting(dict[str, Any]):
    """An object that counts how often it is looked into."""

    looks = 0

    def get(self, key: str, default: Any = None) -> Any:
        type(self).looks += 1
        return super().get(key, default)


def test_overrides_are_looked_through_once_not_for_every_result() -> None:
    _Counting.looks = 0
    rules = [{"id": f"r{number}", "defaultConfiguration": {"level": "error"}} for number in range(50)]
    overrides = [
        _Counting(descriptor={"id": f"r{number}"}, configuration={"level": "note"}) for number in range(0, 50, 2)
    ]
    tool = {"driver": {"name": "x", "rules": rules}}
    source = Source({"tool": tool, "invocations": [_invocation(overrides), _invocation(overrides)]}, "runs[0]")
    results: list[dict[str, Any]] = [{"ruleId": f"r{number % 50}"} for number in range(500)]
    assert [source.level(result, "here") for result in results] == ["note", "error"] * 250
    assert _Counting.looks <= 4 * len(overrides)


def _invocation(overrides: list[Any]) -> dict[str, Any]:
    return {"executionSuccessful": True, "ruleConfigurationOverrides": overrides}


def test_an_id_of_no_end_is_refused() -> None:
    source = Source({"tool": {"driver": {"name": "x"}}}, "runs[0]")
    with pytest.raises(EvidenceError, match="longer than 1000"):
        source.level({"ruleId": "a/" * 501}, "here")
