"""A report's bytes, opened as far as its outer form: JSON, XML or text. Nothing here knows any tool."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from gatekeeper.errors import EvidenceError

MAX_BYTES = 512 * 1024 * 1024

_WEB_PAGE = re.compile(rb"\s*<(!doctype\s+html|html[\s>])", re.IGNORECASE)


class Opened(Struct, frozen=True, kw_only=True):
    """`json` is the document where `form` is "json", `xml` the root element where it is "xml", `text` where "text"."""

    form: str
    json: Any = None
    xml: Any = None
    text: str = ""


def open_report(data: bytes) -> Opened:
    """Open a report. Refuses (EvidenceError) what is empty, too large, a web page, or broken in its outer form."""
    if len(data) > MAX_BYTES:
        raise EvidenceError(f"the report has {len(data)} bytes; at most {MAX_BYTES} are read")
    start = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise EvidenceError("the report is empty")
    if _WEB_PAGE.match(start):
        raise EvidenceError("this is a web page, not a report", "A login page may have been saved in its place.")
    if start[:1] in b"{[":
        from gatekeeper.evidence.jsontext import parse_json

        return Opened(form="json", json=parse_json(data))
    if start[:1] == b"<":
        from gatekeeper.evidence.xmltext import parse_xml

        return Opened(form="xml", xml=parse_xml(data))
    return Opened(form="text", text=_text(data))


def _text(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise EvidenceError(f"the report is not UTF-8 (byte {fault.start})") from fault
    if "\x00" in text:
        raise EvidenceError("the report holds U+0000")
    return text
