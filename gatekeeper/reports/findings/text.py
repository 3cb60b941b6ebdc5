"""`--format text`: each finding as `file:line:column: severity: message [id]`, as compilers write it, and a count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gatekeeper.model.finding import LEVELS, CheckReport, Finding
from gatekeeper.reports.plain import line
from gatekeeper.reports.terminal import Pen, defused

_STYLES = {"error": "bad", "warning": "doubt", "info": "faint"}


def render(report: CheckReport, *, color: bool = False, width: int = 80) -> str:
    """The report; escapes only where `color` asks for them, never from data."""
    pen = Pen(color, max(width, 72))
    lines = [*_problems(report, pen)] if report.problems else [*_findings(report, pen)]
    return defused("\n".join([*lines, *_foot(report)]) + "\n")


def _problems(report: CheckReport, pen: Pen) -> Iterator[str]:
    for problem in report.problems:
        place = f"{pen.paint(f'{line(problem.place)}:', 'title')} " if problem.file else ""
        yield f"{place}{pen.paint('invalid', 'bad')}: {line(problem.message)}"
        yield from pen.note("", line(problem.remedy)) if problem.remedy else ()


def _findings(report: CheckReport, pen: Pen) -> Iterator[str]:
    for finding in report.standing:
        yield from _finding(finding, pen)


def _finding(finding: Finding, pen: Pen) -> Iterator[str]:
    place = f"{line(finding.file)}:{finding.line}:{finding.column}:"
    severity = pen.paint(finding.severity, _STYLES[finding.severity])
    rule = f"{line(finding.rule)}: " if finding.rule else ""
    yield f"{pen.paint(place, 'title')} {severity}: {rule}{line(finding.message)} [{finding.id}]"
    yield from pen.note("", line(finding.remedy))


def _foot(report: CheckReport) -> Iterator[str]:
    looked = report.looked
    if report.problems or report.standing:
        yield ""
    if report.problems:
        yield f"{_count(len(report.problems), 'problem')}: nothing else was looked at"
        return
    checked = f"{_count(looked.policies, 'policy', 'policies')}, {_count(looked.environments, 'environment')}"
    yield f"{_sum(report)}; checked {checked} and {_count(looked.waivers, 'waiver')}"
    if looked.compared is None:
        yield "versions were not compared: there is no commit to compare with, or no git to read it"
    else:
        yield f"versions compared with commit {looked.compared[:12]}"


def _sum(report: CheckReport) -> str:
    found = Counter(finding.severity for finding in report.standing)
    told = [_count(found[level], level, "info" if level == "info" else "") for level in LEVELS if found[level]]
    allowed = len(report.findings) - len(report.standing)
    told += [f"{allowed} allowed by comments"] if allowed else []
    return ", ".join(told) or "no findings"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"
