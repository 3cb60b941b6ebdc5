"""GitHub's workflow commands, escaped as its toolkit does: `%`, CR, LF in messages; `:` and `,` in properties too."""

from __future__ import annotations

from gatekeeper.reports.plain import line

MOST = {"error": 10, "warning": 10, "notice": 8}
"""Annotations shown by level; GitHub's own bound, less the two notices that close a report."""


def command(level: str, title: str, message: str, **place: str) -> str:
    """One annotation; `place` are `file`, `line` and `col`."""
    properties = ",".join(f"{name}={_property(text)}" for name, text in {**place, "title": title}.items())
    return f"::{level} {properties}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(line(text)).replace(":", "%3A").replace(",", "%2C")
