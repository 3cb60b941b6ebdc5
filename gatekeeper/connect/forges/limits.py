"""How long a forge asks to be left alone: GitHub's primary and secondary limits, GitLab's, and any `Retry-After`."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from gatekeeper.ports import Answered

SECONDARY = 60.0
"""Seconds, where a limit gives none; GitHub asks for at least a minute then."""
_LIMITED = (403, 429)
_SAID = (b"rate limit", b"abuse detection")


def pause_asked(answer: Answered, now: float) -> float | None:
    """Seconds until it may be asked again; None where the answer is no limit's. `now` in seconds since 1970."""
    if answer.status not in _LIMITED:
        return None
    now = _instant(answer.headers.get("date")) or now  # the reset is on the clock of the forge
    if (seconds := _retry_after(answer.headers.get("retry-after"), now)) is not None:
        return seconds
    for prefix in ("x-ratelimit-", "ratelimit-"):
        reset = _number(answer.headers.get(f"{prefix}reset"))
        if answer.headers.get(f"{prefix}remaining") == "0" and reset is not None:
            return max(reset - now, 0.0) + 1.0
    said = answer.body[:2000].lower()
    return SECONDARY if answer.status == 429 or any(words in said for words in _SAID) else None


def _retry_after(text: str | None, now: float) -> float | None:
    seconds = _number(text)
    if seconds is not None or text is None:
        return seconds
    instant = _instant(text)
    return None if instant is None else max(instant - now, 0.0)


def _number(text: str | None) -> float | None:
    text = (text or "").strip()
    return float(text) if text.isascii() and text.isdecimal() and len(text) <= 12 else None


def _instant(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime((text or "")[:64]).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
