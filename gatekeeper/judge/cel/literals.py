"""CEL's literals, read from the tokens of cel-python's grammar."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

from lark import Token

from gatekeeper.judge.cel.fault import fault_at
from gatekeeper.judge.cel.tree import Const

_ESCAPE = re.compile(r"\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))", re.DOTALL)
_PLAIN = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_INT64 = 1 << 63
Part = TypeVar("Part", str, bytes)


def literal(token: Token, source: str) -> Const:
    """The constant of a token. Raises CelFault for a number out of range and an escape of no character."""
    text, at = str(token), token.start_pos or 0
    if token.type == "BOOL_LIT":
        return Const("bool", text == "true", at)
    if token.type == "NULL_LIT":
        return Const("null", None, at)
    if token.type == "FLOAT_LIT":
        return Const("double", float(text), at)
    if token.type in ("INT_LIT", "UINT_LIT"):
        return _whole(text, at, source)
    try:
        if token.type == "BYTES_LIT":
            return Const("bytes", bytes_of(text), at)
        return Const("string", text_of(text), at)
    except (ValueError, OverflowError):
        raise fault_at(source, at, "an escape stands for no character", "syntax") from None


def _whole(text: str, at: int, source: str) -> Const:
    digits = text.rstrip("uU")
    value = int(digits, 16 if "x" in digits else 10)
    if len(digits) < len(text):
        return Const("uint", value, at)
    if not -_INT64 <= value < _INT64:
        raise fault_at(source, at, "invalid int literal", "type")
    return Const("int", value, at)


def text_of(token: str) -> str:
    """The string of a literal. Raises ValueError for an escape that stands for no character."""
    made = "".join(_parts(token, chr))
    made.encode()  # half a surrogate pair is a UnicodeEncodeError, which is a ValueError
    return made


def bytes_of(token: str) -> bytes:
    """The bytes of a literal: hexadecimal and octal escapes are bytes, other text is UTF-8. Raises ValueError."""
    return b"".join(part.encode() if isinstance(part, str) else part for part in _parts(token[1:], _byte))


def _byte(value: int) -> bytes:
    return bytes((value,))


def _parts(token: str, number: Callable[[int], Part]) -> Iterator[str | Part]:
    """What stands between the quotes, piece by piece, with `number` for each numeric escape of one byte."""
    raw = token[:1] in "rR"
    text = token[1:] if raw else token
    width = 3 if text[:3] in ('"""', "'''") else 1
    text = text[width:-width]
    if raw:
        yield text
        return
    done = 0
    for match in _ESCAPE.finditer(text):
        yield text[done : match.start()]
        yield _escaped(match, number)
        done = match.end()
    yield text[done:]


def _escaped(match: re.Match[str], number: Callable[[int], Part]) -> str | Part:
    hexadecimal, short, long, octal, other = match.groups()
    if hexadecimal or octal:
        return number(int(hexadecimal, 16) if hexadecimal else int(octal, 8))
    if short or long:
        return chr(int(short or long, 16))
    return _PLAIN.get(other, other)
