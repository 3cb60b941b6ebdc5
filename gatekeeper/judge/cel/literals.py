"""CEL's literals, read from the tokens of cel-python's grammar."""

from __future__ import annotations

import re

from lark import Token

from gatekeeper.judge.cel.fault import fault_at
from gatekeeper.judge.cel.tree import Const

_ESCAPE = re.compile(r"\\(?:[xX]([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))", re.DOTALL)
_PLAIN = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_INT64 = 1 << 63


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
    if token.type == "BYTES_LIT":
        return Const("bytes", _unquoted(text[1:]).encode(), at)
    try:
        return Const("string", _unquoted(text), at)
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


def _unquoted(text: str) -> str:
    raw = text[:1] in "rR"
    text = text[1:] if raw else text
    width = 3 if text[:3] in ('"""', "'''") else 1
    inner = text[width:-width]
    return inner if raw else _ESCAPE.sub(_character, inner)


def _character(match: re.Match[str]) -> str:
    for group, base in ((1, 16), (2, 16), (3, 16), (4, 8)):
        if match[group]:
            return chr(int(match[group], base))
    return _PLAIN.get(match[5], match[5])
