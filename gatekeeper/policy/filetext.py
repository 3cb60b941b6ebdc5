"""The text of a file before YAML: what no reader may see differently from another."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from gatekeeper.errors import InvalidFileError, Problem

MAX_BYTES = 1 << 20
MAX_SHOWN = 20

# C0 and C1 controls, line breaks that only YAML 1.1 knows, direction overrides that make a review read what is not
# there (CVE-2021-42574), a byte order mark inside, and noncharacters.
# The patterns are compiled where a cheaper look has found something: most files never need them.
_UNFIT = "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
_TAB_FIRST = r"^ *\t[ \t]*(?=[^\s])"


def decode(data: bytes, file: str) -> str:
    """The text, without a byte order mark. Raises InvalidFileError for what is too large, not UTF-8 or not visible."""
    if len(data) > MAX_BYTES:
        raise InvalidFileError([Problem(f"the file has {len(data)} bytes; at most {MAX_BYTES} are read", file)])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        before = data[: fault.start].decode("utf-8-sig", "replace")
        problem = problem_at(file, before, len(before), "this byte is not UTF-8", "Save the file as UTF-8.")
        raise InvalidFileError([problem]) from fault
    if not text.replace("\n", "").isprintable():
        _refuse_unfit(text, file)
    if "%TAG" in text:
        _refuse_tag_directive(text, file)
    # A block that keeps its line breaks would lose this one in libyaml (case JEF9 of the YAML test suite).
    return text + "\n" if text[-1:] in (" ", "\t") and not text[text.rfind("\n") + 1 :].strip() else text


def _refuse_unfit(text: str, file: str) -> None:
    """A carriage return that ends no line is a line break to some readers only."""
    found = [match.start() for match in islice(re.finditer(_UNFIT + "|\r(?!\n)", text), MAX_SHOWN)]
    if found:
        raise InvalidFileError([problem_at(file, text, index, named(text[index]), "Remove it.") for index in found])


def _refuse_tag_directive(text: str, file: str) -> None:
    """`%TAG` gives tags another meaning; of the other directives libyaml knows `%YAML` alone, and refuses the rest."""
    if match := re.search(r"^%TAG\b", text, re.MULTILINE):
        raise InvalidFileError([problem_at(file, text, match.start(), "tag directives are not read", "Remove it.")])


def unfit_character(value: str) -> str | None:
    """The first character of a value that no text of ours may hold, such as an escape may bring in."""
    found = None if value.isprintable() else re.search(_UNFIT + "|\r", value)
    return found.group() if found else None


def tabs_as_indentation(roots: list[Any], text: str, file: str) -> list[Problem]:
    """The lines that begin with a tab, save those inside a quoted or block scalar, where a tab is text."""
    from bisect import bisect_left  # files with tabs are rare

    spans = sorted({span for root in roots for span in _scalar_spans(root, set())})

    def is_outside(start: int) -> bool:
        index = bisect_left(spans, (start, 0)) - 1
        return index < 0 or spans[index][1] <= start

    starts = [match.start() for match in re.finditer(_TAB_FIRST, text, re.MULTILINE) if is_outside(match.start())]
    return [problem_at(file, text, start, "a tab stands as indentation", "Use spaces.") for start in starts[:MAX_SHOWN]]


def _scalar_spans(node: Any, seen: set[int]) -> list[tuple[int, int]]:
    if id(node) in seen:
        return []
    seen.add(id(node))
    if node.id == "scalar":
        return [(node.start_mark.index, node.end_mark.index)] if node.style else []
    pairs = node.value if node.id == "mapping" else [(item,) for item in node.value]
    return [span for pair in pairs for child in pair for span in _scalar_spans(child, seen)]


def problem_at(file: str, text: str, index: int, message: str, remedy: str = "") -> Problem:
    """A problem at one character of the text."""
    return Problem(message, file, text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index), remedy)


def named(character: str) -> str:
    """What to say of a character that cannot be shown."""
    return f"the character U+{ord(character):04X} cannot be seen or is read differently elsewhere"
