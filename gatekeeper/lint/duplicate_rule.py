"""`duplicate-rule`: two rules that say the same, in whatever order or spelling."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.lint.subject import Subject, found, spot
from gatekeeper.lint.texts import Compiled, PolicyTexts
from gatekeeper.model.finding import Finding, Level

ID = "duplicate-rule"
SEVERITY: Level = "warning"
SUMMARY = "Two rules of a policy compile to the same condition: one of them was probably meant to differ."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding at the later of two rules with the same pass condition, fail condition and `when`."""
    for texts in subject.policies:
        seen: dict[object, str] = {}
        for rule in texts.rules:
            first = seen.setdefault(_meaning(texts, rule), rule.rule.id)
            if first != rule.rule.id:
                where = spot(texts.document, *rule.at, "id")
                message = f"rule {rule.rule.id!r} asks exactly what rule {first!r} asks"
                remedy = "Correct the one that was meant to differ, or remove it."
                yield found(ID, SEVERITY, where, message, remedy, rule=rule.rule.id)


def _meaning(texts: PolicyTexts, rule: Compiled) -> object:
    whens = [texts.shapes.of(text.node) for text in texts.of("when") if text.rule is rule.rule]
    return texts.shapes.of(rule.node), rule.condition.fail_if, tuple(whens)
