"""Asking one condition again and again: what if this were so, and who would be let by for it?"""

from __future__ import annotations

from collections.abc import Iterable

from gatekeeper.judge.cel.tree import Call, Node
from gatekeeper.lint.logic.evaluation import COMPARISONS, Assumption, Evaluation
from gatekeeper.lint.logic.marks import Marks
from gatekeeper.lint.logic.polarity import pushing
from gatekeeper.lint.logic.value import ERROR, UNKNOWN, Known, truth
from gatekeeper.lint.roots import Root


class Probe:
    """One condition, and the shapes that are to be asked about."""

    def __init__(self, root: Root, shapes: Iterable[int]) -> None:
        self.root = root
        self._usual = root.evaluation(defaults=True)
        self._marks = Marks(root.node, root.texts.shapes, shapes)
        self._parts = list(pushing(root.node, root.open_))

    def skipped(self, assumption: Assumption, shapes: frozenset[int]) -> bool:
        """For a `when`: whether it is false under the assumption, and not anyway."""
        whole = self.root.node
        under = self._usual.under(assumption, self._marks, self._marks.bits(shapes))
        return not self.root.open_ and truth(under.of(whole)) is False and truth(self._usual.of(whole)) is not False

    def decided(self, assumption: Assumption, opposite: Assumption, shapes: frozenset[int]) -> bool:
        """Whether some part lets by under the assumption alone, and the rest of the condition does not stop it.

        A part that refuses under the opposite asks for the assumption itself, as `!has(x)` does, and is none.
        """
        bits = self._marks.bits(shapes)
        under = self._usual.under(assumption, self._marks, bits)
        whole = under.of(self.root.node)
        if whole == ERROR or truth(whole) is (not self.root.open_):
            return False
        against = self._usual.under(opposite, self._marks, bits)
        return any(
            truth(under.of(node)) is way
            and truth(self._usual.of(node)) is not way
            and truth(against.of(node)) is not (not way)
            for node, way in self._parts
            if self._marks.touches(node, bits)
        )

    def fallen_back(self, assumption: Assumption, shapes: frozenset[int]) -> bool:
        """Whether a comparison is left with a fixed value on one side, of which nobody knows whom it lets by."""
        bits = self._marks.bits(shapes)
        under = self._usual.under(assumption, self._marks, bits)
        whole = under.of(self.root.node)
        if whole == ERROR or truth(whole) is not None:
            return False
        return any(self._fixed(node, under, bits) for node, _ in self._parts)

    def _fixed(self, node: Node, under: Evaluation, bits: int) -> bool:
        if not isinstance(node, Call) or node.function not in COMPARISONS or under.of(node) != UNKNOWN:
            return False
        sides = [side for side in node.args if self._marks.touches(side, bits)]
        return len(sides) == 1 and isinstance(under.of(sides[0]), Known) and self._usual.of(sides[0]) == UNKNOWN
