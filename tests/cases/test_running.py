"""What a case gives, what it may leave out, and what is told when it came otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.errors import InvalidFileError
from tests.cases.scene import ACCURACY, GOOD, METRICS, case, files, policy, run, run_one, text
from tests.signing import sealed, signer, statement

PASSES = {"results": {"accuracy": "pass"}}
FAILS = {"results": {"accuracy": "fail"}}


def problems(one: dict[str, Any], given: dict[str, Any] | None = None, **more: Any) -> list[str]:
    """The problems of a case, as they are told."""
    with pytest.raises(InvalidFileError) as caught:
        run(files([given or policy(ACCURACY)], [one], **more))
    return [str(problem) for problem in caught.value.problems]


def test_a_case_passes_where_everything_it_names_came_so() -> None:
    assert run_one(policy(ACCURACY), case(evidence=GOOD, expect={"verdict": "allowed", **PASSES})).passed


def test_a_failure_shows_what_was_expected_what_came_and_what_the_judge_says() -> None:
    (verdict, result) = run_one(policy(ACCURACY), case(evidence=GOOD, expect={"verdict": "denied", **FAILS})).mismatches
    assert (verdict.what, verdict.expected, verdict.got) == ("verdict", "denied", "allowed")
    assert (result.what, result.expected, result.got) == ("accuracy", "fail", "pass")
    assert (result.message, result.observed, result.limit, result.margin) == (
        "accuracy 0.9 is at least 0.85",
        0.9,
        0.85,
        0.05,
    )


def test_results_that_are_not_named_are_not_compared() -> None:
    other = {"id": "other", "metric": {"name": "f1", "min": 0.5}}
    assert run_one(policy(ACCURACY, other), case(evidence=GOOD, expect=PASSES)).passed


@pytest.mark.parametrize(
    ("wanted", "passed"),
    [
        ({"message": "accuracy 0.9 is at least 0.85"}, True),
        ({"message": "accuracy 0.9"}, False),
        ({"path": "values.accuracy"}, True),
        ({"path": "evidence.metrics.values.accuracy"}, True),
        ({"path": "values.f1"}, False),
    ],
)
def test_a_case_may_fix_message_and_path(wanted: dict[str, str], passed: bool) -> None:
    expect = {"results": {"accuracy": {"result": "pass", **wanted}}}
    found = run_one(policy(ACCURACY), case(evidence=GOOD, expect=expect))
    assert found.passed is passed
    assert passed or found.mismatches[0].what == f"accuracy, {next(iter(wanted))}"


def test_evidence_has_results_of_its_own() -> None:
    given = policy(ACCURACY, evidence={**METRICS, "scan": {"kind": "scan", "optional": True}})
    wanted = {"evidence/metrics": "pass", "evidence/scan": "skipped"}
    assert run_one(given, case(evidence=GOOD, expect={"results": wanted})).passed
    wanted = {"evidence/metrics": "missing", "accuracy": "missing"}
    assert run_one(given, case(expect={"results": wanted, "verdict": "undecided"})).passed


def test_parameters_go_over_defaults() -> None:
    rule = {"id": "accuracy", "metric": {"name": "accuracy", "min": "params.floor"}}
    given = policy(rule, parameters={"floor": {"type": "number", "default": 0.85, "maximum": 1}})
    assert run_one(given, case(evidence=GOOD, expect=PASSES)).passed
    assert run_one(given, case(evidence=GOOD, parameters={"floor": 0.95}, expect=FAILS)).passed
    (told,) = problems(case(evidence=GOOD, parameters={"flor": 0.9}, expect=PASSES), given)
    assert told.startswith("policies/tests/p/cases.yaml:")
    assert "no parameter 'flor'" in told
    assert "Did you mean 'floor'?" in told
    (told,) = problems(case(evidence=GOOD, parameters={"floor": 2}, expect=PASSES), given)
    assert "above its maximum" in told


def test_a_parameter_without_default_is_the_business_of_each_case() -> None:
    rule = {"id": "accuracy", "metric": {"name": "accuracy", "min": "params.floor"}}
    given = policy(rule, parameters={"floor": {"type": "number"}})
    set_, unset = (
        case("set", evidence=GOOD, parameters={"floor": 0.9}, expect=PASSES),
        case(evidence=GOOD, expect=PASSES),
    )
    assert run(files([given], [set_])).clean
    with pytest.raises(InvalidFileError, match="has no default"):
        run(files([given], [set_, unset]))
    with pytest.raises(InvalidFileError, match="without default"):
        run(files([given], [unset]))


def test_the_highest_version_that_fits_is_tested() -> None:
    old, new = (
        policy({**ACCURACY, "metric": {"name": "accuracy", "min": limit}}, version=version)
        for limit, version in ((0.8, "1.0.0"), (0.95, "2.0.0"))
    )
    cases = [case("new", evidence=GOOD, expect=FAILS), case("old", version="^1", evidence=GOOD, expect=PASSES)]
    report = run(files([old, new], cases))
    assert report.clean
    assert [(one.version, len(one.cases)) for one in report.policies] == [("1.0.0", 1), ("2.0.0", 1)]


def test_the_clock_of_a_case_stands_still() -> None:
    rule = {**ACCURACY, "effective_on": "2026-02-01"}
    low = {"metrics": {"values": {"accuracy": 0.1}}}
    early = case("early", evidence=low, expect={**FAILS, "verdict": "undecided"})
    late = case("late", evidence=low, now="2026-02-01", expect={**FAILS, "verdict": "denied"})
    assert run(files([policy(rule)], [early, late])).clean


def test_the_environment_is_null_unless_it_is_named() -> None:
    rule = {**ACCURACY, "when": "environment.name == 'production'"}
    cases = [
        case("none", evidence=GOOD, expect={"results": {"accuracy": "missing"}}),
        case("other", evidence=GOOD, environment="sandbox", expect={"results": {"accuracy": "skipped"}}),
        case("production", evidence=GOOD, environment="production", expect=PASSES),
    ]
    assert run(files([policy(rule)], cases)).clean


BOUND = {"metrics": {"kind": "metrics", "about": "model", "max_age": "7d", "producers": ["json"], "signed_by": ["ci"]}}


@pytest.mark.parametrize(
    ("envelope", "result"),
    [
        ({}, "pass"),
        ({"status": "not_evaluated", "reason": "no run"}, "missing"),
        ({"status": "error"}, "error"),
        ({"produced_at": "2025-12-20"}, "missing"),
        ({"produced_at": None}, "missing"),
        ({"produced_at": "2026-01-02"}, "error"),
        ({"subjects": []}, "error"),
        ({"subjects": ["sha256:" + "0" * 64]}, "error"),
        ({"producer": "another"}, "error"),
        ({"signed_by": []}, "error"),
        ({"signed_by": ["somebody"]}, "error"),
    ],
)
def test_what_stands_around_the_facts_is_as_asked_unless_the_case_says_otherwise(
    envelope: dict[str, Any], result: str
) -> None:
    given = policy(ACCURACY, evidence=BOUND)
    evidence = {"metrics": {**GOOD["metrics"], "envelope": envelope}}
    assert run_one(given, case(evidence=evidence, expect={"results": {"evidence/metrics": result}})).passed


def test_the_artifact_carries_what_is_asked_for_unless_the_case_gives_one() -> None:
    given = policy({"id": "commit", "require": "has(artifact.commit)"}, ACCURACY, evidence=BOUND)
    image = {"image": "registry.example/x:1"}
    cases = [
        case("usual", evidence=GOOD, expect={"results": {"evidence/metrics": "pass", "commit": "fail"}}),
        case(
            "none",
            artifact=None,
            evidence=GOOD,
            expect={"results": {"evidence/metrics": "missing", "commit": "missing"}},
        ),
        case("image", artifact=image, evidence=GOOD, expect={"results": {"evidence/metrics": "missing"}}),
        case("commit", artifact={**image, "commit": "c0ffee"}, evidence=GOOD, expect={"results": {"commit": "pass"}}),
    ]
    assert run(files([given], cases)).clean


@pytest.mark.parametrize(("reports", "result"), [(None, "pass"), (4, "pass"), (3, "missing"), (5, "error")])
def test_evidence_comes_in_as_many_reports_as_are_expected(reports: int | None, result: str) -> None:
    evidence = {"unit": {"kind": "tests", "expect": 4}, "scan": {"kind": "scan"}, "load": {"kind": "load"}}
    rules = (
        {"id": "unit", "tests": {"min_tests": 10, "must_pass": ["a::b"]}},
        {"id": "scan", "scan": {"max": {"critical": 0}}},
    )
    facts = {"ran": 10, "failures": 0, "errors": 0, "cases": {"a::b": "passed"}}
    envelope = {} if reports is None else {"envelope": {"reports": reports}}
    wanted = {"evidence/unit": result, **({"unit": "pass"} if result == "pass" else {})}
    one = case(evidence={"unit": {**facts, **envelope}, "scan": {"counts": {"high": 2}}}, expect={"results": wanted})
    assert run_one(policy(*rules, evidence=evidence), one).passed


def test_several_reports_of_a_kind_that_does_not_add_up_are_an_error_as_in_production() -> None:
    evidence = {"metrics": {**GOOD["metrics"], "envelope": {"reports": 2}}}
    wanted = {"results": {"evidence/metrics": "error", "accuracy": "error"}}
    assert run_one(policy(ACCURACY), case(evidence=evidence, expect=wanted)).passed


def test_a_report_is_read_by_its_real_producer() -> None:
    given = policy({"id": "unit", "tests": {"min_tests": 2}}, evidence={"unit": {"kind": "tests", "about": "commit"}})
    report = '<testsuite name="s"><testcase classname="a" name="b"/><testcase classname="a" name="c"/></testsuite>'
    one = case(evidence={"unit": {"file": "reports/junit.xml"}}, expect={"results": {"unit": "pass"}})
    project = files([given], [one], policies__tests__p__reports__junit_DOT_xml=report)
    assert run(project).clean
    up = case(evidence={"unit": {"file": "../shared/j.xml", "producer": "junit"}}, expect={"results": {"unit": "pass"}})
    assert run(files([given], [up], policies__tests__shared__j_DOT_xml=report)).clean
    empty = case(evidence={"unit": {"file": "empty.xml"}}, expect={"results": {"evidence/unit": "error"}})
    assert run(files([given], [empty], policies__tests__p__empty_DOT_xml="")).clean


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"expect": {}}, "expects nothing"),
        ({"expect": {"results": {"acuracy": "pass"}}}, "no rule `acuracy`\n  Did you mean 'accuracy'?"),
        ({"expect": {"results": {"evidence/metric": "pass"}}}, "Did you mean 'evidence/metrics'?"),
        ({"evidence": {"metric": {}}}, "no evidence `metric`\n  Did you mean 'metrics'?"),
        ({"evidence": {"metrics": {"value": {}}}}, "no fact `value` here\n  Did you mean 'values'?"),
        ({"evidence": {"metrics": {"values": {"accuracy": "0.9"}}}}, "`accuracy` must be a number"),
        ({"evidence": {"metrics": {"values": 1}}}, "`values` must be a mapping"),
        ({"evidence": {"metrics": {"n": {"accuracy": 1.5}}}}, "must be a whole number"),
        ({"evidence": {"metrics": {"producer": "json"}}}, "Write it below `envelope`."),
        ({"evidence": {"metrics": {"file": "no.json"}}}, "there is no file 'no.json'"),
        ({"evidence": {"metrics": {"file": "../../../../etc/passwd"}}}, "not a safe path"),
        ({"evidence": {"metrics": {"file": "x", "values": {}}}}, "beside `file`, `values` has no place"),
        ({"evidence": {"metrics": {"file": "cases.yaml", "producer": "jso"}}}, "there is no producer 'jso'"),
        ({"evidence": {"metrics": {"envelope": {"reason": "r"}}}}, "`reason` says why"),
        ({"evidence": {"metrics": {"envelope": {"status": "evaluate"}}}}, "Did you mean 'evaluated'?"),
        ({"artifact": {"image": "A B"}}, "is not an image reference"),
        ({"version": "^3"}, "no version of policy p fits ^3"),
        ({"policy": "q"}, "there is no policy 'q'"),
        ({"now": "2026-13-01"}, "does not exist"),
        ({"champion": {}}, "`champion` is not built in this version"),
    ],
)
def test_a_mistake_is_told_with_its_place(spec: dict[str, Any], said: str) -> None:
    told = problems(case(**{"evidence": GOOD, "expect": PASSES, **spec}))
    assert all(one.startswith("policies/tests/p/cases.yaml:") for one in told)
    assert any(said in one for one in told), told


def test_the_place_is_that_of_the_key() -> None:
    document = text(case(evidence={"metrics": {"values": {"accuracy": "high"}}}, expect=PASSES))
    with pytest.raises(InvalidFileError) as caught:
        run({"policies/p.yaml": text(policy(ACCURACY)), "policies/tests/p/cases.yaml": document})
    (problem,) = caught.value.problems
    line = document.split("\n")[problem.line - 1]
    assert line[problem.column - 1 :].startswith("accuracy")


def test_all_mistakes_of_all_cases_are_told_at_once() -> None:
    cases = [case("one", expect={"results": {"x": "pass"}}), case("two", expect={"results": {"y": "pass"}})]
    with pytest.raises(InvalidFileError) as caught:
        run(files([policy(ACCURACY)], cases))
    assert len(caught.value.problems) == 2


def test_two_cases_of_one_policy_have_two_names() -> None:
    one = case(evidence=GOOD, expect=PASSES)
    project = files([policy(ACCURACY)], [one], policies__tests__other_DOT_yaml=text(one))
    with pytest.raises(InvalidFileError, match="another case named 'a case'"):
        run(project)


def test_cases_are_chosen_by_name_and_policy() -> None:
    cases = [case(name, evidence=GOOD, expect=PASSES) for name in ("accuracy high", "accuracy low", "other")]
    project = files(
        [policy(ACCURACY), policy(ACCURACY, name="q")], [*cases, case("q", policy="q", evidence=GOOD, expect=PASSES)]
    )
    assert run(project).total == 4
    assert run(project, names=("accuracy*",)).total == 2
    assert run(project, policy="q").total == 1
    odd = files([policy(ACCURACY)], [case("odd [name]*", evidence=GOOD, expect=PASSES)])
    assert run(odd, names=("odd [name]*",)).clean
    assert run(project, names=("other", "nobody")).findings == ("no case is named nobody",)
    assert run(project, policy="q", names=("other",)).findings == ("no case is named other",)


def test_nothing_tested_is_not_clean() -> None:
    report = run(files([policy(ACCURACY)], []))
    assert (report.findings, report.clean) == (("there are no cases",), False)
    report = run(
        files([policy(ACCURACY), policy(ACCURACY, name="q")], [case(evidence=GOOD, expect=PASSES)]), min_coverage=0.1
    )
    assert report.findings[-1] == "q 1.0.0: coverage is 0 %, below 0.1 %"


@pytest.mark.parametrize("engine", ["cel-cpp", "cel-python"])
def test_either_engine_runs_them(engine: str) -> None:
    assert run(files([policy(ACCURACY)], [case(evidence=GOOD, expect=PASSES)]), engine).engine == engine


def test_a_signed_report_is_read_and_the_case_says_who_signed() -> None:
    image = {"kind": "command", "signed_by": ["ci"]}
    given = policy({"id": "tool", "command": {}}, evidence={"image": image})
    record = {
        "schema": "gatekeeper.command/v1",
        "name": "image",
        "program": "x",
        "exit_status": 0,
        "started_at": "2025-12-31T00:00:00Z",
        "duration_seconds": 1.0,
        "output_digest": "sha256:" + "0" * 64,
    }
    signed = sealed(statement(record), signer("ci"))
    cases = [
        case("asked", evidence={"image": {"file": "s.json"}}, expect={"results": {"tool": "pass"}}),
        case(
            "other",
            evidence={"image": {"file": "s.json", "envelope": {"signed_by": []}}},
            expect={"results": {"evidence/image": "error"}},
        ),
    ]
    assert run(files([given], cases, policies__tests__p__s_DOT_json=signed)).clean
