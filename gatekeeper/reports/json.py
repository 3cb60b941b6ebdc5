"""`--format json`: the versioned form for programs, `gatekeeper.report/v1`."""

from __future__ import annotations

from gatekeeper.model.judgement import Report
from gatekeeper.reports.document import document
from gatekeeper.reports.jsontext import indented


def render(report: Report) -> str:
    """The report as indented JSON, keys always in the same order."""
    return indented(document(report))
