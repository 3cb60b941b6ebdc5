"""CEL text as tokens and operands, with the place of each: what is changed stays text, so that a place is exact.

Only the shape that a change needs is told: what stands between brackets, the operands of `||`, `&&` and comparisons.
Whatever is made of it is checked as any expression is, so that a shape read wrongly can make no mutant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

COMPARATORS = ("==", "!=", "<=", ">=", "<", ">")
_OPENING, _CLOSING = "([{", ")]}"

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
    |(?P<string>(?:[rR][bB]?|[bB][rR])(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"[^"\n]*"|'[^'\n]*')
      |[bB]?(?:\"{3}(?:\\.|[^\\])*?\"{3}|'{3}(?:\\.|[^\\])*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
    |(?P<number>0[xX][0-9a-fA-F]+[uU]?|(?:[0-9]+\.[0-9]+|[0-9]+(?=[eE])|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[0-9]+[uU]?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>&&|\|\||==|!=|<=|>=|\.\?|\[\?|[-+*/%!?:.,()\[\]{}<>])
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)


class Token(Struct, frozen=True):
    """A piece of text. `kind` is string, number, name, sign or other."""

    kind: str
    text: str
    start: int
    end: int


class Span(Struct, frozen=True):
    """A part of the text, from its first character to after its last."""

    start: int
    end: int


class Chain(Struct, frozen=True):
    """The operands of one `&&` or `||`, two at least."""

    sign: str
    operands: tuple[Span, ...]


class Comparison(Struct, frozen=True):
    """`left sign right`; `sign` is where the comparator stands."""

    left: Span
    sign: Token
    right: Span


def tokens(text: str) -> list[Token]:
    """The tokens, without white space and comments."""
    found = (match for match in _TOKEN.finditer(text) if match.lastgroup != "space")
    return [Token(match.lastgroup or "other", match[0], *match.span()) for match in found]


def chains(text: str) -> Iterator[Chain]:
    """Every chain of conditions, the outer ones first."""
    for segment in _segments(tokens(text)):
        choices = _split(segment, ("||",))
        if len(choices) > 1:
            yield Chain("||", tuple(map(_span, choices)))
        for choice in choices:
            parts = _split(choice, ("&&",))
            if len(parts) > 1:
                yield Chain("&&", tuple(map(_span, parts)))


def comparisons(text: str) -> Iterator[Comparison]:
    """Every comparison that stands between two operands and not in a row of several."""
    for segment in _segments(tokens(text)):
        for part in _split(segment, ("||", "&&")):
            sides = _split(part, (*COMPARATORS, "in"))
            sign = part[len(sides[0])] if len(sides) == 2 else None
            if isinstance(sign, Token) and sign.text in COMPARATORS:
                yield Comparison(_span(sides[0]), sign, _span(sides[1]))


_Item = Token | Span
"""What stands beside one another at one depth: a token, or a whole bracket."""


def _segments(given: Sequence[Token]) -> list[list[_Item]]:
    """What stands between brackets, commas, `?` and `:`, at every depth; segments without anything left out."""
    open_: list[tuple[int, list[list[_Item]]]] = [(0, [[]])]
    done: list[list[_Item]] = []
    for token in given:
        if token.kind == "sign" and token.text[0] in _OPENING:
            open_.append((token.start, [[]]))
        elif token.kind == "sign" and token.text in _CLOSING and len(open_) > 1:
            start, inner = open_.pop()
            done += inner
            open_[-1][1][-1].append(Span(start, token.end))
        elif token.kind == "sign" and token.text in (",", "?", ":"):
            open_[-1][1].append([])
        else:
            open_[-1][1][-1].append(token)
    for _, left in reversed(open_):
        done += left
    return [segment for segment in reversed(done) if segment]


def _split(segment: Sequence[_Item], signs: tuple[str, ...]) -> list[list[_Item]]:
    parts: list[list[_Item]] = [[]]
    for item in segment:
        if isinstance(item, Token) and item.kind in ("sign", "name") and item.text in signs:
            parts.append([])
        else:
            parts[-1].append(item)
    return parts if all(parts) else [list(segment)]


def _span(items: Sequence[_Item]) -> Span:
    return Span(items[0].start, items[-1].end)
