"""What `policy diff` found, as text. One file per format, loaded when it is asked for."""

from __future__ import annotations

from importlib import import_module

from gatekeeper.model.compared import Compared

RENDERERS: dict[str, str] = {
    "text": "gatekeeper.reports.diff.text",
    "json": "gatekeeper.reports.diff.json",
    "markdown": "gatekeeper.reports.diff.markdown",
}
"""The formats, by the names that `--format` takes, each with its module."""


def render(name: str, compared: Compared) -> str:
    """The whole comparison in one format, ending in a newline."""
    text: str = import_module(RENDERERS[name]).render(compared)
    return text
