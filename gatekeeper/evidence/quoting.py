"""How names out of a report are shown in a reason: short and in printable ASCII, so that they stay data everywhere."""

from __future__ import annotations

MAX_SHOWN = 100


def shown(text: str) -> str:
    """`text` in quotes, escaped to printable ASCII and cut to `MAX_SHOWN` characters."""
    quoted = ascii(text[:MAX_SHOWN])
    return quoted if len(quoted) <= MAX_SHOWN else f"{quoted[: MAX_SHOWN - 1]}…"
