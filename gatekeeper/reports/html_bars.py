"""A value against its limit as a small picture, told apart without colour: solid where it passed, hatched where not.

The scale starts at zero, or at the least value where that is negative, so that lengths can be compared; shares
beyond a half end at one. The line below the bar spans the good side; the whisker is the interval.
"""

from __future__ import annotations

from html import escape
from typing import Any, NamedTuple

from gatekeeper.model.judgement import Result
from gatekeeper.reports import words
from gatekeeper.reports.plain import value

_WIDTH = 160
_PAD = 4
HATCH = (
    '<svg class="defs" width="0" height="0" aria-hidden="true"><defs><pattern id="hatch" width="5" height="5" '
    'patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line class="lines" x1="0" y1="0" x2="0" y2="5"/>'
    "</pattern></defs></svg>"
)
KEY = (
    '<p class="key" aria-hidden="true">'
    '<span><svg viewBox="0 0 26 14"><rect class="value" x="1" y="2" width="24" height="10"/></svg>passed</span>'
    '<span><svg viewBox="0 0 26 14"><rect class="hatch" x="1" y="2" width="24" height="10"/>'
    '<rect class="edge" x="1" y="2" width="24" height="10"/></svg>not passed</span>'
    '<span><svg viewBox="0 0 26 14"><path class="limit" d="M13 0V14"/></svg>limit</span>'
    '<span><svg viewBox="0 0 26 14"><path class="span" d="M1 7H25"/></svg>good side</span>'
    '<span><svg viewBox="0 0 26 14"><path class="whisker" d="M2 7H24M2 3V11M24 3V11"/></svg>interval</span></p>'
)


class Scale(NamedTuple):
    """The values at the ends of a bar."""

    low: float
    high: float

    def at(self, given: float) -> str:
        """The horizontal place of a value."""
        share = (given - self.low) / (self.high - self.low)
        return f"{_PAD + share * _WIDTH:.1f}"


def bar(result: Result) -> str:
    """The picture of one result; empty where value or limit is no finite number."""
    if not (_drawable(result.observed) and _drawable(result.limit)):
        return ""
    observed, limit = float(result.observed), float(result.limit)
    scale = _scale(result, observed, limit)
    told = f"{value(result.observed)}, limit {words.limit(result)}, margin {words.margin(result)}"
    start, end = sorted((scale.at(max(scale.low, 0.0)), scale.at(observed)), key=float)
    box = f'x="{start}" y="4" width="{float(end) - float(start):.1f}" height="10"'
    fill = f'<rect class="value" {box}/>'
    if result.result != "pass":
        fill = f'<rect class="hatch" {box}/><rect class="edge" {box}/>'
    return (
        f'<svg class="bar" viewBox="0 0 {_WIDTH + 2 * _PAD} 22" role="img" aria-label="{escape(told)}">'
        f'<rect class="track" x="{_PAD}" y="4" width="{_WIDTH}" height="10"/>{fill}{_whisker(result, scale)}'
        f'{_good_side(result, scale, limit)}<path class="limit" d="M{scale.at(limit)} 0V20"/></svg>'
    )


def _drawable(given: Any) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool) and abs(given) < 1e300


def _scale(result: Result, observed: float, limit: float) -> Scale:
    marks = [0.0, observed, limit, *_ends(result)]
    low, high = min(marks), max(marks)
    if low == 0 and 0.5 < high <= 1 and any(mark != int(mark) for mark in marks):
        return Scale(0, 1)
    room = (high - low) * 0.15 or 1
    return Scale(low - room if low < 0 else 0, high + room)


def _ends(result: Result) -> tuple[float, ...]:
    if result.interval is None:
        return ()
    ends = (result.interval.lower, result.interval.upper)
    return ends if all(_drawable(end) for end in ends) else ()


def _whisker(result: Result, scale: Scale) -> str:
    ends = _ends(result)
    if not ends:
        return ""
    left, right = (scale.at(end) for end in ends)
    path = f"M{left} 9H{right}M{left} 5.5V12.5M{right} 5.5V12.5"
    return f'<path class="halo" d="{path}"/><path class="whisker" d="{path}"/>'


def _good_side(result: Result, scale: Scale, limit: float) -> str:
    edges = {">": (limit, scale.high), ">=": (limit, scale.high), "<": (scale.low, limit), "<=": (scale.low, limit)}
    if result.comparator not in edges:
        return ""
    start, end = edges[result.comparator]
    return f'<path class="span" d="M{scale.at(start)} 18.5H{scale.at(end)}"/>'
