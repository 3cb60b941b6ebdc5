"""From a place within a text, such as an error of a CEL expression, to its place in the YAML file around it."""

from __future__ import annotations

from typing import Any

_QUOTES = ("'", '"')


def place_within(text: str, node: Any, line: int, column: int) -> tuple[int, int] | None:
    """Line and column in the file of a place in a scalar's value, both from 1; None where escapes hide it."""
    target = _offset(node.value, line, column)
    start, end = node.start_mark.index, node.end_mark.index
    index = _walk(node.value, text[:end], _content(text, start, node.style), node.style, target)
    if index is None:
        return None
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def _offset(value: str, line: int, column: int) -> int:
    before = value.split("\n")[: line - 1]
    return min(sum(len(part) + 1 for part in before) + column - 1, len(value))


def _content(text: str, start: int, style: str | None) -> int:
    """Where the content begins: after an anchor, and after the quote or the header of a block."""
    if text.startswith("&", start):
        while not text[start].isspace():
            start += 1
        while text[start].isspace():
            start += 1
    if style in _QUOTES:
        return start + 1
    return text.find("\n", start) + 1 if style in ("|", ">") else start


def _walk(value: str, text: str, index: int, style: str | None, target: int) -> int | None:
    """Both side by side: white space against white space, as lines are folded and indented; all else is equal."""
    done = 0
    while done < target:
        if value[done].isspace():
            while done < target and value[done].isspace():
                done += 1
            continue
        index = _skip_space(text, index)
        width = 2 if style == "'" and text.startswith("''", index) else 1
        if index >= len(text) or text[index] != value[done] or (style == '"' and text[index] == "\\"):
            return None
        index += width
        done += 1
    return index if target < len(value) and value[target].isspace() else _skip_space(text, index, target < len(value))


def _skip_space(text: str, index: int, more: bool = True) -> int:
    while more and index < len(text) and text[index].isspace():
        index += 1
    return index
