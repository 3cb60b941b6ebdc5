"""What stderr says when nothing could be judged or done: each problem with its place, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.errors import GatekeeperError, InvalidFileError, Problem
from gatekeeper.reports.plain import line
from gatekeeper.reports.terminal import Pen, defused


def render_error(error: GatekeeperError, color: bool) -> str:
    """`file:line:column: message` and the indented remedy of every problem; no escapes but those `color` asks for."""
    pen = Pen(color, 80)
    if isinstance(error, InvalidFileError):
        lines = [text for problem in error.problems for text in _problem(problem, pen)] + _count(error)
    else:
        lines = [*_message(f"{pen.paint('error:', 'bad')} ", error.message, error.remedy)]
    return defused("\n".join(lines) + "\n")


def _problem(problem: Problem, pen: Pen) -> Iterator[str]:
    place = f"{pen.paint(line(problem.place) + ':', 'title')} " if problem.file else ""
    return _message(place, problem.message, problem.remedy)


def _message(head: str, message: str, remedy: str) -> Iterator[str]:
    first, *more = message.split("\n")
    yield f"{head}{line(first)}"
    for row in [*more, *remedy.split("\n")]:
        if row.strip():
            yield f"  {line(row)}"


def _count(error: InvalidFileError) -> list[str]:
    if len(error.problems) < 2:
        return []
    files = len({problem.file for problem in error.problems})
    return ["", f"{len(error.problems)} problems{f' in {files} files' if files > 1 else ''}"]
