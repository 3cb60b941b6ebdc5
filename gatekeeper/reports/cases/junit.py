"""`policy test --format junit`: one suite per policy, one test case per case, so that a CI system can follow each.

What is wrong beyond the cases, such as that there are none, is a failing case of its own, lest it look like success.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.model.tested import TestedCase, TestedPolicy, TestReport
from gatekeeper.reports.cases.words import mismatch_lines
from gatekeeper.reports.junittext import attributes, text

_PREFIX = "gatekeeper.policy-test"


def render(report: TestReport) -> str:
    """The report as JUnit XML."""
    more = len(report.findings)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<testsuites {attributes(name=_PREFIX, **_counts(report.total + more, report.failed + more))}>",
    ]
    for policy in report.policies:
        lines += _suite(policy)
    lines += _findings(report) if report.findings else ()
    return "\n".join([*lines, "</testsuites>"]) + "\n"


def _suite(policy: TestedPolicy) -> Iterator[str]:
    name = f"{_PREFIX}.{policy.name}"
    failed = sum(not case.passed for case in policy.cases)
    yield f"  <testsuite {attributes(name=f'{name} {policy.version}', **_counts(len(policy.cases), failed))}>"
    for case in policy.cases:
        yield from _case(name, case)
    yield "  </testsuite>"


def _case(classname: str, case: TestedCase) -> Iterator[str]:
    head = attributes(classname=classname, name=case.name, time="0", file=case.file)
    if case.passed:
        yield f"    <testcase {head}/>"
        return
    first = case.mismatches[0]
    told = f"{first.what}: expected {first.expected}, got {first.got}"
    body = text("\n".join(line for mismatch in case.mismatches for line in mismatch_lines(mismatch)))
    yield f"    <testcase {head}>"
    yield f"      <failure {attributes(message=told, type='mismatch')}>{body}</failure>"
    yield "    </testcase>"


def _findings(report: TestReport) -> Iterator[str]:
    count = len(report.findings)
    yield f"  <testsuite {attributes(name=_PREFIX, **_counts(count, count))}>"
    for number, finding in enumerate(report.findings, start=1):
        yield f"    <testcase {attributes(classname=_PREFIX, name=f'finding {number}', time='0')}>"
        yield f"      <failure {attributes(message=finding, type='finding')}/>"
        yield "    </testcase>"
    yield "  </testsuite>"


def _counts(tests: int, failures: int) -> dict[str, str]:
    return {"tests": str(tests), "failures": str(failures), "errors": "0", "time": "0"}
