"""A merge: pinned, sent until the forge has made up its mind, and looked for where its answer was lost."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from gatekeeper.connect.forges.rest import Api, UnansweredError
from gatekeeper.errors import CannotActError
from gatekeeper.ports import Answered
from gatekeeper.ports.forge import Merged, PullRequest

_DONE = (200, 201)
_REFUSED = (405, 406, 409, 422)
_MOVED = 409
_LATE = 3
"""How often a head that is not the one judged is asked about again: a forge hears of a push after git has taken it."""


class Seen(Struct, frozen=True, kw_only=True):
    """A pull request as it stands; `undecided` while the forge finds out whether it can be merged, `why` it cannot."""

    pull: PullRequest
    undecided: bool = False
    why: str = ""


class Merging(Struct, frozen=True, kw_only=True):
    """How one forge merges: how it is asked to, how the outcome is seen, and what it says before it knows.

    `landed` gives the commit that an answer names itself; `refused` are statuses that refuse beside those of all.
    """

    send: Callable[[], Answered]
    look: Callable[[], Seen]
    not_yet: Callable[[str], bool] = lambda _: False
    landed: Callable[[Answered], str | None] = lambda _: None
    refused: tuple[int, ...] = ()


class _Again(Struct, frozen=True, kw_only=True):
    """Why it is to be tried again; at the end `refused`, where the forge said something, else the fault."""

    fault: CannotActError
    refused: str | None = None


def merge(api: Api, commit: str, merging: Merging) -> Merged:
    """Merge what is at `commit`; what was merged at it before counts as done. Raises CannotActError."""
    again: list[_Again] = []
    moved: list[None] = []

    def attempt() -> Merged | None:
        became = _attempt(api, commit, merging, moved)
        if isinstance(became, Merged):
            return became
        again[:] = [became]
        return None

    done = api.wait_for(attempt, "it does not say yet whether this can be merged; asking again")
    if done is not None:
        return done
    if again[0].refused is not None:
        return Merged(refused=again[0].refused)
    raise again[0].fault


def _attempt(api: Api, commit: str, merging: Merging, moved: list[None]) -> Merged | _Again:
    try:
        answer = merging.send()
    except UnansweredError as fault:
        return _as_merged(merging.look().pull, commit) or _Again(fault=fault)
    landed = merging.landed(answer) if answer.status in _DONE else None
    if landed is not None:
        return Merged(commit=landed)
    seen = merging.look()
    if (done := _as_merged(seen.pull, commit)) is not None:
        return done
    if answer.status in _DONE:
        unseen = CannotActError(
            f"{api.host} took the merge of {seen.pull.number}, but does not show it as merged ({seen.why or '?'})",
            "Look at it there before anything else.",
        )
        return _Again(fault=unseen)
    if answer.status == _MOVED:
        moved.append(None)
    return _refused(api, answer, seen, merging, late=answer.status == _MOVED and len(moved) <= _LATE)


def _refused(api: Api, answer: Answered, seen: Seen, merging: Merging, *, late: bool) -> Merged | _Again:
    fault = api.refusal(answer, f"merge {seen.pull.number}")
    if answer.status not in (*_REFUSED, *merging.refused) and seen.pull.state == "open":
        raise fault
    words = "; ".join(part for part in (api.words(answer), seen.why) if part)
    if seen.pull.state != "open":
        return Merged(refused=f"it is {seen.pull.state} ({words})")
    if seen.undecided or late or merging.not_yet(words):
        return _Again(fault=fault, refused=words)
    return Merged(refused=words)


def _as_merged(pull: PullRequest, commit: str) -> Merged | None:
    if pull.state != "merged" or not pull.merged_as:
        return None
    if pull.commit != commit:
        return Merged(refused=f"it was merged at another commit, {pull.commit[:12]}")
    return Merged(commit=pull.merged_as)
