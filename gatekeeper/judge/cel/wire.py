"""The checked tree of cel-cpp, read from its wire form.

`google.protobuf.Any` around `cel.expr.CheckedExpr`: field numbers after google/cel-spec, `proto/cel/expr/checked.proto`
and `syntax.proto`. Written out here because importing protobuf costs three times a whole judgement.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import unpack

from gatekeeper.judge.cel.tree import MAYBE, Call, Const, Entries, Fold, Ident, Items, Node, Select

Span = tuple[int, int]


def decode(blob: bytes, source: str) -> Node:
    """The tree of a serialized, checked expression. `source` is its text, to which positions are brought."""
    checked = next(value for number, value in _fields(blob, 0, len(blob)) if number == 2)
    root: Span | None = None
    positions: dict[int, int] = {}
    for number, value in _spans(blob, checked):
        if number == 4:
            root = value
        elif number == 5:
            positions = _positions(blob, value)
    assert root is not None
    return _Decoder(blob, source, positions).node(root)


def _varint(blob: bytes, at: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        byte = blob[at]
        at += 1
        result |= (byte & 127) << shift
        if byte < 128:
            return result, at
        shift += 7


def _fields(blob: bytes, at: int, end: int) -> Iterator[tuple[int, int | Span]]:
    """Number and value of each field: a number, or where its bytes lie."""
    while at < end:
        # Nearly every number is one byte, and is taken without a call: there are thousands in a policy.
        tag, at = (blob[at], at + 1) if blob[at] < 128 else _varint(blob, at)
        wire = tag & 7
        if wire == 2:
            size, at = (blob[at], at + 1) if blob[at] < 128 else _varint(blob, at)
            yield tag >> 3, (at, at + size)
            at += size
        elif wire == 0:
            value, at = (blob[at], at + 1) if blob[at] < 128 else _varint(blob, at)
            yield tag >> 3, value
        elif wire == 1:
            yield tag >> 3, (at, at + 8)
            at += 8
        else:
            raise ValueError("wire type")


def _packed(blob: bytes, at: int, end: int) -> set[int]:
    """The numbers of a packed field."""
    found = set()
    while at < end:
        number, at = _varint(blob, at)
        found.add(number)
    return found


def _spans(blob: bytes, span: int | Span) -> Iterator[tuple[int, Span]]:
    """The fields of a message that have bytes."""
    assert isinstance(span, tuple)
    for number, value in _fields(blob, *span):
        if isinstance(value, tuple):
            yield number, value


def _positions(blob: bytes, span: Span) -> dict[int, int]:
    """`SourceInfo.positions`: node id to code point."""
    found: dict[int, int] = {}
    for number, entry in _spans(blob, span):
        if number == 4:
            pair = dict(_fields(blob, *entry))
            found[pair.get(1, 0)] = pair.get(2, 0)  # type: ignore[index,assignment]
    return found


def _signed(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value


class _Decoder:
    """One expression's nodes."""

    def __init__(self, blob: bytes, source: str, positions: dict[int, int]) -> None:
        self.blob = blob
        self.source = source
        self.positions = positions
        self.kinds = {
            3: self.constant, 4: self.ident, 5: self.select, 6: self.call, 7: self.items, 8: self.entries, 9: self.fold,
        }  # fmt: skip

    def node(self, span: int | Span) -> Node:
        """`Expr`: its id and one kind."""
        at, kind, body = 0, 0, span
        for number, value in _fields(self.blob, *span):  # type: ignore[misc]
            if number == 2:
                at = self.positions.get(value, 0)  # type: ignore[arg-type]
            else:
                kind, body = number, value
        return self.kinds[kind](body, at)  # type: ignore[arg-type]

    def text(self, span: int | Span) -> str:
        return self.blob[span[0] : span[1]].decode()  # type: ignore[index]

    def constant(self, span: Span, at: int) -> Node:
        for number, value in _fields(self.blob, *span):
            if number == 1:
                return Const("null", None, at)
            if number == 2:
                return Const("bool", bool(value), at)
            if number == 3:
                return Const("int", _signed(value), at)  # type: ignore[arg-type]
            if number == 4:
                return Const("uint", value, at)  # type: ignore[arg-type]
            if number == 5:
                return Const("double", unpack("<d", self.blob[value[0] : value[1]])[0], at)  # type: ignore[index]
            if number == 6:
                return Const("string", self.text(value), at)
            if number == 7:
                return Const("bytes", self.blob[value[0] : value[1]], at)  # type: ignore[index]
        return Const("null", None, at)

    def ident(self, span: Span, at: int) -> Node:
        (_, name), *_ = _fields(self.blob, *span)
        root, *fields = self.text(name).lstrip(".").split(".")
        node: Node = Ident(root, self.source.rfind(root, 0, at) if fields else at)
        # A dotted name that was declared whole stands at its dot; has() of one loses its test on the way and stands
        # at has()'s bracket, which is how it is told.
        tested = bool(fields) and self.source[at : at + 1] != "."
        for count, field in enumerate(fields, 1):
            node = Select(node, field, tested and count == len(fields), self.after(at))
        return node

    def after(self, at: int) -> int:
        """Where the word behind a dot starts."""
        at += 1
        while self.source[at : at + 1] in _BLANK:
            at += 1
        return at

    def select(self, span: Span, at: int) -> Node:
        operand: Node = Ident("", at)
        field, test = "", False
        for number, value in _fields(self.blob, *span):
            if number == 1:
                operand = self.node(value)
            elif number == 2:
                field = self.text(value)
            else:
                test = bool(value)
        return Select(operand, field, test, self.tested(operand, field, at) if test else self.after(at))

    def tested(self, operand: Node, field: str, at: int) -> int:
        """Where the field of `has(operand.field)` stands; its node stands at has()'s bracket."""
        start = operand.at + (len(operand.field) if isinstance(operand, Select) else 1)
        return max(self.source.find(field, start), at)

    def call(self, span: Span, at: int) -> Node:
        target: Node | None = None
        function, args = "", []
        for number, value in _fields(self.blob, *span):
            if number == 1:
                target = self.node(value)
            elif number == 2:
                function = self.text(value)
            else:
                args.append(self.node(value))
        return Call(function, target, tuple(args), at)

    def items(self, span: Span, at: int) -> Node:
        elements: list[Node] = []
        optional: set[int] = set()
        for number, value in _fields(self.blob, *span):
            if number == 1:
                elements.append(self.node(value))
            elif isinstance(value, tuple):
                optional |= _packed(self.blob, *value)
            else:
                optional.add(value)
        for place in optional:
            elements[place] = Call(MAYBE, None, (elements[place],), elements[place].at)
        return Items(tuple(elements), at)

    def entries(self, span: Span, at: int) -> Node:
        message = ""
        keys: list[Node] = []
        values: list[Node] = []
        for number, value in _spans(self.blob, span):
            if number == 1:
                message = self.text(value)
                continue
            for part, entry in _fields(self.blob, *value):
                if part == 5 and entry:
                    values[-1] = Call(MAYBE, None, (values[-1],), values[-1].at)
                elif part in (3, 4):
                    (keys if part == 3 else values).append(self.node(entry))
        return Entries(message, tuple(keys), tuple(values), at)

    def fold(self, span: Span, at: int) -> Node:
        names = {1: "", 3: "", 8: ""}
        nodes: dict[int, Node] = {}
        for number, value in _fields(self.blob, *span):
            if number in names:
                names[number] = self.text(value)
            else:
                nodes[number] = self.node(value)
        variables = tuple(name for name in (names[1], names[8]) if name)
        return Fold(variables, nodes[2], names[3], nodes[4], nodes[5], nodes[6], nodes[7], at)


_BLANK = frozenset(" \t\r\n\f`")
