"""`--format github`: workflow commands that GitHub Actions shows beside the lines, and the count in plain text.

GitHub shows ten errors, ten warnings and ten notices of a step and drops the rest in silence: what is beyond is
counted.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.errors import Problem
from gatekeeper.model.finding import INVALID, LEVELS, CheckReport, Finding
from gatekeeper.reports.githubtext import MOST, command
from gatekeeper.reports.plain import line
from gatekeeper.reports.terminal import defused

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def render(report: CheckReport) -> str:
    """One command for each problem or finding that no comment allows."""
    lines = [_problem(problem) for problem in report.problems[: MOST["error"]]]
    beyond = [_beyond("problem", len(report.problems) - MOST["error"])]
    for level in LEVELS:
        found = [finding for finding in report.standing if finding.severity == level]
        most = MOST[_COMMANDS[level]]
        lines += [_finding(finding) for finding in found[:most]]
        beyond.append(_beyond(_COMMANDS[level], len(found) - most))
    return "\n".join([*lines, *_closing(report, [one for one in beyond if one])]) + "\n"


def _beyond(what: str, count: int) -> str:
    return _count(count, f"more {what}") if count > 0 else ""


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _closing(report: CheckReport, beyond: list[str]) -> Iterator[str]:
    if beyond:
        more = f"... and {' and '.join(beyond)}: GitHub shows no more; see the text format"
        yield command("notice", "gatekeeper policy check", more)
    if report.problems:
        told = f"policy check: {_count(len(report.problems), 'problem')}; nothing was checked"
    else:
        allowed = len(report.findings) - len(report.standing)
        told = f"policy check: {_count(len(report.standing), 'finding')}, {allowed} allowed by comments"
    yield defused(told)


def _finding(finding: Finding) -> str:
    subject = f"{line(finding.rule)}: " if finding.rule else ""
    text = f"{subject}{line(finding.message)}\nremedy: {line(finding.remedy)}"
    place = {"file": finding.file, "line": str(finding.line), "col": str(finding.column)}
    return command(_COMMANDS[finding.severity], finding.id, text, **place)


def _problem(problem: Problem) -> str:
    place = {"file": problem.file} if problem.file else {}
    if problem.file and problem.line:
        place |= {"line": str(problem.line), "col": str(problem.column)}
    text = f"{line(problem.message)}\nremedy: {line(problem.remedy)}" if problem.remedy else line(problem.message)
    return command("error", INVALID, text, **place)
