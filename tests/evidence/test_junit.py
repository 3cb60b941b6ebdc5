"""JUnit XML: counted from the cases, the worst of what a row says, and never clean when nothing ran."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence import junit
from gatekeeper.evidence.opened import open_report
from gatekeeper.evidence.reading import envelope
from gatekeeper.model.evidence import Reading
from gatekeeper.model.facts import Tests
from tests.corpus import corpus_files


def read(text: str) -> Reading:
    return junit.read(open_report(text.encode()))


def counted(text: str) -> tuple[int, int, int, int, int, int]:
    facts: Tests = read(text).facts
    return facts.total, facts.ran, facts.passed, facts.failures, facts.errors, facts.skipped


def test_cases_count_and_attributes_do_not() -> None:
    text = """<testsuite name="a" tests="3" failures="0" errors="0" skipped="9">
      <testcase name="x"><failure message="no"/></testcase><testcase name="y"/><testcase name="z"><error/></testcase>
    </testsuite>"""
    assert counted(text) == (3, 3, 1, 1, 1, 0)
    assert read(text).facts.cases == {"x": "failed", "y": "passed", "z": "error"}


def test_suites_may_be_nested_or_left_out() -> None:
    text = """<testsuites><testcase name="a"/><testsuite><testsuite><testcase name="b" classname="k"/></testsuite>
      <testcase name="c"><skipped/></testcase></testsuite></testsuites>"""
    assert counted(text) == (3, 2, 2, 0, 0, 1)
    assert read(text).facts.cases == {"a": "passed", "k::b": "passed", "c": "skipped"}


def test_each_row_counts_and_a_repeated_name_has_its_worst_outcome() -> None:
    # pytest writes a test that fails in its call and in its teardown as two rows of one name.
    text = """<testsuite><testcase classname="t" name="a"><failure/></testcase>
      <testcase classname="t" name="a"><error/></testcase><testcase classname="t" name="a"/></testsuite>"""
    assert counted(text) == (3, 3, 1, 1, 1, 0)
    assert read(text).facts.cases == {"t::a": "error"}


@pytest.mark.parametrize(
    ("case", "outcome"),
    [
        ("<testcase name='a'/>", "passed"),
        ("<testcase name='a' status='run' result='completed'/>", "passed"),
        ("<testcase name='a'><properties/><system-out>failure</system-out></testcase>", "passed"),
        ("<testcase name='a'><flakyFailure/><flakyError/></testcase>", "passed"),
        ("<testcase name='a'><failure/><rerunFailure/></testcase>", "failed"),
        ("<testcase name='a'><skipped/><failure/></testcase>", "failed"),
        ("<testcase name='a'><failure/><error/></testcase>", "error"),
        ("<testcase name='a'><skipped type='pytest.xfail'/></testcase>", "skipped"),
        ("<testcase name='a' status='notrun' result='suppressed'/>", "skipped"),
        ("<testcase name='a' status='disabled'/>", "skipped"),
        ("<testcase name='a' status='FAILED'/>", "failed"),
        ("<testcase name='a' status='errored'/>", "error"),
        ("<testcase name='a' status='passed'><failure/></testcase>", "failed"),
        ("<testcase name='a'><Failure/></testcase>", "failed"),
        ("<testcase name='a' status=' Failed '/>", "failed"),
        ("<testcase name='a' status='run' result='interrupted'/>", "error"),
        ("<testcase name='a' status='timed out'/>", "error"),
        ("<testcase name='a' result='untested'/>", "skipped"),
    ],
)
def test_the_outcome_is_the_worst_that_a_row_says(case: str, outcome: str) -> None:
    assert read(f"<testsuite><testcase name='other'/>{case}</testsuite>").facts.cases["a"] == outcome


def test_retried_tests_that_passed_are_shown() -> None:
    text = "<testsuite><testcase name='a'><flakyFailure/></testcase><testcase name='b'/></testsuite>"
    assert read(text).counts == {"total": 2, "failures": 0, "errors": 0, "skipped": 0, "flaky": 1}


@pytest.mark.parametrize(
    ("suite", "failures", "errors"),
    [
        ("<testsuite errors='2' failures='1'/>", 1, 2),
        ("<testsuite errors=' ' failures='0'><error message='could not be collected'/></testsuite>", 0, 1),
        ("<testsuite errors='1'><error/><testcase name='b'/></testsuite>", 0, 1),
        ("<testsuite errors='1'><testcase name='b'/></testsuite>", 0, 0),
        ("<testsuite errors='1'><testsuite errors='1'/></testsuite>", 0, 1),
        ("<testsuite errors='0' failures=''/>", 0, 0),
    ],
)
def test_a_suite_that_could_not_start_is_not_clean(suite: str, failures: int, errors: int) -> None:
    facts: Tests = read(f"<testsuites><testsuite><testcase name='a'/></testsuite>{suite}</testsuites>").facts
    assert (facts.failures, facts.errors) == (failures, errors)


@pytest.mark.parametrize("count", ["many", "-1", "1.5", "99999999"])
def test_a_count_that_is_none_is_refused(count: str) -> None:
    with pytest.raises(EvidenceError, match="not a whole number"):
        read(f"<testsuites><testsuite errors='{count}'/></testsuites>")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<testsuites/>", "no test case"),
        ("<testsuite tests='0'/>", "no test case"),
        ("<testsuites><testsuite tests='7'/></testsuites>", "no test case"),
        ("<testsuite><testcase><skipped/></testcase></testsuite>", "every test was skipped"),
    ],
)
def test_nothing_that_ran_is_not_evaluated(text: str, reason: str) -> None:
    with pytest.raises(NotEvaluatedError, match=reason):
        read(text)


@pytest.mark.parametrize(
    ("times", "produced_at"),
    [
        (["2026-11-23T02:02:57.372179+00:00"], "2026-11-23T02:02:57.372179Z"),
        (["2026-11-23T02:00:00+02:00", "2026-11-23T01:00:00Z"], "2026-11-23T00:00:00Z"),
        (["2026-11-23T02:00:00Z", ""], "2026-11-23T02:00:00Z"),
        (["2026-11-23T02:00:00Z", "2026-11-23T02:00:00"], None),
        (["2020-08-31T09:24:53.988790"], None),
        (["Sat, 03 Dec 2022 23:10:07 GMT"], None),
        (["0001-01-01T00:00:00Z"], None),
        ([], None),
    ],
)
def test_only_a_time_with_an_offset_is_one(times: list[str], produced_at: str | None) -> None:
    suites = "".join(f'<testsuite timestamp="{time}"><testcase name="a"/></testsuite>' for time in times)
    assert read(f"<testsuites><testcase/>{suites}</testsuites>").produced_at == produced_at


def test_times_that_cannot_be_parsed_do_no_harm() -> None:
    assert counted('<testsuite tests="1" time="1,234.567"><testcase name="a" time="1.234,5"/></testsuite>')[2] == 1


OUTCOMES = {"passed": "", "failed": "<failure/>", "error": "<error/>", "skipped": "<skipped/>"}


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(sorted(OUTCOMES))), min_size=1))
def test_the_counts_always_add_up(rows: list[tuple[str, str]]) -> None:
    cases = "".join(f"<testcase name='{name}'>{OUTCOMES[outcome]}</testcase>" for name, outcome in rows)
    found = envelope(f"<testsuite>{cases}</testsuite>".encode(), source="x")
    outcomes = [outcome for _, outcome in rows]
    if set(outcomes) == {"skipped"}:
        assert found.status == "not_evaluated"
        return
    facts = found.facts
    assert facts["total"] == len(rows) == facts["ran"] + facts["skipped"]
    assert facts["ran"] == facts["passed"] + facts["failures"] + facts["errors"]
    assert (facts["failures"] > 0) == ("failed" in outcomes)
    assert ("failed" in facts["cases"].values() or "error" in facts["cases"].values()) == bool(
        {"failed", "error"} & set(outcomes)
    )


def _independent(root: ElementTree.Element) -> dict[str, int]:
    rows = [{child.tag for child in case} for case in root.iter("testcase")]
    return {
        "total": len(rows),
        "errors": sum("error" in row for row in rows),
        "failures": sum("failure" in row and "error" not in row for row in rows),
    }


SUITE_ERRORS = {"junit-report-nested-testsuites.xml": 1}
"""Files in which a suite without cases carries an error, which counts as one more row."""


@pytest.mark.corpus
@pytest.mark.parametrize("file", corpus_files("junit/**/*.xml"), ids=lambda file: file.name)
def test_real_reports_are_counted_as_another_reader_counts_them(file: Path) -> None:
    found = envelope(file.read_bytes(), source=file.name)
    if found.status == "error":
        with pytest.raises(ElementTree.ParseError):
            ElementTree.parse(file)
        return
    expected = _independent(ElementTree.parse(file).getroot())
    extra = SUITE_ERRORS.get(file.name, 0)
    if found.status == "evaluated":
        assert {key: found.facts[key] for key in expected} == {
            **expected,
            "total": expected["total"] + extra,
            "errors": expected["errors"] + extra,
        }
    else:
        assert expected["errors"] == expected["failures"] == 0


def _published() -> list[Path]:
    # That tool leaves cases without a name out; we count them.
    return [file for file in corpus_files("junit/**/*.results") if file.stem != "no-attributes"]


@pytest.mark.corpus
@pytest.mark.parametrize("file", _published(), ids=lambda file: file.stem)
def test_real_reports_agree_with_what_another_tool_published(file: Path) -> None:
    published: list[Any] = re.findall(r"^ +result='(\w+)'", file.read_text(), re.MULTILINE)
    facts = envelope(file.with_suffix(".xml").read_bytes(), source=file.name).facts
    assert (facts["total"], facts["failures"], facts["errors"]) == (
        len(published),
        published.count("failure"),
        published.count("error"),
    )
    assert facts["skipped"] >= published.count("skipped")


@pytest.mark.corpus
@pytest.mark.parametrize("file", corpus_files("junit-negative/**/*.xml"), ids=lambda file: file.name)
def test_other_tools_xml_is_refused_by_name(file: Path) -> None:
    found = envelope(file.read_bytes(), source=file.name)
    assert found.status == "error"
    assert re.fullmatch(
        r"this looks like an (NUnit 2|xUnit\.net) report, which this version does not read", found.reason or ""
    )
