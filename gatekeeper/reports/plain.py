"""Text of others made harmless: one line, printable, bounded. Every report passes what it was given through here.

Rules:
1. White space of any kind, line ends too, becomes single spaces.
2. What does not print (controls, escapes, bidirectional overrides, zero widths) is shown as its escape.
3. What is longer than the bound is cut, and the cut is said.
"""

from __future__ import annotations

from typing import Any

BOUND = 2000
"""Characters of one text of others that a report shows at most."""


def line(text: str, bound: int = BOUND) -> str:
    """`text` on one line, printable, at most about `bound` characters."""
    text = text.strip() if text.isascii() and text.isprintable() and "  " not in text else " ".join(text.split())
    if not text.isprintable():
        text = "".join(char if char.isprintable() else _escape(char) for char in text)
    return text if len(text) <= bound else f"{text[:bound]}... ({len(text) - bound} more characters)"


def row(text: str) -> str:
    """One line of a file with its spaces as they stand, printable, at most about `BOUND` characters."""
    text = "".join(char if char.isprintable() else _escape(char) for char in text.expandtabs(4))
    return text if len(text) <= BOUND else f"{text[:BOUND]}... ({len(text) - BOUND} more characters)"


def short(digest: str) -> str:
    """A digest by its first twelve digits, enough to recognise it: `sha256:0123456789ab`."""
    algorithm, colon, digits = line(digest).partition(":")
    return f"{algorithm}{colon}{digits[:12]}"


def number(value: float) -> str:
    """The shortest decimal that means the same number; a whole one without its point."""
    text = repr(value)
    return text[:-2] if text.endswith(".0") else text


def value(given: Any, bound: int = 200) -> str:
    """Any JSON value as one bounded line; `-` where there is none."""
    if given is None:
        return "-"
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, int | float):
        return line(number(given), bound)
    return line(given if isinstance(given, str) else _json(given), bound)


def finite(given: Any) -> Any:
    """The same value with what JSON cannot hold, NaN and the infinities, as strings."""
    if isinstance(given, float):
        return given if given - given == 0 else str(given)
    if isinstance(given, dict):
        return {key: finite(item) for key, item in given.items()}
    if isinstance(given, list | tuple):
        return [finite(item) for item in given]
    return given


def whole(text: str) -> str:
    """`text` without lone surrogates, which no encoding holds: each is shown as its escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _escape(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json(given: Any) -> str:
    from json import dumps  # a list or a map as an observed value is rare

    return dumps(finite(given), ensure_ascii=False, default=str)
