"""What an edit of a manifest made of it."""

from __future__ import annotations

from typing import NamedTuple


class Edited(NamedTuple):
    """The whole new text, the image before (as far as the manifest says) and after, and what a person should know."""

    text: str
    before: str
    after: str
    notes: tuple[str, ...] = ()
