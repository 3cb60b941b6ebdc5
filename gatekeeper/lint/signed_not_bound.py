"""`signed-not-bound`: a signature is asked for, and not that the evidence is about what is judged."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from gatekeeper.lint.reading import compared
from gatekeeper.lint.subject import Subject, found, key_spot
from gatekeeper.model.finding import Finding, Level

ID = "signed-not-bound"
SEVERITY: Level = "warning"
SUMMARY = "Evidence must be signed and need not be about the artifact: what was signed for another one counts, too."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each evidence with `signed_by`, without `about`, that no rule compares with the artifact."""
    for texts in subject.policies:
        held = compared(texts, "evidence", "artifact")
        for name, asked in texts.policy.spec.evidence.items():
            if asked.signed_by and asked.about is UNSET and name not in held:
                where = key_spot(texts.document, "spec", "evidence", name, "signed_by")
                message = f"evidence {name!r} must be signed, but may be about anything: it can be used again for another artifact"
                remedy = "Add `about:` (artifact, model, commit, run or dataset), and bind it with `gatekeeper evidence bind`."
                yield found(ID, SEVERITY, where, message, remedy)
