"""What a record says of a promotion beside its judgement; one that contradicts itself proves nothing."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import UNSET

from gatekeeper.model.digests import is_sha256
from gatekeeper.model.instants import parse_instant
from gatekeeper.model.judgement import Judgement
from gatekeeper.model.promoted import Promoted
from gatekeeper.records.place import is_record_instant

MAX_TEXT = 4000


def contradiction(decision: str, judgement: Judgement, promotion: Promoted) -> str:
    """Why such a promotion cannot be of this judgement; empty where it can."""
    faults = (
        *_of_subject(judgement),
        *_of_time(judgement, promotion),
        *_of_verdict(judgement, promotion),
        *_of_override(promotion),
        *_of_people(promotion),
        *_of_decisions(decision, promotion),
    )
    return next(iter(faults), "")


def _of_subject(judgement: Judgement) -> Iterator[str]:
    artifact = judgement.artifact
    if judgement.environment is None:
        yield "a promotion to no environment"
    if artifact is None or artifact.name is None or artifact.digest is None:
        yield "a promotion of no artifact with a name and a digest"


def _of_time(judgement: Judgement, promotion: Promoted) -> Iterator[str]:
    if not is_record_instant(promotion.at):
        yield "its promotion has no instant in UTC"
        return
    try:
        later = parse_instant(promotion.at) - parse_instant(judgement.judged_at)
    except ValueError:
        yield "its promotion or its judgement was at a time that does not exist"
        return
    if later.total_seconds() < 0:
        yield f"promoted at {promotion.at}, before it was judged"
    if later.total_seconds() == 0 and promotion.rollback is not UNSET:
        yield "a rollback at the very time at which its decision was made"


def _of_verdict(judgement: Judgement, promotion: Promoted) -> Iterator[str]:
    if judgement.verdict != "allowed" and promotion.override is UNSET:
        yield f"a promotion of what is {judgement.verdict}, and nobody overrode it"


def _of_override(promotion: Promoted) -> Iterator[str]:
    if promotion.override is UNSET:
        return
    override = promotion.override
    if not all(map(_is_said, (override.by, override.reason, override.ticket))):
        yield "an override by nobody, for no reason or on no ticket"
    if not override.over or not all(map(_is_said, override.over)):
        yield "an override of nothing"


def _of_people(promotion: Promoted) -> Iterator[str]:
    requester = promotion.requester
    if requester is not None and not _is_said(requester.login):
        yield "it was asked for by nobody"
    if promotion.rollback is not UNSET and not _is_said(promotion.rollback.reason):
        yield "a rollback for no reason"
    for approval in promotion.approvals:
        if not _is_said(approval.by) or not _is_said(approval.source):
            yield "an approval by nobody, or found nowhere"
        if requester is not None and approval.by in {requester.name or requester.login, *requester.also}:
            yield "whoever asked for it approved it too"


def _of_decisions(decision: str, promotion: Promoted) -> Iterator[str]:
    left = None if promotion.rollback is UNSET else promotion.rollback.left
    handed = None if promotion.handed is UNSET else promotion.handed
    if any(other is not None and not is_sha256(other) for other in (left, handed)):
        yield "it names another decision by something that is no id"
    if handed == decision:
        yield "it was handed over from itself"


def _is_said(text: str) -> bool:
    return bool(text.strip()) and len(text) <= MAX_TEXT
