"""XML for reports that may be hostile: no document type, no entities, bounded depth and count of elements."""

from __future__ import annotations

from xml.etree.ElementTree import Element, TreeBuilder  # noqa: S405 - expat is driven below with declarations refused
from xml.parsers import expat

from gatekeeper.errors import EvidenceError

MAX_DEPTH = 200
MAX_ELEMENTS = 5_000_000


def parse_xml(data: bytes) -> Element:
    """The root element. Raises EvidenceError with line and column where the document is broken or declares anything."""
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    counter = _Counter()

    def start(tag: str, attributes: dict[str, str]) -> None:
        counter.enter()
        builder.start(_local(tag), attributes)

    def end(tag: str) -> None:
        counter.depth -= 1
        builder.end(_local(tag))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse_declaration
    parser.EntityDeclHandler = _refuse_declaration
    try:
        parser.Parse(data, True)
    except expat.ExpatError as fault:
        message = expat.errors.messages.get(fault.code, "broken")
        raise EvidenceError(f"not XML: {message} at line {fault.lineno}, column {fault.offset + 1}") from fault
    return builder.close()


class _Counter:
    depth = 0
    elements = 0

    def enter(self) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > MAX_DEPTH or self.elements > MAX_ELEMENTS:
            raise EvidenceError(f"the document is nested deeper than {MAX_DEPTH} or has over {MAX_ELEMENTS} elements")


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _refuse_declaration(*_: object) -> None:
    raise EvidenceError("the document declares a document type or entities")
