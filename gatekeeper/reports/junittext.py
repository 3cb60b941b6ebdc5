"""Text of others made harmless in JUnit XML, and in the logs of CI systems that show it."""

from __future__ import annotations

from gatekeeper.reports.plain import line

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def attributes(**values: str) -> str:
    """Attributes of an element, each value on one line and harmless."""
    return " ".join(f'{name}="{_quiet(line(given).translate(_ENTITIES))}"' for name, given in values.items())


def text(given: str) -> str:
    """What stands in an element, line by line, and harmless."""
    given = "\n".join(line(row) for row in given.split("\n")).translate(_ENTITIES)
    return _quiet(given.replace("[[", "[ ["))  # GitLab takes `[[ATTACHMENT|path]]` for a file to show


def _quiet(text: str) -> str:
    return text.replace("##", "#&#35;")  # CI systems make commands of `##[` when a report goes to their log
