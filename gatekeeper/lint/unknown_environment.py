"""`unknown-environment`: a condition compares the environment's name with one that there is not."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.judge.cel.tree import Call, Const, Items, Node
from gatekeeper.lint.logic.inline import everything, path_of
from gatekeeper.lint.subject import Subject, found, text_spot
from gatekeeper.model.finding import Finding, Level
from gatekeeper.policy.near import near

ID = "unknown-environment"
SEVERITY: Level = "warning"
SUMMARY = "A condition asks for an environment that the project does not have: it never, or always, applies."


def find(subject: Subject) -> Iterator[Finding]:
    """A warning where the name looks like a typo of one that there is, else a note."""
    for texts in subject.policies if subject.names else ():
        for text in texts.of("require", "when", "variable"):
            for literal in _names(text.node, text.base, text.base + len(text.source)):
                name = str(literal.value)
                if name not in (subject.names or ()):
                    hint = near(name, subject.names or ())
                    severity: Level = SEVERITY if hint else "info"
                    known = f"Environments here: {', '.join(sorted(subject.names or ()))}."
                    message = f"there is no environment {name!r} in this project"
                    where = text_spot(texts, literal.at)
                    rule = None if text.rule is None else text.rule.id
                    yield found(ID, severity, where, message, hint or known, rule=rule)


def _names(tree: Node, first: int, last: int) -> Iterator[Const]:
    """The texts that `environment.name` is compared with, in this expression itself."""
    for node in everything(tree):
        if not isinstance(node, Call) or node.function not in ("_==_", "_!=_", "@in"):
            continue
        if not any(path_of(arg) == ("environment", "name") for arg in node.args):
            continue
        for arg in node.args:
            for item in arg.items if isinstance(arg, Items) else (arg,):
                if isinstance(item, Const) and isinstance(item.value, str) and first <= item.at <= last:
                    yield item
