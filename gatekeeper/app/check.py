"""Checking a project's policies, environments and waivers: what cannot be used first, else what deserves a look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from msgspec import UNSET

from gatekeeper.app.applied import applications_of
from gatekeeper.app.before import Before, earlier, read_earlier
from gatekeeper.app.people import check_approvers
from gatekeeper.app.preceding import circles
from gatekeeper.errors import InvalidFileError, InvalidRequestError, Problem
from gatekeeper.judge.expressions import Position
from gatekeeper.judge.prepare import Application, check_policies, prepare_one
from gatekeeper.judge.prepared import ReadyPolicy
from gatekeeper.judge.waiving import ready_waivers
from gatekeeper.lint.registry import findings, summaries
from gatekeeper.lint.subject import Applied, Site, Subject
from gatekeeper.lint.texts import PolicyTexts
from gatekeeper.model.finding import CheckReport, Looked
from gatekeeper.model.instants import format_instant
from gatekeeper.model.project import Folders
from gatekeeper.model.waiver import WaiverSpec
from gatekeeper.policy.documents import Document, load
from gatekeeper.policy.library import Place, has_people, load_environment, load_policies, load_waivers
from gatekeeper.policy.people import check_held_artifacts, load_people
from gatekeeper.policy.trust import Ring, check_signers, read_trust
from gatekeeper.ports import Tree

Use = tuple[int, int, Position]


@contextmanager
def _noting(problems: list[Problem]) -> Iterator[None]:
    """Where files cannot be used, their problems are noted, and the rest is looked at all the same."""
    try:
        yield
    except InvalidFileError as fault:
        problems += fault.problems
    except InvalidRequestError as fault:
        problems.append(Problem(fault.message, remedy=fault.remedy))


def check_project(
    tree: Tree, folders: Folders, now: datetime, *, only: str | None = None, before: Before | None = None
) -> CheckReport:
    """Check all files of a project; `only` an environment, those it comes after, and what applies there.

    Raises InvalidRequestError where there is no such environment, or nothing at all to check.
    """
    problems: list[Problem] = []
    names = _names(tree, folders)
    if only is not None and only not in names:
        load_environment(tree, folders.environments, only)
    policies, waivers = _policies_and_waivers(tree, folders, problems)
    places = _places(tree, folders, names if only is None else (only,), problems)
    if not any((policies, places, waivers, problems)):
        where = f"{folders.policies}/, {folders.environments}/ and {folders.waivers}/ hold no files"
        raise InvalidRequestError(f"nothing to check: {where}", "Go to the project's folder, or give --policy FILE.")
    ring = _check_policies(tree, policies, problems)
    _check_people(tree, names, places, problems)
    sites = tuple(_site(place, policies, problems) for place in places) if policies else ()
    if only is not None:
        policies, waivers = _of_environment(sites, policies, waivers, only)
    _check_waivers(waivers, sites, policies, problems)
    looked = _looked((len(policies), len(places), len(waivers)), before, now)
    if problems:
        return CheckReport(looked=looked, problems=_ordered(problems))
    texts = tuple(PolicyTexts(document) for document in policies)
    for document in waivers:
        _take_in(document, texts, sites)
    subject = Subject(
        policies=texts,
        now=now,
        sites=sites,
        waivers=waivers,
        names=frozenset(names),
        before=None if before is None else earlier(before, folders.policies),
        ring=ring,
    )
    return CheckReport(looked=looked, findings=findings(subject), ids=summaries())


def _policies_and_waivers(
    tree: Tree, folders: Folders, problems: list[Problem]
) -> tuple[tuple[Document, ...], tuple[Document, ...]]:
    policies: tuple[Document, ...] = ()
    waivers: tuple[Document, ...] = ()
    with _noting(problems):
        policies = load_policies(tree, folders.policies)
    with _noting(problems):
        waivers = load_waivers(tree, folders.waivers)
    return policies, waivers


def _check_policies(tree: Tree, policies: Sequence[Document], problems: list[Problem]) -> Ring | None:
    ring = None
    with _noting(problems):
        check_policies(policies)
    with _noting(problems):
        ring = read_trust(tree)
        if ring is not None:
            check_signers(policies, ring)
    return ring


def _check_people(tree: Tree, names: Sequence[str], places: Iterable[Place], problems: list[Problem]) -> None:
    """What would stop every judgement: holds, approvals and deny lists that cannot be used, approvers unknown."""
    with _noting(problems):
        ring = read_trust(tree)
        for place in places:
            with _noting(problems):
                check_approvers(place, ring)
    if not has_people(tree):
        return
    with _noting(problems):
        people = load_people(tree, names)
        for place in places:
            with _noting(problems):
                check_held_artifacts(people.holds, place.environment.metadata.name, [row.name for row, _ in place.rows])


def check_files(files: Sequence[tuple[str, bytes]], now: datetime, before: Before | None = None) -> CheckReport:
    """Check policy files alone; with `before`, against the same paths of that commit."""
    problems: list[Problem] = []
    documents: list[Document] = []
    for label, data in files:
        with _noting(problems):
            documents += load(data, label, frozenset({"Policy"}))
    with _noting(problems):
        check_policies(documents)
    looked = _looked((len(files), 0, 0), before, now)
    if problems:
        return CheckReport(looked=looked, problems=_ordered(problems))
    earlier = None if before is None else read_earlier(before, [document.file for document in documents])
    subject = Subject(policies=tuple(map(PolicyTexts, documents)), now=now, before=earlier)
    return CheckReport(looked=looked, findings=findings(subject), ids=summaries())


def _looked(counts: tuple[int, int, int], before: Before | None, now: datetime) -> Looked:
    policies, environments, waivers = counts
    return Looked(
        policies=policies,
        environments=environments,
        waivers=waivers,
        compared=None if before is None else before.tree.commit,
        checked_at=format_instant(now),
    )


def _names(tree: Tree, folders: Folders) -> tuple[str, ...]:
    files = tree.names(folders.environments)
    return tuple(file.removesuffix(".yaml") for file in files if file.endswith(".yaml"))


def _places(tree: Tree, folders: Folders, names: Iterable[str], problems: list[Problem]) -> tuple[Place, ...]:
    """The environments, and all that they come after."""
    found: dict[str, Place] = {}
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        with _noting(problems):
            place = found[name] = load_environment(tree, folders.environments, name)
            for index, after in enumerate(place.environment.spec.after):
                if after.environment == name or tree.read(f"{folders.environments}/{after.environment}.yaml") is None:
                    problems.append(_bad_after(place.document, index, after.environment, name))
                else:
                    waiting.append(after.environment)
    problems += circles(found)
    return tuple(found.values())


def _bad_after(document: Document, index: int, after: str, name: str) -> Problem:
    at = document.place("spec", "after", index, "environment")
    if after == name:
        return Problem("an environment cannot come after itself", document.file, *at)
    return Problem(f"there is no environment {after!r}", document.file, *at)


def _site(place: Place, policies: tuple[Document, ...], problems: list[Problem]) -> Site:
    rows = []
    made: dict[Use, ReadyPolicy | None] = {}
    for row, origin in place.rows:
        applications: list[Application] = []
        with _noting(problems):
            applications = applications_of(place, row, origin, policies)
        pairs = [(one, ready) for one in applications if (ready := _ready(one, made, problems)) is not None]
        applied, usable = tuple(one for one, _ in pairs), tuple(one for _, one in pairs)
        rows.append(Applied(row=row, origin=origin, applications=applied, ready=usable))
    return Site(place=place, rows=tuple(rows))


def _ready(
    application: Application, made: dict[Use, ReadyPolicy | None], problems: list[Problem]
) -> ReadyPolicy | None:
    """The policy made ready, once for each place that applies it: forty artifacts share the environment's own."""
    key = (id(application.document), id(application.by), application.at)
    if key not in made:
        made[key] = prepare_one(application, (), problems)
    return made[key]


