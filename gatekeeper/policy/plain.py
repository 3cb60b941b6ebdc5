"""What an unquoted YAML scalar means here. What YAML 1.1 and 1.2 read differently is refused, never guessed."""

from __future__ import annotations

import re
from math import isfinite
from typing import NamedTuple

Plain = str | int | float | bool | None


class Ambiguous(NamedTuple):
    """An unquoted scalar that has no one meaning, and what to write instead."""

    message: str
    remedy: str


WORDS: dict[str, bool | None] = {
    spelling: value
    for words, value in (("true yes on", True), ("false no off", False), ("null", None))
    for word in words.split()
    for spelling in (word, word.capitalize(), word.upper())
}
WORDS |= {"": None, "~": None}

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
# The number forms of YAML 1.1 (type repository) and of the 1.2 core schema, beyond those of JSON.
_ELSEWHERE = (
    r"[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-f_]+"
    r"|[0-9][0-9_]*(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?"
    r"|\.[0-9][0-9_]*(?:e[-+]?[0-9]+)?"
    r"|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
    r"|\.inf|\.nan)"
)
_NUMBER_HEADS = frozenset("0123456789.+-")


def read_plain(text: str) -> Plain | Ambiguous:
    """The value of an unquoted scalar: null, boolean, 64-bit whole number, finite number, else the text itself."""
    if text in WORDS:
        return WORDS[text]
    return _read_number(text) if text[0] in _NUMBER_HEADS else text


def _read_number(text: str) -> Plain | Ambiguous:
    if match := _NUMBER.fullmatch(text):
        return _read_whole(text) if match.lastindex is None else _read_real(text)
    if re.fullmatch(_ELSEWHERE, text, re.IGNORECASE):
        return Ambiguous(
            f"{_shown(text)} is a number in one version of YAML and another number, or text, elsewhere",
            "Quote it if it is text, or write a plain decimal number.",
        )
    return text


def _read_whole(text: str) -> int | Ambiguous:
    if len(text) > 20 or not -(2**63) <= (number := int(text)) < 2**63:
        return Ambiguous(f"{_shown(text)} does not fit in 64 bits", "Quote it if it is text.")
    return number


def _read_real(text: str) -> float | Ambiguous:
    number = float(text)
    if not isfinite(number):
        return Ambiguous(f"{_shown(text)} is too large for a number", "Quote it if it is text.")
    if number == 0 and re.match(r"-?[0.]*[1-9]", text):
        return Ambiguous(f"{_shown(text)} is too small to be told from 0", "Write 0, or quote it if it is text.")
    return number


def _shown(text: str) -> str:
    return f"`{text}`" if len(text) <= 40 else f"`{text[:37]}…`"
