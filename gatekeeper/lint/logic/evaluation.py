"""What an expression gives under an assumption, whatever else the evidence says: evaluation with unknowns.

Where this says a constant, every engine gives it for every document that fits the assumption. Where it says UNKNOWN,
nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf

from msgspec import Struct

from gatekeeper.judge.cel.tree import MAYBE, Call, Const, Entries, Fold, Ident, Items, Node, Select
from gatekeeper.lint.logic import value as v
from gatekeeper.lint.logic.conflict import conflicting
from gatekeeper.lint.logic.inline import everything, is_maybe, path_of, predicate_of
from gatekeeper.lint.logic.marks import Marks
from gatekeeper.lint.logic.shape import Shapes, flat
from gatekeeper.lint.logic.value import EMPTY, ERROR, FALSE, FILLED, NONE, TRUE, UNKNOWN, Known, Range, Sign, Value

COMPARISONS = ("_<_", "_<=_", "_>_", "_>=_")
Leaf = Callable[[tuple[str | int, ...]], Value]
"""What is known of a static path beforehand, such as a parameter's bounds."""


class Assumption(Struct, frozen=True, kw_only=True):
    """What is taken for granted, by the numbers of shapes. `fixed` are values; `zero` those that divide as zero."""

    absent: frozenset[int] = frozenset()
    present: frozenset[int] = frozenset()
    empty: frozenset[int] = frozenset()
    filled: frozenset[int] = frozenset()
    zero: frozenset[int] = frozenset()
    fixed: Mapping[int, Value] = {}


