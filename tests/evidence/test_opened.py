"""The outer form of a report, told by its first bytes."""

from __future__ import annotations

import pytest

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence import opened
from gatekeeper.evidence.opened import open_report


@pytest.mark.parametrize(
    ("data", "form", "marks"),
    [
        (b'\n {"b": 1, "a": 2}', "json", {"a", "b"}),
        (b'\xef\xbb\xbf[{"a": 1}, {"b": 1}]', "json", {"a"}),
        (b"[]", "json", set()),
        (b"[1]", "json", set()),
        (b"<?xml version='1.0'?><a><b/></a>", "xml", {"a"}),
        (b'"Type","Name"\n1,2\n', "text", {"Type"}),
        (b"0.58\n", "text", {"0.58"}),
    ],
)
def test_the_first_bytes_tell_the_form(data: bytes, form: str, marks: set[str]) -> None:
    report = open_report(data)
    assert (report.form, report.marks) == (form, marks)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the report is empty"),
        (b" \n\t", "the report is empty"),
        (b"\xef\xbb\xbf", "the report is empty"),
        (b"<!DOCTYPE html><html>", "this is a web page, not a report"),
        (b"\n<HTML lang='en'>", "this is a web page, not a report"),
        (b"a\x00b", "the report holds U+0000"),
        (b"a,\xff", "the report is not UTF-8 (byte 2)"),
        ('{"a": 1}'.encode("utf-16"), "the report is not UTF-8 (byte 0)"),
        (b'{"accuracy": 0.9', "not JSON: cut off at line 1, column 17"),
        (b"<testsuite><testcase", "not XML: unclosed token at line 1, column 12"),
    ],
)
def test_what_is_no_report_is_refused_each_with_its_own_reason(data: bytes, reason: str) -> None:
    with pytest.raises(EvidenceError) as refusal:
        open_report(data)
    assert refusal.value.message == reason


def test_the_size_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "MAX_BYTES", 4)
    assert open_report(b"[10]").json == [10]
    with pytest.raises(EvidenceError, match="has 5 bytes; at most 4"):
        open_report(b"[100]")
