"""Near-name suggestions for a typo."""

from __future__ import annotations

from collections.abc import Iterable


def near(name: str, known: Iterable[str]) -> str:
    """`Did you mean 'x'?`, or an empty text where nothing is near."""
    from difflib import get_close_matches  # only after a mistake; not worth its time at every start

    found = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"Did you mean {found[0]!r}?" if found else ""
