"""The reports of several artifacts of one promotion, as one in each format."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.judgement import Report
from gatekeeper.reports import RENDERERS
from gatekeeper.reports import render as render_one
from gatekeeper.reports.document import REPORTS, document
from gatekeeper.reports.jsontext import indented
from gatekeeper.reports.junittext import attributes
from gatekeeper.reports.markdown import MOST
from gatekeeper.reports.sariftext import SCHEMA as SARIF

_TOTAL = re.compile(r'\b(tests|failures|errors)="(\d+)"')


def render(name: str, reports: Sequence[Report], *, color: bool = False, width: int = 80) -> str:
    """All reports in one format, ending in a newline. Raises InvalidRequestError for a format that there is not."""
    if len(reports) == 1:
        return render_one(name, reports[0], color=color, width=width)
    if name not in RENDERERS:
        raise InvalidRequestError(f"there is no report format {name!r}", f"Formats: {', '.join(RENDERERS)}.")
    if name in _JOINED:
        return _JOINED[name](reports)
    return "\n".join(render_one(name, report, color=color, width=width) for report in reports)


def _json(reports: Sequence[Report]) -> str:
    return indented({"schema": REPORTS, "reports": [document(report) for report in reports]})


def _sarif(reports: Sequence[Report]) -> str:
    """One run for each artifact: runs of one category replace each other, and theirs differ."""
    runs = [run for report in reports for run in json.loads(render_one("sarif", report))["runs"]]
    return indented({"$schema": SARIF, "version": "2.1.0", "runs": runs})


def _junit(reports: Sequence[Report]) -> str:
    """The suites of all, under names that tell the artifacts apart: GitLab drops what has the name of another."""
    pages = [render_one("junit", _apart(report)).splitlines() for report in reports]
    totals: dict[str, int] = {}
    for page in pages:
        for key, count in _TOTAL.findall(page[1]):
            totals[key] = totals.get(key, 0) + int(count)
    inside = [line for page in pages for line in page[2:-1]]
    return "\n".join(
        [
            pages[0][0],
            f"<testsuites {attributes(name='gatekeeper', **{key: str(count) for key, count in totals.items()})}>",
            *inside,
            pages[0][-1],
            "",
        ]
    )


def _apart(report: Report) -> Report:
    judgement = report.judgement
    artifact = judgement.artifact.name if judgement.artifact else None
    return replace(report, judgement=replace(judgement, environment=f"{judgement.environment}.{artifact}"))


def _html(reports: Sequence[Report]) -> str:
    """One page, on which the artifacts follow each other."""
    pages = [render_one("html", report) for report in reports]
    head, body = pages[0].partition("<body>")[:2]
    inside = "\n".join(page.partition("<body>")[2].rpartition("</body>")[0].strip() for page in pages)
    return f"{head}{body}\n{inside}\n</body>\n</html>\n"


def _markdown(reports: Sequence[Report]) -> str:
    """Whole reports while they fit into a comment; of the others it is said that they are left out."""
    pages = [render_one("markdown", report) for report in reports]
    kept, room = 0, MOST
    while kept < len(pages) and len(pages[kept]) < room:
        room -= len(pages[kept]) + 1
        kept += 1
    left = len(pages) - kept
    note = [f"… and {left} more artifact{'' if left == 1 else 's'}, left out for length: see the JSON report.\n"]
    return "\n".join([*pages[:kept], *(note if left else [])])


_JOINED: dict[str, Callable[[Sequence[Report]], str]] = {
    "json": _json,
    "sarif": _sarif,
    "junit": _junit,
    "html": _html,
    "markdown": _markdown,
}
