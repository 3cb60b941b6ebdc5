"""`unreachable-choice`: a choice of a parameter that its own bounds refuse."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from gatekeeper.lint.subject import Subject, found, spot
from gatekeeper.model.finding import Finding, Level
from gatekeeper.model.policy import Parameter

ID = "unreachable-choice"
SEVERITY: Level = "warning"
SUMMARY = "A parameter offers a choice that its minimum, maximum or type refuses."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each choice that no environment could set."""
    for texts in subject.policies:
        for name, parameter in texts.policy.spec.parameters.items():
            for index, choice in enumerate(() if parameter.choices is UNSET else parameter.choices):
                if reason := _refused(parameter, choice):
                    where = spot(texts.document, "spec", "parameters", name, "choices", index)
                    message = f"the choice {choice!r} of parameter {name!r} {reason}"
                    yield found(ID, SEVERITY, where, message, "Remove it, or correct the bound.")


def _refused(parameter: Parameter, choice: str | float) -> str:
    if isinstance(choice, str):
        return "is no number" if parameter.type in ("number", "integer") else ""
    if parameter.type == "integer" and not float(choice).is_integer():
        return "is no whole number"
    if parameter.type not in ("number", "integer"):
        return f"is no {parameter.type}"
    if parameter.minimum is not UNSET and choice < parameter.minimum:
        return f"is below its minimum {parameter.minimum}"
    if parameter.maximum is not UNSET and choice > parameter.maximum:
        return f"is above its maximum {parameter.maximum}"
    return ""
