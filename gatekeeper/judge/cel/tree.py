"""The syntax tree that both parsers are brought to. Macros are expanded; `at` is a code point of the source."""

from __future__ import annotations

from msgspec import Struct


class Const(Struct):
    """A literal; `kind` is null, bool, int, uint, double, string or bytes."""

    kind: str
    value: bool | int | float | str | bytes | None
    at: int


class Ident(Struct):
    """A name: of a root, a macro's variable, or a type."""

    name: str
    at: int


class Select(Struct):
    """`operand.field`, or `has(operand.field)` where `test` is true; `at` is where the field stands."""

    operand: Node
    field: str
    test: bool
    at: int


class Call(Struct):
    """A function, an operator (`_&&_`, `_[_]`, `_?._` …) or, with a target, a method."""

    function: str
    target: Node | None
    args: tuple[Node, ...]
    at: int


class Items(Struct):
    """A list. An element written `[?x]`, which is only there where the optional x has a value, is a call of `?_`."""

    items: tuple[Node, ...]
    at: int


class Entries(Struct):
    """A map, or a message where `message` names one; keys of a message are left out.

    The value of an entry written `{?k: x}` is a call of `?_`.
    """

    message: str
    keys: tuple[Node, ...]
    values: tuple[Node, ...]
    at: int


class Fold(Struct):
    """A macro's loop: `accumulator` starts as `init`, and takes `step` for each of `range` while `condition`."""

    variables: tuple[str, ...]
    range: Node
    accumulator: str
    init: Node
    condition: Node
    step: Node
    result: Node
    at: int

    @property
    def binds(self) -> bool:
        """Whether this is `cel.bind`, which has the form of a loop over nothing."""
        return isinstance(self.range, Items) and not self.range.items and self.variables == ("#unused",)

    @property
    def builds(self) -> bool:
        """Whether it makes a list or map, element by element."""
        return isinstance(self.init, Items | Entries) and not self.binds


MAYBE = "?_"
"""The function that stands for the `?` before an element of a list or an entry of a map."""

Node = Const | Ident | Select | Call | Items | Entries | Fold
