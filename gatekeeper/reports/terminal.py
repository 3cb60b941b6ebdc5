"""Lines for a terminal: columns, wrapping, and colour where it was asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from gatekeeper.reports.plain import row

_STYLES = {"good": "32", "bad": "1;31", "doubt": "33", "title": "1", "faint": "2", "plain": ""}
_LABEL = 9
_HANGING = 14
"""Columns of a label under whose end the following lines still begin."""

_COMMAND = re.compile(r"(?m)^([ \t]*):(?=:)|##(?=\w*\[)")


class Pen(NamedTuple):
    """How a report is written: with colour or without, and how wide."""

    color: bool
    width: int

    def paint(self, text: str, style: str) -> str:
        """`text` in a style, when there is colour."""
        code = _STYLES[style]
        return f"\x1b[{code}m{text}\x1b[0m" if self.color and code else text

    def field(self, label: str, text: str) -> Iterator[str]:
        """A labelled line of the head. Words too long for the width stay whole, so that they can be copied."""
        return self._hang(f"{label:<{_LABEL}}", text, 0)

    def note(self, label: str, text: str) -> Iterator[str]:
        """A labelled line below a result or a piece of evidence."""
        return self._hang(f"{label + ': ' if label else ''}", text, 6)

    def item(self, label: str, text: str, style: str) -> Iterator[str]:
        """A named entry of a list."""
        first, *rest = self._hang(f"{label:<10} ", text, 2)
        yield self.paint(first, style)
        yield from rest

    def wrapped(self, text: str) -> Iterator[str]:
        """A free line, wrapped."""
        indent = len(text) - len(text.lstrip())
        return self._hang("", text.strip(), indent, 4)

    def diff(self, text: str) -> Iterator[str]:
        """A unified diff, line by line."""
        for given in text.rstrip("\n").split("\n"):
            style = {"+": "good", "-": "bad"}.get(given[:1], "plain")
            yield self.paint(f"  {row(given)}".rstrip(), style)

    def _hang(self, label: str, text: str, indent: int, hang: int | None = None) -> Iterator[str]:
        if hang is None:
            hang = cells(label) if cells(label) <= _HANGING else 4
        hanging = " " * (indent + hang)
        current = f"{' ' * indent}{label}"
        empty = True
        for word in text.split(" "):
            if not empty and cells(current) + 1 + cells(word) > self.width:
                yield current.rstrip()
                current, empty = hanging, True
            current += word if empty else f" {word}"
            empty = False
        yield current.rstrip()


def cells(text: str) -> int:
    """Columns that `text` takes on a terminal, its colour apart."""
    if "\x1b" in text:
        text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width  # text beyond ASCII is rare

    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def column(text: str, width: int) -> str:
    """`text` filled with spaces up to `width` columns."""
    return text + " " * (width - cells(text))


def defused(text: str) -> str:
    """Breaks what a CI system would take for a command: `::` that opens a line, and `##name[` anywhere.

    GitHub's runner cuts leading white space before it looks for `::`, and takes `##[` from inside a line.
    """
    return _COMMAND.sub(lambda found: "#\\#" if found[0] == "##" else f"{found[1]}\\:", text)
