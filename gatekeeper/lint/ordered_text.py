"""`ordered-text`: texts are compared letter by letter, as which `'10' < '9'` and `'1e-05' > '0.85'` are true."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.judge.cel.tree import Call, Const, Node
from gatekeeper.lint.logic.evaluation import COMPARISONS
from gatekeeper.lint.logic.inline import everything
from gatekeeper.lint.roots import roots
from gatekeeper.lint.subject import Subject, found, text_spot
from gatekeeper.model.finding import Finding, Level

ID = "ordered-text"
SEVERITY: Level = "warning"
SUMMARY = "Texts are compared letter by letter: as text, 10 is below 9, and 1e-05 above 0.85."
_REMEDY = "Compare numbers as numbers, with double() where they are text, and times with timestamp()."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each `<`, `<=`, `>` or `>=` with a side that is certainly a text."""
    for texts in subject.policies:
        for root in roots(texts):
            for node in everything(root.node):
                if isinstance(node, Call) and node.function in COMPARISONS and any(map(_is_text, node.args)):
                    message = "this compares texts letter by letter, and not by what they stand for"
                    yield found(ID, SEVERITY, text_spot(texts, node.at), message, _REMEDY, rule=root.rule.id)


def _is_text(node: Node) -> bool:
    if isinstance(node, Call):
        return node.function == "string" or (node.function == "dyn" and _is_text(node.args[0]))
    return isinstance(node, Const) and node.kind == "string"
