"""What `flake8 --count` prints: a finding a line, `path:row:column: CODE message`, and at the end how many there are.

Source: `flake8/formatting/default.py` and `flake8/style_guide.py`, versions 3 to 7. Flake8 prints nothing where it
finds nothing and nothing where it was not run; only the last line tells these apart, and a list that was cut off.
"""

from __future__ import annotations

import re

from msgspec import Struct

from gatekeeper.errors import EvidenceError, NotEvaluatedError
from gatekeeper.evidence.fields import plain
from gatekeeper.model.evidence import Opened, Reading
from gatekeeper.model.facts import Lint, LintCounts

NAME = "flake8"
KIND = "lint"

MAX_RULES = 10_000

_ROW = re.compile(r"(?!::).+?:(\d{1,9}):(\d{1,9}): ([A-Z]{1,9}[0-9]{1,6})(?: .*)?", re.ASCII)
_STATISTIC = re.compile(r"(\d{1,9}) +([A-Z]{1,9}[0-9]{1,6})(?: .*)?", re.ASCII)
_BENCHMARK = re.compile(
    r"([0-9.]{1,20}) +(seconds elapsed|(?:total )?[a-z ]{1,40} processed(?: per second)?)", re.ASCII
)
_COUNT = re.compile(r"\d{1,9}", re.ASCII)
_MARK = re.compile(r"\s*\^")
_CRASHED = ("Traceback (most recent call last)", "There was a critical error", "multiprocessing.pool.RemoteTraceback")
_FILES = "total files processed"
_UNREADABLE = "E902"
# The set that Flake8's own documentation and GitHub's starter workflow stop a build for: code that cannot be run.
_ERRORS = ("E9", "F63", "F7", "F82")


class _Tally(Struct):
    rules: dict[str, int] = {}
    found: int = 0
    statistics: int = 0
    count: int | None = None
    files: int | None = None


def claims(report: Opened) -> bool:
    """Text that begins with a finding. A bare count could be any tool's, and is read only where Flake8 is named."""
    return report.form == "text" and _ROW.fullmatch(report.text.partition("\n")[0].rstrip("\r")) is not None


def read(report: Opened) -> Reading:
    """Findings by code; an error is what keeps code from running (E9, F63, F7, F82), all others are warnings.

    Raises NotEvaluatedError where no count ends the list, or no file was looked at; EvidenceError for a crash, a file
    that could not be read, a count that is not that of the list, and lines of other forms.
    """
    if report.form != "text":
        raise EvidenceError("the report is not Flake8's text")
    tally = _Tally()
    lines = [line.rstrip("\r") for line in report.text.split("\n")]
    _check_crash(lines)
    index = 0
    while index < len(lines):
        index += _add_line(tally, lines, index)
    _check_whole(tally)
    return _reading(tally)


def _check_crash(lines: list[str]) -> None:
    if any(line.startswith(_CRASHED) for line in lines):
        raise EvidenceError("Flake8 crashed: there is a traceback in its output")


def _add_line(tally: _Tally, lines: list[str], index: int) -> int:
    """Take the line at `index`; the number of lines that were used up."""
    line = lines[index]
    if not line:
        return 1
    if tally.count is not None:
        raise EvidenceError(f"line {index + 1} stands after the count that ends the list")
    if row := _ROW.fullmatch(line):
        _add_finding(tally, row[3], index)
        # --show-source prints the line and a mark below it; what stands in the line is the user's.
        return 3 if index + 2 < len(lines) and _MARK.fullmatch(lines[index + 2]) else 1
    if statistic := _STATISTIC.fullmatch(line):
        tally.statistics += int(statistic[1])
    elif benchmark := _BENCHMARK.fullmatch(line):
        if benchmark[2] == _FILES and benchmark[1].isdigit():
            tally.files = int(benchmark[1])
    elif _COUNT.fullmatch(line):
        tally.count = int(line)
    else:
        raise EvidenceError(f"line {index + 1} is not a finding as Flake8 prints it", "Use Flake8's default format.")
    return 1


def _add_finding(tally: _Tally, code: str, index: int) -> None:
    if code == _UNREADABLE:
        raise EvidenceError(f"line {index + 1} says that a file could not be read")
    if tally.statistics or tally.files is not None:
        raise EvidenceError(f"line {index + 1} is a finding after the statistics")
    tally.found += 1
    tally.rules[code] = tally.rules.get(code, 0) + 1
    if len(tally.rules) > MAX_RULES:
        raise EvidenceError(f"there are findings of more than {MAX_RULES} rules")


def _check_whole(tally: _Tally) -> None:
    if tally.count is None and not tally.statistics:
        raise NotEvaluatedError(
            "no count ends the list: what was cut off, or never run, would look the same",
            "Run `flake8 --count --exit-zero … > flake8.txt`, or record the run with `gatekeeper run`.",
        )
    if tally.files == 0:
        raise NotEvaluatedError("no file was looked at")
    if tally.count not in (None, tally.found) or tally.statistics not in (0, tally.found):
        raise EvidenceError(f"there are {tally.found} findings, and the count or the statistics say otherwise")


def _reading(tally: _Tally) -> Reading:
    errors = sum(count for code, count in tally.rules.items() if code.startswith(_ERRORS))
    return Reading(
        facts=Lint(
            counts=LintCounts(error=errors, warning=tally.found - errors, total=tally.found),
            rules={plain(code): count for code, count in sorted(tally.rules.items())},
        ),
        counts={"findings": tally.found, **({} if tally.files is None else {"files": tally.files})},
    )
