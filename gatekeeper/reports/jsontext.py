"""JSON as reports write it: indented, whole, and harmless in a terminal or a CI log."""

from __future__ import annotations

from typing import Any

from msgspec import to_builtins
from msgspec.json import encode, format  # noqa: A004

from gatekeeper.reports.plain import finite, whole


def indented(given: Any) -> str:
    """Any value as indented JSON. Numbers are in their shortest form; NaN and infinities are strings."""
    return _harmless(format(_encoded(finite(to_builtins(given))), indent=2).decode()) + "\n"


def _encoded(given: Any) -> bytes:
    try:
        return encode(given)
    except UnicodeEncodeError:  # a file's name may hold bytes that are no text
        return encode(_whole(given))


def _whole(given: Any) -> Any:
    if isinstance(given, str):
        return whole(given)
    if isinstance(given, dict):
        return {whole(key): _whole(item) for key, item in given.items()}
    if isinstance(given, list):
        return [_whole(item) for item in given]
    return given


def _harmless(text: str) -> str:
    """Escapes what a terminal or a CI log would act on; to a JSON reader the text stays the same."""
    text = text.replace("##", "\\u0023\\u0023")  # GitHub and Azure take commands from `##[` anywhere in a line
    if text.isascii() and "\x7f" not in text:
        return text
    return "".join(char if char.isprintable() or char == "\n" else _escaped(char) for char in text)


def _escaped(char: str) -> str:
    code = ord(char)
    if code < 0x10000:
        return f"\\u{code:04x}"
    return f"\\u{0xD7C0 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
