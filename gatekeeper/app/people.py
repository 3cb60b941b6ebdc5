"""What people have said about a promotion: holds, the deny list, and approvals with what vouches for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import UNSET, Struct
from msgspec.structs import replace

from gatekeeper.errors import InvalidFileError, Problem
from gatekeeper.model.conditions import Level
from gatekeeper.model.digests import sha256_of
from gatekeeper.model.environment import Environment
from gatekeeper.model.evidence import Envelope, Producer
from gatekeeper.model.instants import format_instant
from gatekeeper.model.judgement import Judgement, Waiting
from gatekeeper.model.people import Hold
from gatekeeper.model.promoted import ApprovedBy, Requester
from gatekeeper.policy.documents import Document
from gatekeeper.policy.library import Place
from gatekeeper.policy.near import near
from gatekeeper.policy.people import (
    APPROVALS,
    SIGNATURE,
    People,
    approval_of,
    check_held_artifacts,
    hold_of,
    load_people,
)
from gatekeeper.policy.trust import Ring
from gatekeeper.ports import Tree
from gatekeeper.promotion.approvals import Given, Wanted, best_of, find_approvals
from gatekeeper.promotion.holds import standing_holds
from gatekeeper.promotion.requester import NOBODY
from gatekeeper.promotion.reviews import Brought, vouched_by_forge
from gatekeeper.records.canonical import canonical

Brings = Mapping[str, Sequence[Brought]]
"""By a file's path, the merged pull requests by which it came to the branch as it is."""


class Said(Struct, frozen=True, kw_only=True):
    """What people have said that bears on one environment: deny lists, holds, and approvals as far as believed."""

    denied: tuple[Document, ...] = ()
    holds: tuple[Hold, ...] = ()
    approvals: tuple[Given, ...] = ()


def read_said(tree: Tree, folder: str, place: Place, ring: Ring | None, now: datetime, brought: Brings) -> Said:
    """All of it, from the tree. `folder` holds the environments. Raises InvalidFileError with the problems found."""
    names = tuple(file.removesuffix(".yaml") for file in tree.names(folder) if file.endswith(".yaml"))
    people = load_people(tree, names)
    here = place.environment.metadata.name
    check_held_artifacts(people.holds, here, [row.name for row, _ in place.rows])
    return Said(
        denied=people.denied,
        holds=tuple(map(hold_of, people.holds)),
        approvals=_given(tree, people, here, ring, now, brought),
    )


def _given(
    tree: Tree, people: People, environment: str, ring: Ring | None, now: datetime, brought: Brings
) -> tuple[Given, ...]:
    here = [one for one in people.approvals if approval_of(one).spec.environment == environment]
    return tuple(_approval(tree, people.data[one.file], one, ring, now, brought) for one in here)


def _approval(tree: Tree, data: bytes, document: Document, ring: Ring | None, now: datetime, brought: Brings) -> Given:
    """At the highest level that something vouches for. A signature that is there must be the approver's and hold."""
    spec, file = approval_of(document).spec, document.file
    envelope = tree.read(f"{file}{SIGNATURE}")
    level: Level = "asserted"
    fault = ""
    if envelope is not None:
        level, fault = "signed", _signature_fault(spec.by, data, envelope, ring, now)
    elif file in brought and not vouched_by_forge(spec.by, brought[file], ring):
        level = "reviewed"
    return Given(by=spec.by, level=level, source=document.digest, file=file, spec=spec, fault=fault)


def _signature_fault(by: str, data: bytes, envelope: bytes, ring: Ring | None, now: datetime) -> str:
    from gatekeeper.records.signed_file import owners_of  # cryptography is loaded only where something is signed

    owners = owners_of("Approval", data, envelope, ring, now)
    if by in owners.names:
        return ""
    return owners.fault or f"it is signed by {', '.join(sorted(owners.names))}, not by {by}"


def check_approvers(place: Place, ring: Ring | None) -> None:
    """A name in `approvals.from` that the trust file does not know is a typo. Raises InvalidFileError."""
    terms = place.environment.spec.approvals
    if terms is UNSET or ring is None:
        return
    problems = []
    for index, name in enumerate(terms.from_):
        if name not in ring.people:
            hint = near(name, ring.people) or f"{ring.file} has {', '.join(sorted(ring.people)) or 'none'}."
            at = place.document.place("spec", "approvals", "from", index)
            problems.append(Problem(f"there is no person {name!r} in {ring.file}", place.document.file, *at, hint))
    if problems:
        raise InvalidFileError(problems)


def approval_evidence(said: Said | None, wanted: Wanted) -> Envelope:
    """The approvals that count, as evidence about the artifact; not evaluated where it has no digest to approve."""
    empty = Envelope(name=None, kind="approval", producer=Producer(name=APPROVALS), source=APPROVALS, digest=None)
    if not wanted.digest:
        reason = "approvals are of a digest, and the artifact has none"
        return replace(empty, status="not_evaluated", reason=reason)
    best, _ = best_of(wanted, () if said is None else said.approvals)
    approvals = {
        by: {"level": one.level, "granted": one.spec.granted, "expires": one.spec.expires}
        for by, one in best.items()
        if one.spec is not None
    }
    facts = {"approvals": approvals}
    return replace(
        empty,
        digest=sha256_of(canonical(facts)),
        subjects=(wanted.digest,),
        produced_at=format_instant(wanted.now),
        counts={"approvals": len(approvals)},
        facts=facts,
    )


class Conditions(Struct, frozen=True, kw_only=True):
    """What people's files come to for one promotion: the approvals that count, what is waited for, and what is not
    counted and why.
    """

    approvals: tuple[ApprovedBy, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    notes: tuple[str, ...] = ()


def people_conditions(
    said: Said,
    environment: Environment,
    judgement: Judgement,
    ring: Ring | None,
    requester: Requester | None,
    now: datetime,
    reviews: Iterable[Given] = (),
) -> Conditions:
    """The holds that stand and the approvals that an environment asks for, of the artifact that was judged.

    `reviews` are approvals that the forge knows of the proposed commit.
    """
    name, artifact = environment.metadata.name, judgement.artifact
    assert artifact is not None
    assert artifact.name is not None
    holds = standing_holds(said.holds, name, artifact.name, now)
    terms = environment.spec.approvals
    if terms is UNSET:
        return Conditions(waiting=holds)
    wanted = Wanted(
        environment=name,
        artifact=artifact.name,
        digest=artifact.digest or "",
        policies={policy.name: policy.digest for policy in judgement.policies},
        now=now,
        requester=requester or NOBODY,
        ring=ring,
    )
    found = find_approvals(terms, wanted, (*said.approvals, *reviews))
    waiting = () if found.waiting is None else (found.waiting,)
    return Conditions(approvals=found.counted, waiting=(*holds, *waiting), notes=found.refused)
