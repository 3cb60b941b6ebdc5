"""Which approvals count for a promotion, and for whose yes it still waits.

A quorum is of different people, none of whom asks. An approval is of one digest, in one environment, under the texts of
the policies that are in force; when any of these is another, it says nothing. Where the trust file does not know who
asks, nobody can say that it is not the approver under another login: then only those count who have a login of their
own there, and those whose key has signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from gatekeeper.model.conditions import Approvals, Level
from gatekeeper.model.instants import parse_instant
from gatekeeper.model.judgement import Waiting
from gatekeeper.model.people import ApprovalSpec
from gatekeeper.model.promoted import ApprovedBy, Requester
from gatekeeper.policy.trust import EMAIL, Ring
from gatekeeper.promotion.requester import is_requester, unknown_systems

ROLE = "approve"
LEVELS: tuple[Level, ...] = ("asserted", "reviewed", "signed")
"""From what proves least to what proves most; a higher level satisfies a lower one."""

_SHOWN = 10


class Given(Struct, frozen=True, kw_only=True):
    """One person's yes. `by` is a name of the trust file; `source` a file's digest, or a review's address.

    `fault` says why it cannot be believed, such as a signature beside it that is not the approver's; empty where it
    can. `file` is what messages call it. `spec` is what the file says; None for a review of the promotion itself, which
    is of exactly this.
    """

    by: str
    level: Level
    source: str
    file: str
    spec: ApprovalSpec | None = None
    fault: str = ""


class Wanted(Struct, frozen=True, kw_only=True):
    """What is to be approved: an artifact's digest in an environment, under policies by name and digest."""

    environment: str
    artifact: str
    digest: str
    policies: Mapping[str, str]
    now: datetime
    requester: Requester | None = None
    ring: Ring | None = None


class Approved(Struct, frozen=True, kw_only=True):
    """The approvals that count, each person's best one; what is waited for; and why others do not count."""

    counted: tuple[ApprovedBy, ...] = ()
    waiting: Waiting | None = None
    refused: tuple[str, ...] = ()


def find_approvals(terms: Approvals, wanted: Wanted, given: Iterable[Given]) -> Approved:
    """What the approvals come to under an environment's terms. In whatever order they are given, it is the same."""
    counted, refused = counting(wanted, given, among=frozenset(terms.from_), level=terms.level)
    if len(counted) >= terms.count:
        return Approved(counted=counted, refused=refused)
    return Approved(counted=counted, refused=refused, waiting=_waiting(terms, wanted, counted, refused))


def counting(
    wanted: Wanted, given: Iterable[Given], *, among: frozenset[str] = frozenset(), level: Level = "asserted"
) -> tuple[tuple[ApprovedBy, ...], tuple[str, ...]]:
    """The approvals that count, by person, and the reasons of those that do not; `among` nobody means everybody."""
    best, refused = best_of(wanted, given, among=among, level=level)
    return tuple(ApprovedBy(by=one.by, level=one.level, source=one.source) for one in best.values()), refused


def best_of(
    wanted: Wanted, given: Iterable[Given], *, among: frozenset[str] = frozenset(), level: Level = "asserted"
) -> tuple[dict[str, Given], tuple[str, ...]]:
    """By person, in the order of their names, the best of their approvals that count; and why others do not."""
    best: dict[str, Given] = {}
    refused: list[str] = []
    for one in sorted(given, key=lambda one: (one.file, one.by, one.source)):
        if one.spec is not None and (one.spec.environment, one.spec.artifact) != (wanted.environment, wanted.artifact):
            continue
        fault = one.fault or _fault(one, wanted, among, level)
        if fault:
            refused.append(f"{one.file} by {one.by}: {fault}")
        elif one.by not in best or _rank(one.level) > _rank(best[one.by].level):
            best[one.by] = one
    return dict(sorted(best.items())), tuple(sorted(dict.fromkeys(refused)))


def _fault(one: Given, wanted: Wanted, among: frozenset[str], level: Level) -> str:
    """Why an approval does not count; empty where it does."""
    bound = "" if one.spec is None else bound_fault(one.spec, wanted)
    return bound or person_fault(one.by, wanted, among) or _level_fault(one, wanted, level)


