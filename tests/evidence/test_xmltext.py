"""The strict door for XML."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import EvidenceError
from gatekeeper.evidence import xmltext
from gatekeeper.evidence.opened import open_report
from gatekeeper.evidence.xmltext import Element, parse_xml

DOCTYPES = [
    "<!DOCTYPE t><t/>",
    '<!DOCTYPE t [<!ENTITY a "b">]><t>&a;</t>',
    '<!DOCTYPE t SYSTEM "file:///dev/zero"><t/>',
    '<!DOCTYPE t [<!ENTITY % p SYSTEM "file:///dev/zero"> %p;]><t/>',
]


@pytest.mark.parametrize("text", DOCTYPES)
def test_refuses_whatever_is_declared(text: str) -> None:
    with pytest.raises(EvidenceError, match="declares a document type or entities"):
        parse_xml(text.encode())


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("<a><b></a>", "line 1, column 9"),
        ("<a>", "line 1, column 4"),
        ("<a/>\n<b/>", "line 2, column 1"),
        ("<a>&x;</a>", "line 1, column 4"),
    ],
)
def test_a_broken_document_is_refused_with_its_place(text: str, place: str) -> None:
    with pytest.raises(EvidenceError, match=f"not XML: .* at {place}$"):
        parse_xml(text.encode())


def test_the_depth_is_bounded_exactly() -> None:
    depth = xmltext.MAX_DEPTH
    parse_xml(("<a>" * depth + "</a>" * depth).encode())
    with pytest.raises(EvidenceError, match="nested deeper"):
        parse_xml(("<a>" * (depth + 1) + "</a>" * (depth + 1)).encode())


def test_the_number_of_elements_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xmltext, "MAX_ELEMENTS", 3)
    parse_xml(b"<a><b/><b/></a>")
    with pytest.raises(EvidenceError, match="over 3 elements"):
        parse_xml(b"<a><b/><b/><b/></a>")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252", "us-ascii"])
def test_reads_the_encodings_that_reports_declare(encoding: str) -> None:
    name = "test" if encoding == "us-ascii" else "prüfung"
    text = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?><testsuite name="{name}"/>'
    assert open_report(text.encode(encoding)).xml.get("name") == name


@pytest.mark.parametrize("encoding", ["utf-16", "no-such-encoding", "utf-7", "shift_jis", "rot13", "base64"])
def test_refuses_an_encoding_that_is_false_or_not_known(encoding: str) -> None:
    with pytest.raises(EvidenceError, match="not XML: "):
        parse_xml(f'<?xml version="1.0" encoding="{encoding}"?><testsuite name="prüfung"/>'.encode())


def test_names_lose_their_namespace() -> None:
    root = parse_xml(b'<j:testsuite xmlns:j="urn:x" a="1"><j:testcase/></j:testsuite>')
    assert (root.tag, root.children[0].tag, root.get("a"), root.get("b", "-")) == ("testsuite", "testcase", "1", "-")


def _with_children(tag: str, children: list[ElementTree.Element]) -> ElementTree.Element:
    element = ElementTree.Element(tag, {"count": str(len(children))})
    element.extend(children)
    return element


TREES = st.recursive(
    st.builds(_with_children, st.sampled_from("ab"), st.just([])),
    lambda inner: st.builds(_with_children, st.sampled_from("ab"), st.lists(inner, max_size=4)),
    max_leaves=15,
)


def _shape(element: ElementTree.Element | Element) -> object:
    if isinstance(element, Element):
        return element.tag, element.attributes, [_shape(child) for child in element.children]
    return element.tag, element.attrib, [_shape(child) for child in element]


@given(TREES)
def test_reads_what_the_standard_library_reads_in_the_same_order(tree: ElementTree.Element) -> None:
    root = parse_xml(ElementTree.tostring(tree))
    assert _shape(root) == _shape(tree)
    assert [_shape(found) for found in root.iter("a")] == [_shape(found) for found in tree.iter("a")]


@given(st.text(alphabet='<>/a="&;!?[] -', max_size=40).map(str.encode) | st.binary(max_size=40))
def test_never_fails_in_another_way(data: bytes) -> None:
    try:
        root = parse_xml(data)
    except EvidenceError:
        return
    assert _shape(root) == _shape(ElementTree.fromstring(data))