def _of_environment(
    sites: Sequence[Site], policies: tuple[Document, ...], waivers: tuple[Document, ...], name: str
) -> tuple[tuple[Document, ...], tuple[Document, ...]]:
    """The policies that apply there, and the waivers that name it."""
    applied = {id(one.document) for site in sites if site.name == name for row in site.rows for one in row.applications}
    mine = tuple(document for document in waivers if name in document.waiver.spec.environments)
    return tuple(document for document in policies if id(document) in applied), mine


def _check_waivers(
    waivers: Sequence[Document], sites: Sequence[Site], policies: Sequence[Document], problems: list[Problem]
) -> None:
    """The conditions of waivers, checked under the policy that applies; rules that are not there are findings."""
    for document in waivers:
        spec = document.waiver.spec
        for site in sites if spec.only_while is not UNSET else ():
            for row in site.rows if site.name in spec.environments else ():
                fitting = [one.document for one in row.applications if _has_rule(one.document, spec)]
                with _noting(problems):
                    ready_waivers((document,), site.name, policies, fitting, ()) if fitting else None


def _has_rule(document: Document, spec: WaiverSpec) -> bool:
    policy = document.policy
    known = {rule.id for rule in policy.spec.rules} | {f"evidence/{name}" for name in policy.spec.evidence}
    return policy.metadata.name == spec.policy and spec.rule in known


def _take_in(waiver: Document, texts: Sequence[PolicyTexts], sites: Sequence[Site]) -> None:
    """Look at a waiver's condition beside the first policy in force that has its rule, under that policy's names."""
    spec = waiver.waiver.spec
    in_force = [
        id(one.document)
        for site in sites
        if site.name in spec.environments
        for row in site.rows
        for one in row.applications
        if _has_rule(one.document, spec)
    ]
    for one in texts:
        if in_force[:1] == [id(one.document)]:
            one.add_waiver(waiver)


def _ordered(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(dict.fromkeys(problems), key=lambda one: (one.file, one.line, one.column, one.message)))
