"""What a pull request says of itself, for people and for the next run; nothing of it is believed beyond its own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gatekeeper.promotion.message import Part
from gatekeeper.reports.markdowntext import code, prose

_MARK = re.compile(r"<!-- gatekeeper:proposes ((?:[a-z0-9._-]{1,100}=sha256:[0-9a-f]{64} ?){1,1000})-->")
_DRAFT = re.compile(r"(?:(?:draft|wip):|\[(?:draft|wip)\]|\(draft\))\s*", re.IGNORECASE)
"""What makes a draft of a pull request at GitLab and Gitea, in front of its title."""

MOST = 140
"""Characters of a status's description."""


def marker(images: Sequence[tuple[str, str]]) -> str:
    """The artifacts' names and digests as one word."""
    return " ".join(f"{name}={digest}" for name, digest in sorted(images))


def proposes(text: str) -> str | None:
    """What a pull request's text says at its end that it proposes; None where it does not say."""
    said = _MARK.findall(text)
    return said[-1].strip() if said else None


def context_of(environment: str) -> str:
    """The name of the commit status."""
    return f"gatekeeper/{environment}"


def said(text: str) -> str:
    """The description of a status: what GitHub takes at most, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= MOST else f"{line[: MOST - 1]}…"


def titled(now: str, title: str) -> str:
    """The title, still as a draft where somebody made it one."""
    draft = _DRAFT.match(now)
    return title if draft is None else f"{draft[0]}{title}"


def body(parts: Sequence[Part], images: Sequence[tuple[str, str]]) -> str:
    """The text of the pull request: what it changes and by which decisions. The report is a comment."""
    lines = [_said(part) for part in parts]
    after = "The report is in the comment below; it is renewed whenever this is judged again."
    return "\n".join([*lines, "", after, "", f"<!-- gatekeeper:proposes {marker(images)} -->"]) + "\n"


def _said(part: Part) -> str:
    change = f"{code(part.change.before)} → {code(part.change.after)}"
    return f"- **{prose(part.environment)}/{prose(part.artifact)}**: {change}, by decision {code(part.decision)}"
