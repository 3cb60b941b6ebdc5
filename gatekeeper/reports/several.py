"""The reports of several artifacts of one promotion, as one."""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.judgement import Report
from gatekeeper.reports import render as render_one
from gatekeeper.reports.document import document
from gatekeeper.reports.jsontext import indented

SCHEMA = "gatekeeper.reports/v1"


def render(name: str, reports: Sequence[Report], *, color: bool = False, width: int = 80) -> str:
    """All reports in one format, ending in a newline. Raises InvalidRequestError for one that cannot hold several."""
    if len(reports) == 1:
        return render_one(name, reports[0], color=color, width=width)
    if name == "json":
        return indented({"schema": SCHEMA, "reports": [document(report) for report in reports]})
    if name in {"text", "markdown", "github"}:
        return "\n".join(render_one(name, report, color=color, width=width) for report in reports)
    raise InvalidRequestError(f"{name} holds one artifact's report")
