"""A report's bytes, opened as far as its outer form: JSON, XML or text. Nothing here knows any tool."""

from __future__ import annotations

import re
from typing import Any

from gatekeeper.errors import EvidenceError
from gatekeeper.model.evidence import Opened as Opened

MAX_BYTES = 512 * 1024 * 1024

_WEB_PAGE = re.compile(rb"<(!doctype\s+html|html[\s>])", re.IGNORECASE)
_UTF16_XML = (b"\xff\xfe<\x00", b"\xfe\xff\x00<")


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
        return _opened_json(data)
    if start[:1] == b"<" or data.startswith(_UTF16_XML):
        return _opened_xml(data)
    return _opened_text(data)


def _opened_json(data: bytes) -> Opened:
    from gatekeeper.evidence.jsontext import parse_json

    document = parse_json(data)
    return Opened(form="json", json=document, marks=_keys(document), data=data)


def _keys(document: Any) -> frozenset[str]:
    outermost = document[0] if isinstance(document, list) and document else document
    return frozenset(outermost) if isinstance(outermost, dict) else frozenset()


def _opened_xml(data: bytes) -> Opened:
    from gatekeeper.evidence.xmltext import parse_xml

    root = parse_xml(data)
    return Opened(form="xml", xml=root, marks=frozenset({root.tag}))


def _opened_text(data: bytes) -> Opened:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise EvidenceError(f"the report is not UTF-8 (byte {fault.start})") from fault
    if "\x00" in text:
        raise EvidenceError("the report holds U+0000")
    return Opened(form="text", text=text, marks=_marks_of_text(text[:1000].partition("\n")[0]))


def _marks_of_text(line: str) -> frozenset[str]:
    """The first cell of a table, the first key of a mapping, and whether this is a finding at a place in a file."""
    marks = {line.partition(",")[0].strip().strip('"')}
    if ":" in line:
        marks.add(line.partition(":")[0].strip())
    path, *place = line.partition(": ")[0].rsplit(":", 2)
    if path and path != ":" and len(place) == 2 and place[0].isdigit() and place[1].isdigit():
        marks.add("path:row:column")
    return frozenset(marks)
