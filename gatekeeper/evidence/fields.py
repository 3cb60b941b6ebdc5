"""Values out of a report's document, checked: each function takes what a format promises and refuses the rest."""

from __future__ import annotations

import re
from typing import Any

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence.times import utc

MAX_TEXT = 200

# Controls, bidirectional and other invisible characters, surrogates and tags. A fixed list, not `str.isprintable`:
# that answers by the interpreter's Unicode tables, and the bytes of a judgement must not depend on those.
_UNSEEN = (
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff0-\uffff"
    "\U000e0000-\U000e0fff]"
)


def plain(text: str) -> str:
    """The text on one line, at most `MAX_TEXT` long, with characters that cannot be seen written as escapes."""
    text = seen(text)
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def seen(text: str) -> str:
    """The text with characters that cannot be seen written as escapes; the same on every interpreter."""
    if text.isascii() and text.isprintable():
        return text
    # Compiled here, and kept by `re`: most texts never need it, and it costs as much as loading a module.
    return re.sub(_UNSEEN, lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def text(value: Any, place: str) -> str:
    """A string; None and absence are the empty one. Raises EvidenceError for anything else."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise EvidenceError(f"{place} is not a string")
    return value


def version(value: Any) -> str | None:
    """What a report says of its tool's version; None where it says nothing."""
    return plain(value) if isinstance(value, str) and value else None


def mapping(value: Any, place: str) -> dict[str, Any]:
    """An object. Raises EvidenceError for anything else, null included."""
    if not isinstance(value, dict):
        raise EvidenceError(f"{place} is not an object")
    return value


def sequence(value: Any, place: str) -> list[Any]:
    """A list; null and absence are the empty one. Raises EvidenceError for anything else."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise EvidenceError(f"{place} is not a list")
    return value


def whole(value: Any, place: str) -> int:
    """A count: a whole number, not negative; `12.0` is 12. Raises EvidenceError, for booleans and strings too."""
    if type(value) is float and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    if type(value) is not int or value < 0:
        raise EvidenceError(f"{place} is not a whole number of 0 or more")
    return value


def real(value: Any, place: str) -> float:
    """A finite number, as a float. Raises EvidenceError, for booleans and strings too."""
    if type(value) is int:
        return float(value)
    if type(value) is not float or value - value != 0.0:
        raise EvidenceError(f"{place} is not a number")
    return value


def instant(value: Any) -> str | None:
    """RFC 3339 text with an offset, or seconds since 1970, in UTC. None where it is neither.

    A time that cannot be read is no time: what asks for fresh evidence then finds none. So is the year 1, which Go
    writes for a time that was never set.
    """
    found = _from_seconds(value) if type(value) in (int, float) else utc(value)
    return found if found and found >= "1970-01-02" else None


def _from_seconds(value: float) -> str | None:
    from datetime import UTC, datetime

    try:
        moment = datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.isoformat().replace("+00:00", "Z")
