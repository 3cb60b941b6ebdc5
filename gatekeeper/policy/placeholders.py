"""What an environment's own commit message may speak of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

PLACEHOLDERS = ("environment", "artifact", "old", "new", "verdict", "decision", "requester")
_BRACED = re.compile(r"\{([^{}]*)\}?")


def message_faults(spec: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Place, message and remedy of each placeholder in `delivery.message` that there is not."""
    delivery = spec.get("delivery")
    text = delivery.get("message") if isinstance(delivery, dict) else None
    if not isinstance(text, str):
        return
    at = ("spec", "delivery", "message")
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    for found in _BRACED.finditer(text):
        if found[0] != f"{{{found[1]}}}" or found[1] not in PLACEHOLDERS:
            yield at, f"a message has no placeholder {found[0][:60]}", f"There are {known}."
    lines = text.split("\n")
    if text and not text.strip():
        yield at, "a message that says nothing", "Leave `message` out, or say it in words."
    if any(line.strip().casefold().startswith("gatekeeper-") for line in lines):
        yield at, "lines that begin with Gatekeeper- are those of the decision", "Say it in other words."
