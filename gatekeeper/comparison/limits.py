"""The limits of comparisons: what number each is, how far a parameter may move it, and which of two is stricter."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from msgspec import Struct

from gatekeeper.comparison.trees import bare, parameter, parameters, rendered
from gatekeeper.judge.cel.tree import Call, Const, Node
from gatekeeper.judge.numbers import shown
from gatekeeper.model.compared import Effect

LOWER, UPPER = (">=", ">"), ("<=", "<")


class Range(Struct, frozen=True):
    """A number as it stands now, between the least and the largest that it may be set to."""

    now: float
    least: float
    most: float


class Limit(Struct, frozen=True, kw_only=True):
    """The side of a comparison that is no measurement. `range` is None where no number is known."""

    comparator: str
    text: str
    range: Range | None

    @property
    def said(self) -> str:
        """`0.85`, or `params.min_accuracy (0.85)`."""
        if self.range is None or self.text.removesuffix("s") == shown(self.range.now):
            return self.text
        return f"{self.text} ({shown(self.range.now)})"


Ranges = Mapping[str, Range]


def limit_of(node: Node, comparator: str, ranges: Ranges) -> Limit:
    """A limit with its number, where that follows from numbers written out and from the parameters in `ranges`."""
    inner = bare(node)
    span = range_of(inner, ranges)
    if span is None or not _is_fixed(span):
        return Limit(comparator=comparator, text=rendered(inner), range=span)
    unit = "s" if isinstance(inner, Call) and inner.function == "duration" else ""
    text = rendered(inner) if parameters(inner) else f"{shown(span.now)}{unit}"
    return Limit(comparator=comparator, text=text, range=span)


def range_of(node: Node, ranges: Ranges) -> Range | None:
    """The number that an expression gives; durations count in seconds."""
    if isinstance(node, Const):
        return _constant(node)
    if (name := parameter(node)) is not None:
        return ranges.get(name)
    if isinstance(node, Call) and node.target is None and len(node.args) == 1:
        inner = node.args[0]
        if node.function in ("double", "duration"):
            return _seconds(inner) if isinstance(inner, Const) and inner.kind == "string" else range_of(inner, ranges)
        if node.function == "-_" and (span := range_of(inner, ranges)) is not None:
            return Range(-span.now, -span.most, -span.least)
    return None


def _constant(node: Const) -> Range | None:
    if node.kind not in ("int", "uint", "double"):
        return None
    number = float(node.value)  # type: ignore[arg-type]
    return Range(number, number, number)


def _seconds(node: Const) -> Range | None:
    text = str(node.value)
    if not text.endswith("s") or not text[:-1].isdigit():
        return None
    number = float(text[:-1])
    return Range(number, number, number)


def moved(before: Limit, after: Limit) -> Effect:
    """What the move of a limit does. A parameter may yet be set elsewhere: then only the widest move is certain."""
    if (before.text, before.comparator) == (after.text, after.comparator):
        return "none"
    if before.range is None or after.range is None:
        return "unclear"
    if before.comparator not in (*LOWER, *UPPER):
        return "none" if _is_same(before, after) else "unclear"
    sign = 1.0 if before.comparator in LOWER else -1.0
    now = _compared(after.range.now, after, before.range.now, before, sign)
    if now < 0:
        return "looser"
    if _is_fixed(before.range) and _is_fixed(after.range):
        return "stricter" if now > 0 else "none"
    easiest, hardest = (after.range.least, before.range.most) if sign > 0 else (after.range.most, before.range.least)
    return "stricter" if _compared(easiest, after, hardest, before, sign) >= 0 else "unclear"


def _compared(one: float, after: Limit, other: float, before: Limit, sign: float) -> float:
    """Positive where the later limit is harder; at one number `>` is harder than `>=`."""
    if one != other:
        return inf if (one - other) * sign > 0 else -inf
    return float(_is_open(after)) - float(_is_open(before))


def _is_open(limit: Limit) -> bool:
    return limit.comparator in (">", "<")


def _is_fixed(span: Range) -> bool:
    return span.least == span.most


def _is_same(before: Limit, after: Limit) -> bool:
    spans = before.range, after.range
    fixed = all(span is not None and _is_fixed(span) for span in spans)
    return fixed and before.range == after.range and before.comparator == after.comparator
