"""Reports: a judgement in, text out. One file per format, loaded when it is asked for."""

from __future__ import annotations

from importlib import import_module

import msgspec

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.judgement import Report

RENDERERS: dict[str, str] = {
    "text": "gatekeeper.reports.text",
    "json": "gatekeeper.reports.json",
    "junit": "gatekeeper.reports.junit",
    "sarif": "gatekeeper.reports.sarif",
    "markdown": "gatekeeper.reports.markdown",
    "github": "gatekeeper.reports.github",
    "html": "gatekeeper.reports.html",
}
"""The formats, by the names that `--format` takes, each with its module. A new one is one file and one line here."""


def render(name: str, report: Report, *, color: bool = False, width: int = 80) -> str:
    """The whole report in one format, ending in a newline; only `text` heeds `color` and `width`.

    Raises InvalidRequestError for a format that there is not.
    """
    if name not in RENDERERS:
        raise InvalidRequestError(f"there is no report format {name!r}", f"Formats: {', '.join(RENDERERS)}.")
    options = {"color": color, "width": width} if name == "text" else {}
    text: str = import_module(RENDERERS[name]).render(_placed(report), **options)
    return text


def _placed(report: Report) -> Report:
    """The report with the paths that policies were given by, which people and editors can follow."""
    if not report.places:
        return report
    replace, judgement = msgspec.structs.replace, report.judgement
    results = tuple(replace(one, file=report.places.get(one.policy, one.file)) for one in judgement.results)
    return replace(report, judgement=replace(judgement, results=results))
