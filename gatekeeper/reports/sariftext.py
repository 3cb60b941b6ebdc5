"""Pieces of SARIF 2.1.0 as GitHub code scanning takes them: addresses and messages that stay what they are."""

from __future__ import annotations

import re

from gatekeeper.reports.plain import line

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST = 25000
"""Results that GitHub takes of one run."""

_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")


def uri(path: str) -> str:
    """A relative URI, or a `file:` one for an absolute path; what looks like a scheme is escaped."""
    raw = path.encode("utf-8", "backslashreplace")
    quoted = "".join(chr(byte) if byte in _UNRESERVED else f"%{byte:02X}" for byte in raw)
    return f"file://{quoted}" if quoted.startswith("/") else quoted


def said(text: str) -> str:
    """Text for a `message`: no link and no placeholder can come of it (SARIF 2.1.0 §3.11.5 and §3.11.6)."""
    text = line(text).replace("](", "] (")
    return re.sub(r"\{(\d+)\}", r"{{\1}}", text) or "-"
