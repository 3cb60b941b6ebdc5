"""JUnit XML, as pytest, Surefire, Jest, Mocha, GoogleTest, go-junit-report, Bazel and others write it.

Counted from the cases, never from the attributes, which tools get wrong. There is no schema that all of them keep; the
sources are Jenkins' `junit-10.xsd`, Surefire's `surefire-test-report.xsd` and the writers named above.
"""

from __future__ import annotations

from collections import Counter

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import instant
from gatekeeper.evidence.xmltext import Element
from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.facts import Tests

NAME = "junit"
KIND = "tests"

_ROOTS = frozenset({"testsuites", "testsuite"})
_WORST_FIRST = ("error", "failed", "skipped", "passed")
_BY_CHILD = {"error": "error", "failure": "failed", "skipped": "skipped"}
_BY_STATUS = {
    "error": "error",
    "errored": "error",
    "broken": "error",
    "failed": "failed",
    "failure": "failed",
    "fail": "failed",
    "skipped": "skipped",
    "notrun": "skipped",
    "disabled": "skipped",
    "ignored": "skipped",
    "pending": "skipped",
    "suppressed": "skipped",
    "untested": "skipped",
    **dict.fromkeys(("", "passed", "pass", "ok", "success", "successful", "succeeded", "fixed"), "passed"),
    **dict.fromkeys(("run", "completed", "executed", "finished", "done"), "passed"),
}
"""What `status` and `result` say; any other word, such as Bazel's `interrupted`, is no pass and counts as an error."""
_RETRIED = frozenset({"flakyFailure", "flakyError"})


def claims(report: Opened) -> bool:
    """Whether the root is `testsuites` or `testsuite`."""
    return report.form == "xml" and report.xml.tag in _ROOTS


def read(report: Opened) -> Reading:
    """The cases by outcome. Raises NotEvaluatedError for a report without a case, or with skipped ones only."""
    if not claims(report):
        raise EvidenceError("this is not JUnit XML: its root is neither `testsuites` nor `testsuite`")
    rows = [(_name(case), _outcome(case)) for case in report.xml.iter("testcase")]
    rows += [(suite.get("name"), outcome) for suite in report.xml.iter("testsuite") for outcome in _of_suite(suite)]
    by_outcome = Counter(outcome for _, outcome in rows)
    if not rows:
        raise NotEvaluatedError("the report holds no test case")
    if by_outcome["skipped"] == len(rows):
        raise NotEvaluatedError("every test was skipped")
    facts = _facts(rows, by_outcome)
    return Reading(facts=facts, produced_at=_started(report.xml), counts=_counts(facts, report.xml))


def _facts(rows: list[tuple[str, str]], by_outcome: Counter[str]) -> Tests:
    cases: dict[str, str] = {}
    for name, outcome in rows:
        cases[name] = min(cases.get(name, "passed"), outcome, key=_WORST_FIRST.index)
    return Tests(
        total=len(rows),
        ran=len(rows) - by_outcome["skipped"],
        passed=by_outcome["passed"],
        failures=by_outcome["failed"],
        errors=by_outcome["error"],
        skipped=by_outcome["skipped"],
        cases=cases,
    )


def _counts(facts: Tests, root: Element) -> dict[str, int]:
    counts = {"total": facts.total, "failures": facts.failures, "errors": facts.errors, "skipped": facts.skipped}
    flaky = sum(any(child.tag in _RETRIED for child in case.children) for case in root.iter("testcase"))
    return counts | ({"flaky": flaky} if flaky else {})


def _name(case: Element) -> str:
    group = case.get("classname")
    return f"{group}::{case.get('name')}" if group else case.get("name")


def _outcome(case: Element) -> str:
    """The worst that the row says, by its child elements or by GoogleTest's and others' status attributes."""
    said = {_BY_CHILD[tag] for child in case.children if (tag := child.tag.lower()) in _BY_CHILD}
    said |= {_BY_STATUS.get(word, "error") for word in _status_words(case)}
    return next(outcome for outcome in _WORST_FIRST if outcome in said)


def _status_words(case: Element) -> tuple[str, str]:
    return case.get("status").strip().lower(), case.get("result").strip().lower()


def _of_suite(suite: Element) -> list[str]:
    """What went wrong beside the cases: a suite's own error elements, or the counts of a suite that has no row at all.

    A suite that could not be collected or set up is written so; to ignore it would turn a crash into a clean run.
    """
    said = [_BY_CHILD[child.tag] for child in suite.children if child.tag in ("error", "failure")]
    if said or any(suite.iter("testcase")) or any(child.tag == "testsuite" for child in suite.children):
        return said
    return ["error"] * _whole(suite.get("errors")) + ["failed"] * _whole(suite.get("failures"))


def _whole(text: str) -> int:
    if text.strip() in {"", "0"}:
        return 0
    if not text.strip().isdecimal() or len(text) > 7:
        raise EvidenceError("a suite without cases counts its errors in something that is not a whole number")
    return int(text)


def _started(root: Element) -> str | None:
    """The first suite's start; None unless every time that is given carries an offset."""
    given = [time for suite in root.iter("testsuite") if (time := suite.get("timestamp"))]
    known = [started for time in given if (started := instant(time))]
    return min(known) if known and len(known) == len(given) else None
