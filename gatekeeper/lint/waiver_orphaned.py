"""`waiver-orphaned`: a waiver of an environment, policy or rule that is not there."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.lint.subject import Subject, found, spot
from gatekeeper.lint.waiving import Use, policies, rules, uses
from gatekeeper.model.finding import Finding, Level
from gatekeeper.policy.near import near

ID = "waiver-orphaned"
SEVERITY: Level = "warning"
SUMMARY = "A waiver names an environment, policy or rule that is not there: it waives nothing."
_REMEDY = "Remove it, or name what it is meant for."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each; a rule that the policy in force does not have stops every judgement there: an error."""
    for use in uses(subject):
        yield from _use(subject, use)


def _use(subject: Subject, use: Use) -> Iterator[Finding]:
    spec, document = use.spec, use.document
    name = document.waiver.metadata.name
    if use.site is None:
        where = spot(document, "spec", "environments", use.place)
        hint = near(use.name, subject.names or ()) or _REMEDY
        yield found(ID, SEVERITY, where, f"waiver {name!r}: there is no environment {use.name!r}", hint)
        return
    applied = policies(use.site, spec.policy)
    if not applied:
        known = {texts.policy.metadata.name for texts in subject.policies}
        what = f"policy {spec.policy} does not apply in {use.name}"
        message = what if spec.policy in known else f"there is no policy {spec.policy!r}"
        severity: Level = SEVERITY if spec.policy in known else "error"
        hint = _REMEDY if spec.policy in known else near(spec.policy, known) or _REMEDY
        yield found(ID, severity, spot(document, "spec", "policy"), f"waiver {name!r}: {message}", hint)
        return
    there = {rule for _, ready in applied for rule in rules(ready)}
    if spec.rule not in there:
        message = (
            f"waiver {name!r}: policy {spec.policy} in {use.name} has no rule {spec.rule!r}; no judgement can be made"
        )
        where = spot(document, "spec", "rule")
        yield found(ID, "error", where, message, near(spec.rule, there) or _REMEDY, policy=spec.policy)
