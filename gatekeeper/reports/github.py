"""`--format github`: workflow commands that GitHub Actions shows beside the policy files.

Escapes as GitHub's toolkit does: `%`, CR and LF in messages; `:` and `,` in properties too. GitHub shows ten errors,
ten warnings and ten notices of a step and drops the rest in silence, so what is beyond is counted in a notice.
"""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.model.judgement import Report, Result
from gatekeeper.reports import words
from gatekeeper.reports.githubtext import MOST, command
from gatekeeper.reports.marks import marks
from gatekeeper.reports.plain import line
from gatekeeper.reports.terminal import defused


def render(report: Report) -> str:
    """One command per result that did not pass, the verdict as a notice, and the verdict once more in plain text."""
    found: dict[str, list[Result]] = {level: [] for level in MOST}
    for result in report.judgement.results:
        if words.stands(result):
            found[_level(result)].append(result)
    lines = [command("error", "gatekeeper", words.advice(report))] if words.advice(report) else []
    for level, results in found.items():
        lines += [_annotation(level, result) for result in results[: MOST[level]]]
    return "\n".join([*lines, *_closing(report, found)]) + "\n"


def _level(result: Result) -> str:
    if words.blocks(result):
        return "error"
    return "notice" if result.enforcement == "audit" else "warning"


def _closing(report: Report, found: dict[str, list[Result]]) -> Iterator[str]:
    beyond = {level: len(results) - MOST[level] for level, results in found.items() if len(results) > MOST[level]}
    if beyond:
        more = " and ".join(f"{count} more {level}{'' if count == 1 else 's'}" for level, count in beyond.items())
        yield command("notice", "gatekeeper", f"... and {more}: GitHub shows no more; see the other reports")
    done = f"; {words.outcome(report.promotion)}" if report.promotion else ""
    told = f"{words.verdict(report)}: {words.subject(report)}; {words.summary(report)}{done}"
    for mark, text in marks(report.promotion):
        yield command("warning", "gatekeeper", f"{mark} {text}")
    yield command("notice", "gatekeeper", "\n".join([told, *words.waits(report.promotion)]))
    yield defused("; ".join([told, *words.waits(report.promotion)]))


def _annotation(level: str, result: Result) -> str:
    place = {"file": result.file} if result.file else {}
    if result.file and result.line:
        place["line"] = str(result.line)
    rows = [f"{words.state(result)}: {line(result.message)}"]
    rows += [words.waived(result)] if result.waived else []
    rows += [f"why: {line(result.why)}", f"remedy: {line(result.remedy)}"]
    return command(level, f"{result.policy}/{result.rule}", "\n".join(rows), **place)