class Evaluation:
    """Values of nodes under one assumption; each node is evaluated once."""

    def __init__(self, shapes: Shapes, leaf: Leaf, assumption: Assumption) -> None:
        self.shapes, self.leaf, self.assumed = shapes, leaf, assumption
        self._known: dict[int, Value] = {}

    def of(self, node: Node) -> Value:
        """What the node gives."""
        found = self._known.get(id(node))
        if found is None:
            found = self._known[id(node)] = self._value(node)
        return found

    def under(self, assumption: Assumption, marks: Marks, bits: int) -> Evaluation:
        """The values under another assumption about the shapes of `bits`; what does not speak of them stays."""
        return _Narrowed(self, assumption, marks, bits)

    def _value(self, node: Node) -> Value:
        if isinstance(node, Const):
            return Known(node.value) if not isinstance(node.value, bytes) else UNKNOWN
        if isinstance(node, Entries) and node.message:
            return UNKNOWN
        if isinstance(node, Items | Entries):
            return self._filled(node.items if isinstance(node, Items) else node.values)
        shape = self.shapes.of(node)
        assumed = self._assumed(shape)
        if assumed is not None:
            return assumed
        if isinstance(node, Ident):
            return self.leaf((node.name,))
        if isinstance(node, Select):
            return self._select(node)
        return self._fold(node) if isinstance(node, Fold) else self._call(node)

    def _filled(self, elements: Sequence[Node]) -> Value:
        """A list or map written out; an element `?x` is there where x has a value."""
        if not all(is_maybe(element) for element in elements):
            return FILLED
        return EMPTY if all(self.of(element) == NONE for element in elements) else UNKNOWN

    def _assumed(self, shape: int) -> Value | None:
        if shape in self.assumed.absent:
            return ERROR
        if shape in self.assumed.empty:
            return EMPTY
        return FILLED if shape in self.assumed.filled else self.assumed.fixed.get(shape)

    def _select(self, node: Select) -> Value:
        operand = self.of(node.operand)
        if operand in (ERROR, NONE):
            return operand
        if node.test:
            return self._presence(self.shapes.presence(node))
        if operand == EMPTY:
            return ERROR
        path = path_of(node)
        return UNKNOWN if path is None else self.leaf(path)

    def _presence(self, asked: int | None) -> Value:
        if asked in self.assumed.absent:
            return FALSE
        return TRUE if asked in self.assumed.present else UNKNOWN

    def _fold(self, node: Fold) -> Value:
        """`all`, `exists`, `filter` and `map`: over nothing, and where the predicate is always the same."""
        over = self.of(node.range)
        predicate = predicate_of(node)
        if over == ERROR:
            return ERROR
        if predicate is None:
            if node.builds:
                return EMPTY if over == EMPTY and isinstance(node.init, Items | Entries) else UNKNOWN
            return FALSE if over == EMPTY and isinstance(node.init, Const) and node.init.value == 0 else UNKNOWN
        whole = predicate[0]
        if over == EMPTY:
            return Known(whole)
        each = v.truth(self.of(predicate[1]))
        return Known(whole) if each is whole else Known(not whole) if each is not None and over == FILLED else UNKNOWN

    def _call(self, node: Call) -> Value:
        function, args = node.function, node.args
        if function in ("_&&_", "_||_"):
            return self._junction(node, decisive=function == "_||_")
        if function == "_?_:_":
            return self._choice(node)
        if function in ("_?._", "_[?_]", "@in") and len(args) == 2:
            return self._asked(node)
        if function == MAYBE:
            return self.of(args[0])
        if function == "_[_]" and isinstance(args[0], Items | Entries):
            return self._picked(args[0], self.of(args[1]))
        if function in ("orValue", "or", "hasValue", "value", "optional.none", "optional.of"):
            return self._optional(node)
        values = [self.of(arg) for arg in (args if node.target is None else (node.target, *args))]
        if ERROR in values:
            return ERROR
        return self._plain(node, values)

    def _junction(self, node: Call, *, decisive: bool) -> Value:
        """`||` is decided by true, `&&` by false; an error counts only where nothing decides."""
        parts = flat(node, node.function)
        values = [self.of(part) for part in parts]
        truths = [v.truth(value) for value in values]
        if decisive in truths or (ERROR not in values and conflicting(parts, self, negated=decisive)):
            return Known(decisive)
        if all(known is (not decisive) for known in truths):
            return Known(not decisive)
        open_ = any(known is None and value != ERROR for known, value in zip(truths, values, strict=True))
        return UNKNOWN if open_ else ERROR

    def _choice(self, node: Call) -> Value:
        condition, yes, no = node.args
        asked = self.of(condition)
        if asked == ERROR:
            return ERROR
        known = v.truth(asked)
        if known is not None:
            return self.of(yes if known else no)
        return v.joined(self.of(yes), self.of(no))

    def _asked(self, node: Call) -> Value:
        """`a.?b`, `a[?k]` and `'b' in a`: each asks whether something is there."""
        inside = node.function == "@in"
        base = self.of(node.args[1 if inside else 0])
        if base == ERROR or (base == NONE and not inside):
            return base
        if base == EMPTY:
            return FALSE if inside else NONE
        there = self._presence(self.shapes.presence(node))
        if not inside:
            return NONE if there == FALSE else UNKNOWN
        return self._among(node) if there == UNKNOWN else there

    def _among(self, node: Call) -> Value:
        """`x in ['a', 'b']`, where it is known what x may be."""
        item, items = node.args
        if not isinstance(items, Items) or any(map(is_maybe, items.items)):
            return UNKNOWN
        answers = [v.equal(self.of(item), self.of(one)) for one in items.items]
        mine, texts = self.of(item), v.listed([self.of(one) for one in items.items])
        if isinstance(mine, v.Choice) and texts is not None and mine.texts <= texts:
            return TRUE
        return TRUE if True in answers else FALSE if all(answer is False for answer in answers) else UNKNOWN

    def _picked(self, container: Items | Entries, key: Value) -> Value:
        """One of the values of a list or map written out."""
        if not isinstance(key, Known):
            return key if key == ERROR else UNKNOWN
        if any(map(is_maybe, container.items if isinstance(container, Items) else container.values)):
            return UNKNOWN
        if isinstance(container, Items):
            places: list[Value] = [Known(place) for place in range(len(container.items))]
            pairs = zip(places, container.items, strict=True)
        else:
            pairs = zip(map(self.of, container.keys), container.values, strict=True)
        hits = [self.of(item) for one, item in pairs if v.equal(one, key)]
        return hits[0] if len(hits) == 1 else UNKNOWN

    def _optional(self, node: Call) -> Value:
        function = node.function
        if function == "optional.none":
            return NONE
        if function == "optional.of":
            return self.of(node.args[0])
        if node.target is None:
            return UNKNOWN
        target = self.of(node.target)
        if function == "hasValue":
            return target if target in (ERROR, UNKNOWN) else Known(target != NONE)
        if target == NONE:
            return self.of(node.args[0]) if node.args else ERROR
        return target

    def _plain(self, node: Call, values: list[Value]) -> Value:
        function = node.function
        if function == "!_":
            known = v.truth(values[0])
            return UNKNOWN if known is None else Known(not known)
        if function in COMPARISONS:
            known = v.compared(function, *values)
            return v.boolean(function in ("_<=_", "_>=_") if known is None and _itself(node, self) else known)
        if function in ("_==_", "_!=_"):
            same = v.equal(*values)
            same = True if same is None and _itself(node, self) else same
            return v.boolean(same if same is None or function == "_==_" else not same)
        if function in ("_+_", "_-_", "_*_", "_/_"):
            return self._arithmetic(node, values)
        if function in v.EXTREMES:
            one = node.args[0]
            return v.extreme(function, [self.of(item) for item in one.items] if isinstance(one, Items) else values)
        return self._conversion(node, values)

    def _arithmetic(self, node: Call, values: list[Value]) -> Value:
        if node.function == "_/_" and self.shapes.of(node.args[1]) in self.assumed.zero:
            return Sign(positive=not _may_be_negative(node.args[0], values[0]))
        return v.calculated(node.function, *values)

    def _conversion(self, node: Call, values: list[Value]) -> Value:
        """Functions of one value: what keeps a number, and the size of a container."""
        if len(values) != 1:
            return UNKNOWN
        (value,) = values
        if node.function == "dyn":
            return value
        if node.function == "double":
            bounds = v.number(value)
            return UNKNOWN if bounds is None else Known(bounds.low) if isinstance(value, Known) else bounds
        if node.function == "-_":
            bounds = v.number(value)
            return UNKNOWN if bounds is None else v.calculated("_-_", Known(0.0), value)
        if node.function == "size":
            return self._size(node, value)
        return Range(0.0, inf) if node.function == "math.abs" else UNKNOWN

    def _size(self, node: Call, value: Value) -> Value:
        of = node.args[0] if node.target is None else node.target
        if isinstance(of, Items) and not any(map(is_maybe, of.items)):
            return Known(len(of.items))
        if isinstance(value, Known) and isinstance(value.value, str):
            return Known(len(value.value))
        return Known(0) if value == EMPTY else Range(1.0 if value == FILLED else 0.0, inf)


