"""`negated-comparison`: `!(a < b)` is true for NaN, where `a >= b` is false, and reports can show no limit for it."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.judge.cel.complaints import operator
from gatekeeper.judge.cel.tree import Call
from gatekeeper.lint.logic.evaluation import COMPARISONS
from gatekeeper.lint.logic.polarity import pushing
from gatekeeper.lint.roots import roots
from gatekeeper.lint.subject import Subject, found, text_spot
from gatekeeper.model.finding import Finding, Level

ID = "negated-comparison"
SEVERITY: Level = "warning"
SUMMARY = "A comparison is negated: it holds for NaN, and its limit and margin cannot be reported."
_OPPOSITE = {"_<_": ">=", "_<=_": ">", "_>_": "<=", "_>=_": "<"}


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each comparison that helps the rule to pass by being false."""
    for texts in subject.policies:
        for root in roots(texts):
            for node, way in pushing(root.node, True) if root.open_ else ():
                if not way and isinstance(node, Call) and node.function in COMPARISONS:
                    message = f"`{operator(node.function)}` is negated: NaN, which is neither above nor below, passes"
                    remedy = (
                        f"Write it the other way round, with `{_OPPOSITE[node.function]}` and without the negation."
                    )
                    yield found(ID, SEVERITY, text_spot(texts, node.at), message, remedy, rule=root.rule.id)
