"""`unknown-value`: a fact is compared with a text that it never is, such as a severity in capitals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gatekeeper.judge.cel.tree import Call, Const, Fold, Ident, Items, Node, Select
from gatekeeper.lint.logic.inline import everything
from gatekeeper.lint.subject import Subject, found, text_spot
from gatekeeper.lint.texts import Text
from gatekeeper.model.finding import Finding, Level
from gatekeeper.model.policy import PolicySpec
from gatekeeper.policy.near import near

ID = "unknown-value"
SEVERITY: Level = "error"
SUMMARY = "A fact is compared with a text that it never is: what is looked for can never be found."

_ANY, _MAP = "*", ("cases",)
VALUES = {
    ("scan", "findings", _ANY, "severity"): ("critical", "high", "medium", "low", "unknown"),
    ("tests", "cases", _ANY): ("passed", "failed", "error", "skipped"),
}
"""Facts that are one of a few texts, whatever tool reported; `*` stands for each element of a list or map."""

Place = tuple[str, ...]
Elements = Mapping[str, tuple[Node, bool]]
"""By a macro's variable: what it is an element of, and whether it would be a value of it, were that a map."""


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each text that stands beside such a fact and is none of its values."""
    for texts in subject.policies:
        for text in texts.of("require", "when", "variable", "only_while"):
            for literal, values in _compared(text, texts.policy.spec):
                name = str(literal.value)
                message = f"this is never {name!r}, but one of {', '.join(values)}"
                rule = None if text.rule is None else text.rule.id
                hint = f"Write {name.lower()!r}." if name.lower() in values else near(name, values)
                remedy = hint or "Compare with one of these."
                yield found(ID, SEVERITY, text_spot(texts, literal.at), message, remedy, rule=rule)


def _compared(text: Text, spec: PolicySpec) -> Iterator[tuple[Const, Place]]:
    """The texts written in this expression itself that a fact is compared with, and what the fact can be."""
    nodes = everything(text.node)
    elements = {fold.variables[-1]: _element_of(fold) for fold in nodes if isinstance(fold, Fold) and fold.variables}
    for node in nodes:
        if isinstance(node, Call) and node.function in ("_==_", "_!=_", "@in"):
            values = next((values for side in node.args if (values := _values(side, spec, elements))), ())
            for literal in _texts(node) if values else ():
                if literal.value not in values and text.base <= literal.at <= text.base + len(text.source):
                    yield literal, values


def _texts(node: Call) -> Iterator[Const]:
    for side in node.args:
        for item in side.items if isinstance(side, Items) else (side,):
            if isinstance(item, Const) and item.kind == "string":
                yield item


def _values(node: Node, spec: PolicySpec, elements: Elements) -> Place:
    """What a fact can be; empty where it may be anything, or is none."""
    place = _place(node, elements)
    if len(place) < 3 or place[0] != "evidence" or place[1] not in spec.evidence:
        return ()
    return VALUES.get((spec.evidence[place[1]].kind, *place[2:]), ())


def _place(node: Node, elements: Elements) -> Place:
    """The path of a fact, with what a macro's variable or a computed key stands for as `*`."""
    if isinstance(node, Ident):
        return _element(*elements[node.name], elements) if node.name in elements else (node.name,)
    if isinstance(node, Select) and not node.test:
        above = _place(node.operand, elements)
        return (*above, _ANY if above[2:] == _MAP else node.field) if above else ()
    if isinstance(node, Call) and node.function in ("_[_]", "dyn"):
        above = _place(node.args[0], elements)
        return (*above, _ANY) if above and node.function == "_[_]" else above
    return ()


def _element(container: Node, is_value: bool, elements: Elements) -> Place:
    above = _place(container, elements)
    return (*above, _ANY) if above and (is_value or above[2:] != _MAP) else ()


def _element_of(fold: Fold) -> tuple[Node, bool]:
    """What a macro's last variable is an element of: the list itself, where that was only filtered."""
    over = fold.range
    while isinstance(over, Fold) and over.builds and _keeps(over):
        over = over.range
    return over, len(fold.variables) > 1 and over is fold.range


def _keeps(fold: Fold) -> bool:
    """Whether a macro makes a list of its own range's elements, as `filter` does."""
    kept = [node.items for node in everything(fold.step) if isinstance(node, Items)]
    return any(len(items) == 1 and getattr(items[0], "name", "") == fold.variables[-1] for items in kept)
