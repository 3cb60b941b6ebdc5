"""Who asks for a promotion, out of what the forge, the CI system and git say of them.

Everyone who had a hand in a request counts as asking: the owner of the token, who started the job, who ran it again.
The strongest word is the recorded one, a person's before a machine's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from gatekeeper.model.promoted import Requester
from gatekeeper.policy.trust import EMAIL, Ring

Vouched = Literal["forge", "ci", "git"]
_ORDER: tuple[Vouched, ...] = ("forge", "ci", "git")

NOBODY = Requester(login="", vouched="git", system="")
"""Who asks for a promotion where nobody says: it may be any of the approvers."""


class Claim(Struct, frozen=True, kw_only=True):
    """Somebody who asks: a login of a forge or CI system, or an e-mail where `system` is `email`, and who says so."""

    vouched: Vouched
    system: str
    login: str


def requester_of(claims: Sequence[Claim], ring: Ring | None) -> Requester | None:
    """Who asks; None without any claim.

    What git says counts only where nobody else says anything: anyone can set it, and in a job it is the job's.
    """
    ranked = sorted(claims, key=lambda claim: _ORDER.index(claim.vouched))
    told = [claim for claim in ranked if claim.vouched != "git"] or ranked
    known = [_requester(claim, ring) for claim in told]
    if not known:
        return None
    people = [one for one in known if ring is not None and one.name in ring.people]
    first = people[0] if people else known[0]
    others = dict.fromkeys(_called(one) for one in known if _called(one) != _called(first))
    return replace(first, also=tuple(others))


def _requester(claim: Claim, ring: Ring | None) -> Requester:
    name = None if ring is None else ring.owner_of(claim.system, claim.login) or _by_email(claim, ring)
    return Requester(login=claim.login, vouched=claim.vouched, name=name, system=claim.system)


def _by_email(claim: Claim, ring: Ring) -> str | None:
    """Some CI systems name people by e-mail."""
    return ring.owner_of(EMAIL, claim.login) if "@" in claim.login else None


def _called(one: Requester) -> str:
    return one.name or f"{one.system}:{one.login}"


def joined(one: Requester | None, others: Iterable[Requester]) -> Requester | None:
    """All who ask, as one: those who asked before for what is adopted now ask for it, too."""
    for other in others:
        names = (_called(other), *other.also)
        one = other if one is None else replace(one, also=tuple(dict.fromkeys([*one.also, *names])))
    return one


def is_requester(name: str, requester: Requester | None) -> bool:
    """Whether a person of the trust file is one of those who ask."""
    return requester is not None and (name == requester.name or name in requester.also)


def unknown_systems(requester: Requester | None) -> tuple[str, ...]:
    """The systems at which somebody asks whom the trust file does not know there."""
    if requester is None:
        return ()
    first = [] if requester.name is not None else [requester.system or ""]
    return tuple(dict.fromkeys([*first, *(one.partition(":")[0] for one in requester.also if ":" in one)]))
