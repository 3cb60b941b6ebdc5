"""Judging: load what applies from a tree, make it ready, judge the case, and name the decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec import UNSET, Struct

from gatekeeper.errors import InvalidFileError, InvalidRequestError, Problem
from gatekeeper.judge.cel import Engine
from gatekeeper.judge.judge import Case, judge
from gatekeeper.judge.prepare import Application, check_policies, prepare
from gatekeeper.model.evidence import Envelope
from gatekeeper.model.facts import SUPPLIED
from gatekeeper.model.judgement import EngineUsed, Judgement, Report
from gatekeeper.model.project import Folders
from gatekeeper.policy.documents import Document, load
from gatekeeper.records.decision import decision_id

if TYPE_CHECKING:
    from gatekeeper.app.people import Said
    from gatekeeper.judge.waiving import Bench
    from gatekeeper.model.artifact import Artifact
    from gatekeeper.model.environment import ArtifactRow, Environment
    from gatekeeper.model.judgement import Result
    from gatekeeper.model.promoted import Requester
    from gatekeeper.policy.library import Place
    from gatekeeper.policy.trust import Ring
    from gatekeeper.ports import Tree
    from gatekeeper.promotion.reviews import Brought


class Request(Struct, frozen=True, kw_only=True):
    """What is to be judged: under an environment, or under policy files alone.

    `trust` is a trust file's name and bytes for policy files alone; an environment's is that of its tree. `notes` are
    for people, and decide nothing. Where it is known who asks, their own approval is no evidence. `brought` are the
    merged pull requests by which files came to the tree, as far as a forge was asked. `others` are the digests of what
    is promoted along with this: evidence about those alone is not offered to it.
    """

    artifact: Artifact | None
    envelopes: tuple[Envelope, ...]
    now: datetime
    engines: tuple[Engine, ...]
    environment: str | None = None
    policy_files: tuple[tuple[str, bytes], ...] = ()
    folders: Folders = Folders()
    trust: tuple[str, bytes] | None = None
    notes: tuple[str, ...] = ()
    requester: Requester | None = None
    brought: Mapping[str, Sequence[Brought]] = {}
    others: frozenset[str] = frozenset()


class Judged(Struct, frozen=True, kw_only=True):
    """A judgement's report, and what it was made for and from: the environment and row, the evidence as it was opened.

    `ring` is the trust file that it was judged by, `policies` all of the tree; `handed` is the decision whose recorded
    facts were judged again; `said` what people have said in files of the tree, where there are any. `left` says why
    others of the same promotion, by name, could not be judged at all.
    """

    report: Report
    environment: Environment | None = None
    row: ArtifactRow | None = None
    before: tuple[Environment, ...] = ()
    envelopes: tuple[Envelope, ...] = ()
    ring: Ring | None = None
    policies: tuple[Document, ...] = ()
    handed: str | None = None
    said: Said | None = None
    left: dict[str, str] = {}


def evaluate(tree: Tree | None, request: Request) -> Judged:
    """Judge. Raises InvalidFileError or InvalidRequestError where something is wrong before anything is judged."""
    # Approvals are those of the tree that judges, never brought along: not in a file, not from another environment.
    believed = tuple(envelope for envelope in request.envelopes if envelope.kind not in SUPPLIED)
    request = msgspec.structs.replace(request, envelopes=believed)
    if request.environment is not None and tree is not None:
        return _under_environment(tree, request, request.environment)
    documents = _policy_files(request)
    applications = [Application(document=document, enforcement="deny") for document in documents]
    request, ring = trusted(request, documents, None)
    report = _report(request, applications, None, None, ring)
    places = {document.policy.metadata.name: document.file for document in documents}
    return Judged(report=msgspec.structs.replace(report, places=places))


def _under_environment(tree: Tree, request: Request, name: str) -> Judged:
    # Only here: a judgement by policy files alone does not wait for the types of environments and waivers.
    from gatekeeper.app.applied import applications_of, load_applied, named, row_of
    from gatekeeper.judge.waivers import Scope
    from gatekeeper.judge.waiving import Bench, ready_waivers
    from gatekeeper.policy.library import load_waivers

    place, before, policies = load_applied(tree, request.folders, name)
    row, origin = row_of(place, request.artifact)
    artifact = named(request.artifact, row)
    applications = applications_of(place, row, origin, policies)
    applying = {id(application.document) for application in applications}
    check_policies([document for document in policies if id(document) not in applying])
    documents = load_waivers(tree, request.folders.waivers)
    waivers = ready_waivers(
        documents,
        name,
        policies,
        tuple(application.document for application in applications),
        request.engines,
    )
    applied = frozenset(application.document.policy.metadata.name for application in applications)
    case_request, ring = trusted(msgspec.structs.replace(request, artifact=artifact), policies, tree)
    case_request = _offered(case_request)
    said = _said(tree, case_request, place, ring)
    case_request = _with_approvals(case_request, applications, row, said, ring)
    scope = Scope(
        environment=name,
        terms=place.environment.spec.waivers,
        digest=artifact.digest,
        now=request.now,
        vouching=_vouching(tree, request, place, documents, ring),
    )
    further = () if said is None else _denial(said, artifact)
    report = _report(case_request, applications, Bench(waivers, scope, applied), tree, ring, further)
    return Judged(
        report=report,
        environment=place.environment,
        row=row,
        before=before,
        envelopes=case_request.envelopes,
        ring=ring,
        policies=policies,
        said=said,
    )


def _offered(request: Request) -> Request:
    """The request without evidence that is about other artifacts of the same promotion, and not about this one."""
    if not request.others:
        return request
    own = _identities(request.artifact)
    kept = tuple(
        one
        for one in request.envelopes
        if not request.others.intersection(one.subjects) or own.intersection(one.subjects)
    )
    return msgspec.structs.replace(request, envelopes=kept)


def _identities(artifact: Artifact | None) -> frozenset[str]:
    """The digests by which evidence can be about an artifact."""
    model = None if artifact is None or artifact.model is None else artifact.model.digest
    digests = (None if artifact is None else artifact.digest, None if model is UNSET else model)
    return frozenset(digest for digest in digests if digest is not None)


def identities(requests: Sequence[Request], but: Request) -> frozenset[str]:
    """The digests of all artifacts that are promoted along with one."""
    found = (_identities(other.artifact) for other in requests if other is not but)
    return frozenset().union(*found) - _identities(but.artifact)


def _said(tree: Tree, request: Request, place: Place, ring: Ring | None) -> Said | None:
    """What people have said in the tree; None where they have said nothing, as in most trees."""
    from gatekeeper.policy.library import has_people

    if place.environment.spec.approvals is not UNSET:
        from gatekeeper.app.people import check_approvers

        check_approvers(place, ring)
    if not has_people(tree):
        return None
    from gatekeeper.app.people import read_said

    return read_said(tree, request.folders.environments, place, ring, request.now, request.brought)


def _with_approvals(
    request: Request, applications: Sequence[Application], row: ArtifactRow, said: Said | None, ring: Ring | None
) -> Request:
    """The request with the approvals of this very tree as evidence, where a policy asks for them."""
    asked = any(
        requirement.kind == "approval"
        for application in applications
        for requirement in application.document.policy.spec.evidence.values()
    )
    if not asked:
        return request
    from gatekeeper.app.people import approval_evidence
    from gatekeeper.promotion.approvals import Wanted

    assert request.environment is not None
    wanted = Wanted(
        environment=request.environment,
        artifact=row.name,
        digest=(request.artifact.digest if request.artifact else None) or "",
        policies={one.document.policy.metadata.name: one.document.digest for one in applications},
        now=request.now,
        requester=request.requester,
        ring=ring,
    )
    return msgspec.structs.replace(request, envelopes=(*request.envelopes, approval_evidence(said, wanted)))


def _denial(said: Said, artifact: Artifact) -> tuple[Result, ...]:
    from gatekeeper.promotion.denial import denial

    return denial(said.denied, artifact)


def _vouching(
    tree: Tree, request: Request, place: Place, waivers: Sequence[Document], ring: Ring | None
) -> dict[str, str]:
    """What vouches for each waiver. Without any there is nothing to look at."""
    if not waivers:
        return {}
    from gatekeeper.app.vouching import Vouching, waiver_faults

    spec = place.environment.spec
    around = Vouching(
        tree=tree, environment=place.environment.metadata.name, terms=spec.waivers, ring=ring, now=request.now
    )
    return waiver_faults(around, waivers, request.brought)


def trusted(request: Request, documents: Sequence[Document], tree: Tree | None) -> tuple[Request, Ring | None]:
    """The trust file, the tree's or without one the request's, and the request with its signed evidence verified by it.

    Raises InvalidFileError for a trust file that is none, and for policies that name a signer whom it does not know.
    """
    ring = _ring(request, tree)
    if ring is not None:
        from gatekeeper.policy.trust import check_signers

        check_signers(documents, ring)
    if all(envelope.sealed is None and envelope.recorded is None for envelope in request.envelopes):
        return request, ring
    from gatekeeper.records.unseal import recall, unseal  # cryptography is loaded only where something is signed

    opened = tuple(recall(unseal(envelope, ring, request.now), ring, request.now) for envelope in request.envelopes)
    return msgspec.structs.replace(request, envelopes=opened), ring


def _ring(request: Request, tree: Tree | None) -> Ring | None:
    if tree is None and request.trust is None:
        return None
    from gatekeeper.policy.trust import load_trust, read_trust  # its types are built only where there is a file

    if tree is not None:
        return read_trust(tree)
    assert request.trust is not None
    return load_trust(request.trust[1], request.trust[0])


def _policy_files(request: Request) -> list[Document]:
    """The policies given as files; one name twice is a problem, as no result could say which of them it is of."""
    documents: list[Document] = []
    problems: list[Problem] = []
    names: dict[str, str] = {}
    for label, data in request.policy_files:
        try:
            document = load(data, label, frozenset({"Policy"}))[0]
        except InvalidFileError as fault:
            problems += fault.problems
            continue
        name = document.policy.metadata.name
        if name in names:
            place = document.place("metadata", "name")
            problems.append(Problem(f"policy {name!r} is also in {names[name]}", label, *place))
        names[name] = label
        documents.append(document)
    if problems:
        raise InvalidFileError(problems)
    # In whatever order they were given, the judgement is the same.
    return sorted(documents, key=lambda document: document.policy.metadata.name)


def _report(
    request: Request,
    applications: list[Application],
    bench: Bench | None,
    tree: Tree | None,
    ring: Ring | None,
    further: tuple[Result, ...] = (),
) -> Report:
    ready = prepare(applications, request.engines)
    if tree is None:
        # Where the file lay, seen from some folder, is no part of the judgement; the report still tells it.
        ready = tuple(msgspec.structs.replace(policy, file=policy.file.rpartition("/")[2]) for policy in ready)
    check_names(request.envelopes, applications)
    case = Case(
        artifact=request.artifact,
        environment=request.environment,
        envelopes=request.envelopes,
        now=request.now,
        signers=ring,
        trust=None if ring is None else ring.digest,
        further=further,
    )
    judgement = judge(ready, request.engines, case, bench)
    first = request.engines[0]
    return Report(
        decision=decision_id(judgement),
        judgement=judgement,
        engine=EngineUsed(name=first.name, version=first.version, cross_checked=len(request.engines) > 1),
        sources=_sources(judgement, request.envelopes),
        unused=_unused(judgement, request.envelopes),
        root=None if tree is None else tree.commit or "working tree",
    )


def check_names(envelopes: Sequence[Envelope], applications: Sequence[Application]) -> None:
    """Refuse evidence whose name no policy declares: a typo, found before anything is judged.

    Recorded evidence was named for other policies, and is no typo.
    """
    declared: set[str] = set()
    for application in applications:
        declared.update(application.document.policy.spec.evidence)
    for envelope in envelopes:
        if envelope.name is not None and envelope.recorded is None and envelope.name not in declared:
            from gatekeeper.policy.near import near

            hint = near(envelope.name, declared) or f"Evidence they declare: {', '.join(sorted(declared)) or 'none'}."
            raise InvalidRequestError(f"no policy declares evidence named {envelope.name!r}", hint)


def _sources(judgement: Judgement, envelopes: tuple[Envelope, ...]) -> tuple[str, ...]:
    by_digest = {envelope.digest: envelope.source for envelope in reversed(envelopes)}
    by_name = {(envelope.name, envelope.digest): envelope.source for envelope in reversed(envelopes)}
    return tuple(by_name.get((one.name, one.digest), by_digest[one.digest]) for one in judgement.evidence)


def _unused(judgement: Judgement, envelopes: tuple[Envelope, ...]) -> tuple[str, ...]:
    used = {evidence.digest for evidence in judgement.evidence}
    given = (envelope for envelope in envelopes if envelope.recorded is None)
    return tuple(sorted(envelope.source for envelope in given if envelope.digest not in used))
