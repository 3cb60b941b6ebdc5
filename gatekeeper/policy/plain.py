"""What an unquoted YAML scalar means here. What YAML 1.1 and 1.2 read differently is refused, never guessed."""

from __future__ import annotations

import re
from math import isfinite

from msgspec import Struct

Plain = str | int | float | bool | None


class Ambiguous(Struct, frozen=True):
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

_NUMBER_HEADS = frozenset("0123456789.+-")
_DIGITS = frozenset("0123456789")

# The number forms of YAML 1.1 (type repository) and of the 1.2 core schema, beyond those of JSON.
_ELSEWHERE = (
    r"[-+]?(?:0b[01_]+|0o[0-7_]+|0x[0-9a-f_]+"
    r"|[0-9][0-9_]*(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?"
    r"|\.[0-9][0-9_]*(?:e[-+]?[0-9]+)?"
    r"|[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"
    r"|\.inf|\.nan)"
)


def read_plain(text: str) -> Plain | Ambiguous:
    """The value of an unquoted scalar: null, boolean, 64-bit whole number, finite number, else the text itself."""
    if text in WORDS:
        return WORDS[text]
    return _read_number(text) if text[0] in _NUMBER_HEADS else text


# Numbers are told by hand: at a cold start, compiling a pattern costs more than reading all scalars of a policy.
def _read_number(text: str) -> Plain | Ambiguous:
    mantissa, mark, exponent = text.replace("E", "e").partition("e")
    whole, point, fraction = mantissa.partition(".")
    if _is_whole(whole) and (not point or _is_digits(fraction)) and (not mark or _is_exponent(exponent)):
        return _read_real(text) if point or mark else _read_whole(text)
    if _may_be_number(text) and re.fullmatch(_ELSEWHERE, text, re.IGNORECASE):
        return Ambiguous(
            f"{_shown(text)} is a number in one version of YAML and another number, or text, elsewhere",
            "Quote it if it is text, or write a plain decimal number.",
        )
    return text


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_whole(text: str) -> bool:
    digits = text.removeprefix("-")
    return _is_digits(digits) and (digits[0] != "0" or len(digits) == 1)


def _is_exponent(text: str) -> bool:
    return _is_digits(text[1:] if text[:1] in ("+", "-") else text)


def _may_be_number(text: str) -> bool:
    """False for versions, dates, durations and most other text that begins like a number, without a pattern."""
    inner = text.strip("0123456789+-_.:")
    if inner and inner[0] not in "eExXoObBiInN":
        return False
    return text.count(".") < 2 and ("-" not in text[1:] or "e" in inner.lower())


def _read_whole(text: str) -> int | Ambiguous:
    if len(text) > 20 or not -(2**63) <= (number := int(text)) < 2**63:
        return Ambiguous(f"{_shown(text)} does not fit in 64 bits", "Quote it if it is text.")
    return number


def _read_real(text: str) -> float | Ambiguous:
    number = float(text)
    if not isfinite(number):
        return Ambiguous(f"{_shown(text)} is too large for a number", "Quote it if it is text.")
    if number == 0 and not _DIGITS.isdisjoint(text.lower().partition("e")[0].replace("0", "")):
        return Ambiguous(f"{_shown(text)} is too small to be told from 0", "Write 0, or quote it if it is text.")
    return number


def _shown(text: str) -> str:
    return f"`{text}`" if len(text) <= 40 else f"`{text[:37]}…`"
