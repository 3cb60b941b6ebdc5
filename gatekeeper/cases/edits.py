"""Small changes of a CEL text, each of which a good test would notice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from gatekeeper.cases.digits import nudged, nudged_duration
from gatekeeper.cases.tokens import Comparison, Token, chains, comparisons, tokens

FLIPS = {
    ">=": (">", "<="),
    ">": (">=", "<"),
    "<=": ("<", ">="),
    "<": ("<=", ">"),
    "==": ("!=",),
    "!=": ("==",),
}
"""For each comparator, what it is changed to: with and without the limit itself, and the other direction."""


_STRICTNESS = ({">", ">="}, {"<", "<="})


class Edit(Struct, frozen=True, kw_only=True):
    """One change. `old` stood from `start` on; `text` is the whole after it; `what` is the kind of change.

    `only_where` are the two sides of a comparison that have to be equal for the change to make a difference.
    """

    what: str
    old: str
    new: str
    start: int
    text: str
    only_where: tuple[str, str] | None = None


def edits(text: str) -> Iterator[Edit]:
    """Every change, in the order of the text as far as each kind goes."""
    given = tokens(text)
    sides = {one.sign.start: one for one in comparisons(text)}
    for index, token in enumerate(given):
        for edit in _of_token(text, given, index, token):
            one = sides.get(edit.start) if {edit.old, edit.new} in _STRICTNESS else None
            yield edit if one is None else replace(edit, only_where=_texts(text, one))
    for chain in chains(text):
        for index in range(len(chain.operands)):
            yield _without(text, [(one.start, one.end) for one in chain.operands], index)


def _of_token(text: str, given: Sequence[Token], index: int, token: Token) -> Iterator[Edit]:
    before = given[index - 1].text if index else ""
    if token.kind == "number" and not _is_no_limit(given, index):
        for new in nudged(token.text):
            yield _edit(text, "limit", token, f"({new})" if new[0] == "-" and before in ("-", "+") else new)
    elif token.kind == "string" and before == "(" and index > 1 and given[index - 2].text == "duration":
        for new in nudged_duration(token.text[1:-1]):
            yield _edit(text, "limit", token, f"{token.text[0]}{new}{token.text[0]}")
    elif token.kind == "sign" and token.text in FLIPS:
        for new in FLIPS[token.text]:
            yield _edit(text, "comparator", token, new)
    elif token.kind == "name" and token.text in ("true", "false") and before != ".":
        yield _edit(text, "boolean", token, "false" if token.text == "true" else "true")
    elif token.kind == "sign" and token.text == "!":
        yield _edit(text, "negation", token, "")


def _texts(text: str, one: Comparison) -> tuple[str, str]:
    return text[one.left.start : one.left.end], text[one.right.start : one.right.end]


def _is_no_limit(given: Sequence[Token], index: int) -> bool:
    """Whether the number is a place in a list, as in `x[0]`, or what stands for something absent, as `orValue(0)`."""
    if index > 1 and given[index - 1].text == "(" and given[index - 2].text == "orValue":
        return True
    around = [given[at].text if 0 <= at < len(given) else "" for at in (index - 2, index - 1, index + 1)]
    indexed = given[index - 2].kind == "name" or around[0] in (")", "]") if index > 1 else False
    return indexed and around[1] == "[" and around[2] == "]"


def _edit(text: str, what: str, token: Token, new: str) -> Edit:
    whole = f"{text[: token.start]}{new}{text[token.end :]}"
    return Edit(what=what, old=token.text, new=new or "nothing", start=token.start, text=whole)


def _without(text: str, operands: Sequence[tuple[int, int]], index: int) -> Edit:
    start, end = operands[index]
    cut = (operands[index - 1][1], end) if index else (start, operands[1][0])
    whole = text[: cut[0]] + text[cut[1] :]
    return Edit(what="condition", old=" ".join(text[start:end].split()), new="nothing", start=start, text=whole)
