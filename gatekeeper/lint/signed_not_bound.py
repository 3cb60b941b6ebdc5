"""`signed-not-bound`: a signature is asked for, and not that the evidence is about what is judged."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from gatekeeper.judge.cel import Path
from gatekeeper.lint.subject import Subject, found, key_spot
from gatekeeper.lint.texts import PolicyTexts
from gatekeeper.model.finding import Finding, Level

ID = "signed-not-bound"
SEVERITY: Level = "warning"
SUMMARY = "Evidence must be signed and need not be about the artifact: what was signed for another one counts, too."
_IDENTITIES = frozenset({"digest", "model", "commit", "run", "datasets"})


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each evidence with `signed_by:` and without `about:` that no rule compares with the artifact."""
    for texts in subject.policies:
        held = _compared(texts)
        for name, asked in texts.policy.spec.evidence.items():
            if asked.signed_by and asked.about is UNSET and name not in held:
                where = key_spot(texts.document, "spec", "evidence", name, "signed_by")
                message = (
                    f"evidence {name!r} must be signed, but may be about another artifact: a report of that one counts"
                )
                remedy = "Add `about:` beside `signed_by:`, and sign what `gatekeeper evidence bind` writes."
                yield found(ID, SEVERITY, where, message, remedy)


def _compared(texts: PolicyTexts) -> set[str]:
    """The evidence that a rule which always applies reads together with what identifies the artifact."""
    names: set[str] = set()
    for rule in texts.rules:
        reads = {path for expression in rule.expressions for path in expression.reads}
        if rule.rule.when is UNSET and not rule.rule.optional and any(map(_identifies, reads)):
            names.update(str(path[1]) for path in reads if path[0] == "evidence" and len(path) > 1)
    return names


def _identifies(path: Path) -> bool:
    return path[0] == "artifact" and len(path) > 1 and path[1] in _IDENTITIES
