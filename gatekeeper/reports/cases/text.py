"""`policy test --format text`: a mark for each case, what failed and why, what no case would notice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gatekeeper.model.tested import Coverage, Proposed, Survivor, TestedCase, TestedPolicy, TestReport
from gatekeeper.reports.cases.words import mismatch_lines
from gatekeeper.reports.plain import line
from gatekeeper.reports.terminal import defused

_MARKS = 60
_SHOWN = 20
"""Survivors and unmet demands of one policy that are shown at most; JSON has all."""


def render(report: TestReport, *, verbose: bool = False) -> str:
    """The report for people; with `verbose`, each case on a line of its own, and every survivor."""
    lines: list[str] = []
    for policy in report.policies:
        lines += [*_policy(policy, verbose), ""]
    if any(policy.coverage for policy in report.policies):
        lines += [*_table(report), ""]
    lines += [f"finding: {line(finding)}" for finding in report.findings]
    return defused("\n".join([*lines, _summary(report)]) + "\n")


def _policy(policy: TestedPolicy, verbose: bool) -> Iterator[str]:
    yield f"{line(policy.name)} {line(policy.version)}  {line(policy.file)}"
    if verbose:
        yield from (f"  {'pass' if case.passed else 'FAIL'}  {line(case.name)}" for case in policy.cases)
    else:
        marks = "".join("." if case.passed else "F" for case in policy.cases)
        yield from (f"  {marks[start : start + _MARKS]}" for start in range(0, len(marks), _MARKS))
    if not policy.cases:
        yield "  no cases"
    for case in policy.cases:
        if not case.passed:
            yield from _failure(case)
    if policy.coverage is not None:
        yield from _gaps(policy.coverage, None if verbose else _SHOWN)


def _failure(case: TestedCase) -> Iterator[str]:
    yield f"  FAIL {line(case.name)}  {line(case.file)}:{case.line}"
    for mismatch in case.mismatches:
        yield from (f"    {text}" for text in mismatch_lines(mismatch))


def _gaps(coverage: Coverage, most: int | None) -> Iterator[str]:
    for demand in coverage.missing[:most]:
        yield f"  no case: {line(demand.what)}  {line(demand.file)}:{demand.line}:{demand.column}"
    yield from _more(len(coverage.missing), most)
    for survivor in coverage.survivors[:most]:
        yield _survivor(survivor)
    yield from _more(len(coverage.survivors), most)
    if any(survivor.case is None for survivor in coverage.survivors[:most]):
        yield "  (?) no case was found that tells these apart: write one, or ask whether the text is needed"
    shown = {survivor.case for survivor in coverage.survivors[:most]}
    hidden = {survivor.case for survivor in coverage.survivors} - shown
    yield from _proposed([one for one in coverage.proposed if one.name not in hidden][:most])


def _more(count: int, most: int | None) -> Iterator[str]:
    if most is not None and count > most:
        yield f"  … and {count - most} more; `-v` shows all"


def _survivor(survivor: Survivor) -> str:
    change = f"{line(survivor.subject)}: {line(survivor.what)}: {line(survivor.old)} → {line(survivor.new)}"
    unknown = "" if survivor.case else "  (?)"
    return f"  survived: {change}  {line(survivor.file)}:{survivor.line}:{survivor.column}{unknown}"


def _proposed(cases: Sequence[Proposed]) -> Iterator[str]:
    """All of them in one piece that can be pasted as it stands."""
    if cases:
        yield f"  {len(cases)} case{'' if len(cases) == 1 else 's'} to add, as documents of a test file:"
        yield ""
    for one in cases:
        yield from ("---", *one.text.rstrip("\n").split("\n"))


def _table(report: TestReport) -> Iterator[str]:
    names = max(len(f"{policy.name} {policy.version}") for policy in report.policies)
    yield f"{'coverage':<{names}}  cases    demands    mutants  equivalent  refused   percent"
    for policy in report.policies:
        name = line(f"{policy.name} {policy.version}")
        if (one := policy.coverage) is None:
            continue
        demands, mutants = f"{one.demands_met}/{one.demands}", f"{one.killed}/{one.mutants}"
        yield (
            f"{name:<{names}}  {len(policy.cases):>5}  {demands:>9}  {mutants:>9}  {one.equivalent:>10}"
            f"  {one.refused:>7}  {one.percent:>6.1f} %"
        )


def _summary(report: TestReport) -> str:
    cases = f"{report.total} case{'' if report.total == 1 else 's'}"
    failed = f", {report.failed} failed" if report.failed else ""
    return f"{'PASS' if report.clean else 'FAIL'}: {cases}{failed}; judged by {line(report.engine)}"
