"""`waiver-broad`: a waiver for whatever artifact comes."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from gatekeeper.judge.waivers import state
from gatekeeper.lint.subject import Subject, found, spot
from gatekeeper.model.finding import Finding, Level

ID = "waiver-broad"
SEVERITY: Level = "info"
SUMMARY = "A waiver names no artifact and no condition: it lets through every later artifact, too."


def find(subject: Subject) -> Iterator[Finding]:
    """A finding for each waiver with neither `artifact:` nor `only_while:`."""
    for document in subject.waivers:
        spec = document.waiver.spec
        over = state(document.waiver, subject.now) == "expired"
        if not over and spec.artifact is UNSET and spec.only_while is UNSET:
            message = (
                f"waiver {document.waiver.metadata.name!r} holds for every artifact, however bad the rule's value gets"
            )
            remedy = "Name the digest as `artifact:`, or bound the value by `only_while:`."
            yield found(ID, SEVERITY, spot(document, "spec"), message, remedy, policy=spec.policy)
