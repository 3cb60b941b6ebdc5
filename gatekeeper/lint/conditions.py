"""Constant conditions, as the findings about them share them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gatekeeper.judge.cel.tree import Node
from gatekeeper.lint.logic.constants import constants
from gatekeeper.lint.logic.evaluation import Assumption
from gatekeeper.lint.logic.given import given
from gatekeeper.lint.roots import Root, roots
from gatekeeper.lint.texts import PolicyTexts


class Constant(NamedTuple):
    """A part of a condition that is always `value`; `whole` where it is all of it."""

    root: Root
    node: Node
    value: bool
    whole: bool


def constant_parts(texts: PolicyTexts) -> Iterator[Constant]:
    """The constant parts of every condition, given what the rule's own `when` says."""
    found = list(roots(texts))
    whens = {root.rule.id: root for root in found if not root.open_}
    for root in found:
        when = whens.get(root.rule.id) if root.open_ else None
        fixed = {} if when is None else given(when.node, when.evaluation())
        # What a number of evidence can be is left to `limit-out-of-range`, which says more about it.
        evaluation = root.evaluation(Assumption(fixed=fixed), measured=False)
        for node, value in constants(root.node, evaluation):
            yield Constant(root, node, value, node is root.node)
