"""The waivers of a project with the environments that they name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gatekeeper.judge.prepared import ReadyPolicy
from gatekeeper.lint.subject import Applied, Site, Subject
from gatekeeper.model.waiver import WaiverSpec
from gatekeeper.policy.documents import Document


class Use(NamedTuple):
    """A waiver in one environment; `place` is that of the environment in the waiver's list."""

    document: Document
    place: int
    name: str
    site: Site | None

    @property
    def spec(self) -> WaiverSpec:
        """The waiver's own words."""
        return self.document.waiver.spec


def uses(subject: Subject) -> Iterator[Use]:
    """Each waiver in each of its environments. An environment that was not looked at is left out."""
    for document in subject.waivers:
        for index, name in enumerate(document.waiver.spec.environments):
            site = subject.site(name)
            if site is not None or name not in (subject.names or ()):
                yield Use(document, index, name, site)


def policies(site: Site, policy: str) -> list[tuple[Applied, ReadyPolicy]]:
    """A policy as it applies to the artifacts of an environment."""
    return [(row, ready) for row in site.rows for ready in row.ready if ready.policy.metadata.name == policy]


def rules(ready: ReadyPolicy) -> dict[str, bool]:
    """What a waiver may name, and whether it may be waived."""
    own = {rule.rule.id: rule.rule.waivable for rule in ready.rules}
    return {**{f"evidence/{name}": True for name in ready.requirements}, **own}
