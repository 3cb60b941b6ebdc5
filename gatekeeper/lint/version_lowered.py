"""`version-lowered`: the highest version of a policy is lower than it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gatekeeper.lint.subject import Subject, found, spot
from gatekeeper.model.finding import Finding, Level
from gatekeeper.policy.documents import Document
from gatekeeper.policy.versions import version_key

ID = "version-lowered"
SEVERITY: Level = "error"
SUMMARY = "A policy's version went down: environments go back to an older text without saying so."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each policy whose highest version went down."""
    was = _highest(subject.before or ())
    for name, document in _highest(texts.document for texts in subject.policies).items():
        now, earlier = document.policy.metadata.version, was.get(name)
        if earlier is not None and version_key(earlier.policy.metadata.version) > version_key(now):
            message = f"policy {name} was at {earlier.policy.metadata.version}, and is now at {now}"
            remedy = "Give it a higher version, also where an older text comes back."
            yield found(ID, SEVERITY, spot(document, "metadata", "version"), message, remedy)


def _highest(documents: Iterable[Document]) -> dict[str, Document]:
    highest: dict[str, Document] = {}
    for document in sorted(documents, key=lambda one: version_key(one.policy.metadata.version)):
        highest[document.policy.metadata.name] = document
    return highest
