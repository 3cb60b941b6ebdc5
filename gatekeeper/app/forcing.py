"""Overrides: who may let through what was not allowed or would have to wait, and what the record then says of it."""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from gatekeeper.app.asked import Forced
from gatekeeper.app.evaluate import Judged
from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.judgement import Waiting
from gatekeeper.model.promoted import Override, Requester
from gatekeeper.policy.trust import Ring

ROLE = "override"


def forced(
    asked: Forced | None, judged: Judged, waiting: tuple[Waiting, ...], requester: Requester | None
) -> tuple[Override | UnsetType, tuple[str, ...]]:
    """The override that the record is to tell of, and what a person should know.

    UNSET where none was asked for, where there is nothing to override, and where nobody may: the deny list stands.
    Raises InvalidRequestError where whoever asks has no role `override` in this environment.
    """
    if asked is None:
        return UNSET, ()
    over = _over(judged, waiting)
    if not over:
        return UNSET, ("there was nothing to override: it is allowed, and waits for nothing",)
    if any(result.rule == "deny-list" and result.result == "fail" for result in judged.report.judgement.results):
        return UNSET, ("nobody can override the deny list; take the digest off it by a reviewed commit",)
    by = _person(judged, requester)
    return Override(by=by, reason=asked.reason, ticket=asked.ticket, over=over), ()


def _over(judged: Judged, waiting: tuple[Waiting, ...]) -> tuple[str, ...]:
    """What is overridden: the rules that stood in the way, and the conditions that were open."""
    judgement = judged.report.judgement
    rules = [
        f"{result.policy}/{result.rule} ({result.result})"
        for result in judgement.results
        if result.enforcement == "deny" and result.result not in {"pass", "skipped"} and result.waived is None
    ]
    verdict = [] if judgement.verdict == "allowed" else rules or [f"verdict ({judgement.verdict})"]
    return tuple(dict.fromkeys([*verdict, *(item.condition for item in waiting)]))


def _person(judged: Judged, requester: Requester | None) -> str:
    assert judged.environment is not None
    where = judged.environment.metadata.name
    if judged.ring is None:
        raise InvalidRequestError("nobody may override: there is no trust.yaml that gives anybody the role `override`")
    if requester is None or requester.name not in judged.ring.people:
        who = "nobody that git or the forge knows" if requester is None else requester.name or requester.login
        raise InvalidRequestError(f"{who} is no person of trust.yaml, so nobody can say whether they may override")
    for who in (requester.name, *requester.also):
        _check_role(judged.ring, who, where)
    return requester.name


def _check_role(ring: Ring, who: str, where: str) -> None:
    """Everyone who had a hand in it needs the role: a token or a job of somebody else's lends nobody their own."""
    if who in ring.owners - ring.people:
        return  # a machine, beside a person
    if who not in ring.people:
        raise InvalidRequestError(
            f"{who} asks for it, too, and is nobody of trust.yaml: nobody can say whether they may override",
            "Name them in trust.yaml, with that login.",
        )
    if not ring.has_role(who, ROLE, where):
        raise InvalidRequestError(f"{who} has no role `{ROLE}` in {where}", "trust.yaml says who has it.")
