"""`second-engine`: CEL that cel-python does not have, so that no cross-check can be made."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.judge.cel.complaints import operator
from gatekeeper.judge.cel.tree import Call
from gatekeeper.judge.cel.vocabulary import BOTH
from gatekeeper.lint.logic.inline import everything
from gatekeeper.lint.subject import Subject, found, text_spot
from gatekeeper.lint.texts import Text
from gatekeeper.model.finding import Finding, Level

ID = "second-engine"
SEVERITY: Level = "warning"
SUMMARY = "An expression uses what the second engine lacks: a cross-check of it is an error."
_REMEDY = "Write it with what both engines have (docs/cel.md), or allow it where you never cross-check."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each expression that cel-python cannot evaluate, at the first function that it lacks."""
    for texts in subject.policies:
        for text in texts.texts:
            lacking = [function for function in text.checked.functions if function not in BOTH]
            if lacking:
                where = text_spot(texts, _place(text, lacking))
                names = ", ".join(f"`{operator(function)}`" for function in sorted(lacking))
                message = f"cel-python has no {names}: with --cross-check this is an error"
                rule = None if text.rule is None else text.rule.id
                yield found(ID, SEVERITY, where, message, _REMEDY, rule=rule)


def _place(text: Text, functions: list[str]) -> int:
    """Where the first of them stands in the text itself."""
    last = text.base + len(text.source)
    ats = [node.at for node in everything(text.node) if isinstance(node, Call) and node.function in functions]
    return min((at for at in ats if text.base <= at <= last), default=text.base)