class _Narrowed(Evaluation):
    def __init__(self, usual: Evaluation, assumption: Assumption, marks: Marks, bits: int) -> None:
        super().__init__(usual.shapes, usual.leaf, assumption)
        self._usual, self._marks, self._bits = usual, marks, bits

    def of(self, node: Node) -> Value:
        return super().of(node) if self._marks.touches(node, self._bits) else self._usual.of(node)


def _itself(node: Call, evaluation: Evaluation) -> bool:
    """Whether a value is compared with itself. NaN, which equals nothing, comes of division alone."""
    one, other = (evaluation.shapes.of(arg) for arg in node.args)
    if one != other:
        return False
    # `1` and `1u` have one shape, as they are equal, but not one type; null has no order.
    unlike = ("_/_", "_%_", "type")
    parts = everything(node.args[0])
    return not any(
        (isinstance(part, Call) and part.function in unlike) or (isinstance(part, Const) and part.kind == "null")
        for part in parts
    )


def _may_be_negative(node: Node, value: Value) -> bool:
    """Whether a numerator may be below zero: by its bounds, or else where something is subtracted in it."""
    bounds = v.number(value)
    if bounds is not None and bounds.low >= 0:
        return False
    return any(isinstance(part, Call) and part.function in ("_-_", "-_") for part in everything(node))
