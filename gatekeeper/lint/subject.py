"""What is checked: the policies with their expressions, where they apply, the waivers, and how things were before."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from msgspec import Struct

from gatekeeper.judge.expressions import Position
from gatekeeper.judge.prepare import Application
from gatekeeper.judge.prepared import ReadyPolicy
from gatekeeper.lint.texts import PolicyTexts
from gatekeeper.model.environment import ArtifactRow, Environment
from gatekeeper.model.finding import Finding, Level
from gatekeeper.policy.documents import Document
from gatekeeper.policy.library import Place
from gatekeeper.policy.trust import Ring


class Applied(Struct, frozen=True, kw_only=True, eq=False):
    """What applies to one artifact of an environment; `applications` and `ready` go side by side."""

    row: ArtifactRow
    origin: Document
    applications: tuple[Application, ...]
    ready: tuple[ReadyPolicy, ...]


class Site(Struct, frozen=True, kw_only=True, eq=False):
    """One environment."""

    place: Place
    rows: tuple[Applied, ...]

    @property
    def environment(self) -> Environment:
        """The environment's file."""
        return self.place.environment

    @property
    def name(self) -> str:
        """Its name."""
        return self.environment.metadata.name


class Subject(Struct, frozen=True, kw_only=True, eq=False):
    """Everything that a check looks at. `names` are all environments of the project, None where there is no project.

    `before` are the policies as they were, None where there is nothing to compare with; `ring` is the trust file.
    """

    policies: tuple[PolicyTexts, ...]
    now: datetime
    sites: tuple[Site, ...] = ()
    waivers: tuple[Document, ...] = ()
    names: frozenset[str] | None = None
    before: tuple[Document, ...] | None = None
    ring: Ring | None = None

    def site(self, name: str) -> Site | None:
        """The environment of a name."""
        return next((site for site in self.sites if site.name == name), None)


class Spot(NamedTuple):
    """A place of a document: where the finding stands, and the key that holds it."""

    document: Document
    line: int
    column: int
    at: Position


def spot(document: Document, *at: str | int) -> Spot:
    """The place of the value at a path of a document."""
    return Spot(document, *document.place(*at), at)


def key_spot(document: Document, *at: str | int) -> Spot:
    """The place of the key at a path of a document."""
    return Spot(document, *document.key_place(*at), at)


def text_spot(texts: PolicyTexts, at: int) -> Spot:
    """The place of a node of an opened tree."""
    text, line, column = texts.place(at)
    return Spot(text.document, line, column, text.at)


def found(
    id_: str,
    severity: Level,
    where: Spot,
    message: str,
    remedy: str,
    *,
    policy: str | None = None,
    rule: str | None = None,
) -> Finding:
    """A finding at a spot, with the lines beside which a comment may allow it."""
    document, line, column, at = where
    held = document.key_place(*at)[0] if at else line
    named = policy
    if named is None and document.kind == "Policy":
        named = document.policy.metadata.name
    if named is None and document.kind == "Waiver":
        named = document.waiver.spec.policy
    return Finding(
        id=id_,
        severity=severity,
        message=message,
        remedy=remedy,
        file=document.file,
        line=line,
        column=column,
        policy=named,
        rule=rule,
        lines=tuple(dict.fromkeys((line, held))),
    )
