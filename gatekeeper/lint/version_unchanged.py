"""`version-unchanged`: a policy's text changed and its version did not."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.lint.subject import Subject, found, spot
from gatekeeper.model.finding import Finding, Level

ID = "version-unchanged"
SEVERITY: Level = "error"
SUMMARY = "A policy's text changed without its version: two texts of one version cannot be told apart by name."


def find(subject: Subject) -> Iterator[Finding]:
    """An error where the meaning changed, a note where only comments or layout did."""
    before = {_key(document.policy.metadata): document for document in subject.before or ()}
    for texts in subject.policies:
        metadata = texts.policy.metadata
        earlier = before.get(_key(metadata))
        if earlier is None or earlier.digest == texts.document.digest:
            continue
        same = earlier.policy == texts.policy
        what = "comments or layout" if same else "text"
        message = f"the {what} of policy {metadata.name} changed, and its version is still {metadata.version}"
        where = spot(texts.document, "metadata", "version")
        yield found(ID, "info" if same else SEVERITY, where, message, "Raise the version with every change.")


def _key(metadata: object) -> tuple[str, str]:
    return metadata.name, metadata.version  # type: ignore[attr-defined]
