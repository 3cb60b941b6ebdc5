"""Text of others inside GitHub-flavoured Markdown: it can be read, and is never markup, a link or a mention.

Rules:
1. Every mark that CommonMark or an extension acts on inside a line is a numeric entity, which stands for the character
   and never for structure (CommonMark 0.31 §2.5). Data never opens a line, where more marks would count.
2. A zero-width space parts `@`, `#`, `!`, `://`, `www.` and their like from what follows: forges look for mentions,
   issues, addresses and emoji once more after entities are read.
3. A code span is used where nothing inside could end it; forges act on nothing within.
"""

from __future__ import annotations

import re

from gatekeeper.reports.plain import line

BOUND = 600
"""Characters of one text of others at most; entities make it up to six times as long."""

_ACTIVE = re.compile(r"[\\`*_{}\[\]<>#!|~@&$^]")
_LINKING = re.compile(
    r"(?<=[@#!$%&~^])(?=\w)|(?<=\b[gG][hH]-)(?=\d)|(?<=:)(?=//)|(?<=:)(?!\d\d:)(?=[\w+-]+:)|(?<=[wW]{3})(?=\.)"
)


def prose(text: str) -> str:
    """`text` as it is to be read, on one line."""
    parts = _LINKING.split(line(text, BOUND))
    return "&#8203;".join(_ACTIVE.sub(lambda mark: f"&#{ord(mark[0])};", part) for part in parts)


def code(text: str) -> str:
    """`text` as a code span, or as prose where it holds what ends one (a backtick, a bar) or acts within (`##`)."""
    text = line(text, BOUND)
    if not text.strip() or any(mark in text for mark in ("`", "|", "##")):
        return prose(text)
    return f"`{text}`"


def fenced(text: str, language: str = "") -> list[str]:
    """Lines in a fence longer than any run of backticks in them."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{language}", *text.split("\n"), fence]
