"""Every finding by its id: one module each, which says how grave it is, what it means, and where it is."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Protocol, cast

from gatekeeper.lint.subject import Subject
from gatekeeper.lint.suppressions import SUMMARIES, applied
from gatekeeper.model.finding import LEVELS, Finding, Level

FINDINGS = (
    "absence-passes",
    "absorbed-error",
    "after-never-met",
    "always-false",
    "always-true",
    "approvals-unreachable",
    "duplicate-rule",
    "empty-passes",
    "forge-unencrypted",
    "freeze-over",
    "limit-out-of-range",
    "looser-environment",
    "manifest-shared",
    "negated-comparison",
    "nothing-enforced",
    "ordered-text",
    "parameter-without-stricter",
    "policy-without-owner",
    "second-engine",
    "signed-not-bound",
    "soak-outlasts-evidence",
    "unknown-environment",
    "unknown-value",
    "unreachable-choice",
    "unreachable-rule",
    "unsafe-division",
    "unused-evidence",
    "unused-parameter",
    "unused-variable",
    "version-lowered",
    "version-unchanged",
    "waiver-broad",
    "waiver-expired",
    "waiver-expiring",
    "waiver-not-waivable",
    "waiver-orphaned",
    "waiver-too-long",
    "window-never-opens",
)
"""The ids, each the name of its module with `-` for `_`. A new one is one file, one line here, one section of docs."""


_OF_PROJECT = frozenset({"unknown-environment"})
_OF_HISTORY = frozenset({"version-lowered", "version-unchanged"})


class Looking(Protocol):
    """A module of `gatekeeper.lint` that finds one thing."""

    ID: str
    SEVERITY: Level
    SUMMARY: str

    def find(self, subject: Subject) -> Iterator[Finding]:
        """Every finding of this id."""


def module(id_: str) -> Looking:
    """The module that finds it."""
    return cast("Looking", import_module(f"gatekeeper.lint.{id_.replace('-', '_')}"))


def summaries() -> dict[str, str]:
    """Each finding's meaning in one sentence, those about comments included."""
    return {**{id_: module(id_).SUMMARY for id_ in FINDINGS}, **SUMMARIES}


def findings(subject: Subject) -> tuple[Finding, ...]:
    """All findings, in the order of their places; those that comments allow are marked so."""
    found = list(dict.fromkeys(finding for id_ in FINDINGS for finding in module(id_).find(subject)))
    documents = [texts.document for texts in subject.policies] + list(subject.waivers)
    for site in subject.sites:
        documents += [site.place.document, *(row.origin for row in site.rows)]
    looked = set(FINDINGS) - (_OF_PROJECT if subject.names is None else set())
    looked -= _OF_HISTORY if subject.before is None else set()
    return tuple(sorted(applied(found, documents, FINDINGS, looked), key=_order))


def _order(finding: Finding) -> tuple[str, int, int, int, str]:
    return finding.file, finding.line, finding.column, LEVELS.index(finding.severity), finding.id