def bound_fault(spec: ApprovalSpec, wanted: Wanted) -> str:
    """Why a file is not of this digest, these policies and this time; empty where it is."""
    if spec.digest != wanted.digest:
        return f"it is of {spec.digest}"
    if wanted.now >= parse_instant(spec.expires):
        return f"it expired at {spec.expires}"
    if wanted.now < parse_instant(spec.granted):
        return f"it counts from {spec.granted}"
    changed = sorted(
        name for name in {*spec.policies, *wanted.policies} if spec.policies.get(name) != wanted.policies.get(name)
    )
    return f"it was given under another text of {', '.join(changed)}" if changed else ""


def person_fault(by: str, wanted: Wanted, among: frozenset[str] = frozenset()) -> str:
    """Why a person may not approve this; empty where they may."""
    ring = wanted.ring
    if ring is None:
        return "no trust.yaml says who may approve"
    if by not in ring.people:
        return f"{by} is a machine, and machines approve nothing" if by in ring.owners else f"{ring.file} knows no {by}"
    if not ring.has_role(by, ROLE, wanted.environment):
        return f"{by} has no role `{ROLE}` in {wanted.environment}"
    if among and by not in among:
        return f"{by} is not one of {', '.join(sorted(among))}"
    return f"{by} asks for it, and nobody approves what they ask for" if is_requester(by, wanted.requester) else ""


def _level_fault(one: Given, wanted: Wanted, level: Level) -> str:
    if _rank(one.level) < _rank(level):
        return f"it is {one.level}, and {level} is asked for"
    return "" if one.level == "signed" else _maybe_requester(one.by, wanted)


def _maybe_requester(by: str, wanted: Wanted) -> str:
    """Whether the approver may be the one who asks, under a login that the trust file does not know."""
    requester, ring = wanted.requester, wanted.ring
    assert ring is not None
    for system in unknown_systems(requester):
        if not system:
            return f"nobody says who asks, and it may be {by}; a signed one counts"
        if not ring.is_known_at(by, system):
            what = "e-mail" if system == EMAIL else f"{system} login"
            known = f"{ring.file} knows neither who asks nor the {what} of {by}"
            return f"{known}, and they may be the same; a signed one counts"
    return ""


def _rank(level: Level) -> int:
    return LEVELS.index(level)


def _waiting(terms: Approvals, wanted: Wanted, counted: Sequence[ApprovedBy], refused: Sequence[str]) -> Waiting:
    """For whose yes, and what they run."""
    kind = "" if terms.level == "asserted" else f"{terms.level} "
    head = f"{len(counted)} of {terms.count} {kind}approval{'' if terms.count == 1 else 's'}"
    by = f" by {', '.join(one.by for one in counted)}" if counted else ""
    parts = [f"{head}{by}; {_who(terms, wanted, counted)}", *(f"not counted: {one}" for one in refused[:_SHOWN])]
    more = [f"{len(refused) - _SHOWN} more do not count"] if len(refused) > _SHOWN else []
    return Waiting(condition="approval", message="; ".join([*parts, *more]))


def _who(terms: Approvals, wanted: Wanted, counted: Sequence[ApprovedBy]) -> str:
    done = {one.by for one in counted}
    able = [by for by in may_approve(wanted, frozenset(terms.from_)) if by not in done]
    if wanted.ring is None:
        return "no trust.yaml says who may approve"
    if len(able) + len(done) < terms.count:
        others = f" but {', '.join(able)}" if able else ""
        return f"nobody else may approve{others}: give the role `{ROLE}` to more people in {wanted.ring.file}"
    key = " --key KEY" if terms.level == "signed" else ""
    command = (
        f"gatekeeper approve --env {wanted.environment} --artifact {wanted.artifact} --digest {wanted.digest}{key}"
    )
    return f"{', '.join(able)} may approve, with `{command}`"


def may_approve(wanted: Wanted, among: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """The people who may approve this, by name."""
    people = () if wanted.ring is None else sorted(wanted.ring.people)
    return tuple(by for by in people if not person_fault(by, wanted, among))
