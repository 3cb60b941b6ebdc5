"""What `policy check` found, as text. One file per format, loaded when it is asked for."""

from __future__ import annotations

from importlib import import_module

from gatekeeper.model.finding import CheckReport

RENDERERS: dict[str, str] = {
    "text": "gatekeeper.reports.findings.text",
    "json": "gatekeeper.reports.findings.json",
    "sarif": "gatekeeper.reports.findings.sarif",
    "github": "gatekeeper.reports.findings.github",
}
"""The formats, by the names that `--format` takes, each with its module."""


def render(name: str, report: CheckReport, *, color: bool = False, width: int = 80) -> str:
    """The whole report in one format, ending in a newline; only `text` heeds `color` and `width`."""
    options = {"color": color, "width": width} if name == "text" else {}
    text: str = import_module(RENDERERS[name]).render(report, **options)
    return text
