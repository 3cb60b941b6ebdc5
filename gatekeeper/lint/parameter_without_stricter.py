"""`parameter-without-stricter`: a limit that can be set, without saying which way is stricter."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from gatekeeper.lint.logic.comparing import comparisons
from gatekeeper.lint.subject import Subject, found, key_spot
from gatekeeper.lint.texts import PolicyTexts
from gatekeeper.model.finding import Finding, Level

ID = "parameter-without-stricter"
SEVERITY: Level = "info"
SUMMARY = "A parameter is a limit and does not say which way is stricter: loosening it goes unnoticed."
_STRICTER = {">=": "higher", ">": "higher", "<=": "lower", "<": "lower"}


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each number that is used as a limit and has no `stricter:`."""
    for texts in subject.policies:
        for name, way in _limits(texts).items():
            parameter = texts.policy.spec.parameters.get(name)
            if parameter is not None and parameter.stricter is UNSET:
                where = key_spot(texts.document, "spec", "parameters", name)
                message = f"parameter {name!r} is a limit, and does not say which way is stricter"
                yield found(ID, SEVERITY, where, message, f"Add `stricter: {way}`, if that is so.")


def _limits(texts: PolicyTexts) -> dict[str, str]:
    """The parameters that are compared with evidence, and the way that the first comparison suggests."""
    ways: dict[str, str] = {}
    for rule in texts.rules:
        for one in comparisons(rule.node):
            if one.parameter is not None and one.comparator in _STRICTER:
                ways.setdefault(one.parameter, _STRICTER[one.comparator])
    return ways
