"""Waivers with what each comes to in every environment that it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import UNSET, Struct

from gatekeeper.app.applied import applications_of
from gatekeeper.app.vouching import Vouching, waiver_faults
from gatekeeper.errors import InvalidFileError, Problem
from gatekeeper.judge.prepare import Application
from gatekeeper.judge.waivers import ACTIVE, Scope, standing
from gatekeeper.model.project import Folders
from gatekeeper.model.waiver import WaiverSpec
from gatekeeper.policy.documents import Document
from gatekeeper.policy.library import Place, load_environment, load_policies, load_waivers
from gatekeeper.policy.trust import Ring, read_trust
from gatekeeper.ports import Tree

FINE = (ACTIVE, "not yet valid")


class Listed(Struct, frozen=True, kw_only=True):
    """A waiver in one environment. `state` is `active`, `not yet valid`, or why it does not count there."""

    waiver: str
    environment: str
    policy: str
    rule: str
    state: str
    artifact: str | None
    requested_by: str
    approved_by: str
    ticket: str
    granted: str
    expires: str
    file: str
    line: int

    @property
    def fine(self) -> bool:
        """Whether it counts, or will."""
        return self.state in FINE


def list_waivers(tree: Tree, folders: Folders, now: datetime, environment: str | None = None) -> tuple[Listed, ...]:
    """Every waiver in every environment that it names, or in one alone.

    Raises InvalidFileError with the problems of all files, InvalidRequestError where there is no such environment.
    """
    names = [file.removesuffix(".yaml") for file in tree.names(folders.environments) if file.endswith(".yaml")]
    if environment is not None and environment not in names:
        load_environment(tree, folders.environments, environment)
    waivers = load_waivers(tree, folders.waivers)
    wanted = {name for one in waivers for name in one.waiver.spec.environments if environment in (None, name)}
    policies = load_policies(tree, folders.policies)
    ring = read_trust(tree)
    sites = _sites(tree, folders, sorted(wanted & set(names)), policies, waivers, ring, now)
    found = [one for document in waivers for one in _listed(document, sites, wanted)]
    return tuple(sorted(found, key=lambda one: (one.waiver, one.environment)))


class _Site(Struct, frozen=True):
    place: Place
    applied: tuple[Application, ...]
    scope: Scope


def _sites(
    tree: Tree,
    folders: Folders,
    names: Sequence[str],
    policies: tuple[Document, ...],
    waivers: tuple[Document, ...],
    ring: Ring | None,
    now: datetime,
) -> dict[str, _Site]:
    problems: list[Problem] = []
    sites: dict[str, _Site] = {}
    for name in names:
        try:
            place = load_environment(tree, folders.environments, name)
            applied = [one for row, origin in place.rows for one in applications_of(place, row, origin, policies)]
        except InvalidFileError as fault:
            problems += fault.problems
            continue
        terms = place.environment.spec.waivers
        around = Vouching(tree=tree, environment=name, terms=terms, ring=ring, now=now)
        vouching = waiver_faults(around, waivers, {})
        scope = Scope(environment=name, terms=terms, digest=None, now=now, vouching=vouching)
        sites[name] = _Site(place, tuple(applied), scope)
    if problems:
        raise InvalidFileError(problems)
    return sites


def _listed(document: Document, sites: Mapping[str, _Site], wanted: set[str]) -> Iterator[Listed]:
    spec = document.waiver.spec
    for name in spec.environments:
        if name in wanted:
            state = _state(document, sites[name]) if name in sites else "orphaned: there is no such environment"
            yield Listed(
                waiver=document.waiver.metadata.name,
                environment=name,
                policy=spec.policy,
                rule=spec.rule,
                state=state,
                artifact=None if spec.artifact is UNSET else spec.artifact,
                requested_by=spec.requested_by,
                approved_by=spec.approved_by,
                ticket=spec.ticket,
                granted=spec.granted,
                expires=spec.expires,
                file=document.file,
                line=document.place("metadata", "name")[0],
            )


def _state(document: Document, site: _Site) -> str:
    """Without an artifact at hand, one for a single digest counts for that."""
    if fault := _rule_fault(document.waiver.spec, site.applied):
        return fault
    state = standing(document.waiver, site.scope)
    return ACTIVE if state == "for another artifact" else state


def _rule_fault(spec: WaiverSpec, applied: Sequence[Application]) -> str:
    named = [one.document.policy for one in applied if one.document.policy.metadata.name == spec.policy]
    if not named:
        return f"orphaned: policy {spec.policy} does not apply there"
    waivable = {f"evidence/{name}": True for policy in named for name in policy.spec.evidence}
    waivable |= {rule.id: rule.waivable for policy in named for rule in policy.spec.rules}
    if spec.rule not in waivable:
        return f"orphaned: policy {spec.policy} has no rule {spec.rule}"
    return "" if waivable[spec.rule] else "the rule is not waivable"
