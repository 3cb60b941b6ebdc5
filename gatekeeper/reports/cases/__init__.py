"""What `policy test` found, as text. One file per format, loaded when it is asked for."""

from __future__ import annotations

from importlib import import_module

from gatekeeper.model.tested import TestReport

RENDERERS: dict[str, str] = {
    "text": "gatekeeper.reports.cases.text",
    "json": "gatekeeper.reports.cases.json",
    "junit": "gatekeeper.reports.cases.junit",
}
"""The formats, by the names that `--format` takes, each with its module."""


def render(name: str, report: TestReport, *, verbose: bool = False) -> str:
    """The whole report in one format, ending in a newline; only `text` heeds `verbose`."""
    options = {"verbose": verbose} if name == "text" else {}
    text: str = import_module(RENDERERS[name]).render(report, **options)
    return text
