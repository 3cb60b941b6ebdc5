"""What is to be promoted, and its judgement at one look: given, or handed over by another environment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from gatekeeper.app.ahead import fetch_handed
from gatekeeper.app.evaluate import Judged, Request, evaluate
from gatekeeper.app.look import Look
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.model.project import Folders
from gatekeeper.policy.library import Place, load_environment
from gatekeeper.records.place import record_folder


class Candidate(Struct, frozen=True, kw_only=True):
    """One artifact to be promoted. `named` is the row that is meant, where the artifact is handed over."""

    request: Request
    named: str | None = None


class Candidates(Struct, frozen=True, kw_only=True):
    """What is to be promoted. `origin` is the environment that hands it over; `every` means all that stands there."""

    environment: str
    single: tuple[Candidate, ...]
    origin: str | None = None
    every: bool = False


def judge_all(look: Look, candidates: Candidates, place: Place, around: dict[str, Any]) -> tuple[Judged, ...]:
    """The judgement of each; `around` is what every request has in common at this look.

    Of all that stands somewhere, what cannot be handed over is left behind with its reason, and the others go on.
    Raises what judging and handing over raise.
    """
    if not candidates.every:
        _fetch_several(look, candidates, place, around["folders"])
        found = tuple(
            _judged(look, replace(one.request, **around), candidates.origin, one.named) for one in candidates.single
        )
        _check_once(found)
        return found
    return _every(look, candidates, place, replace(candidates.single[0].request, **around))


def _fetch_several(look: Look, candidates: Candidates, place: Place, folders: Folders) -> None:
    """Several that are handed over by name are fetched together."""
    named = [one.named for one in candidates.single if one.named is not None]
    if candidates.origin is None or len(named) < 2:
        return
    environment = load_environment(look.home.tip, folders.environments, candidates.origin).environment
    fetch_handed(look, environment, [row.name for row, _ in place.rows if row.name in named])


def _check_once(found: Iterable[Judged]) -> None:
    """One row cannot hold two artifacts, and one that is given twice would be promoted twice."""
    seen: set[str] = set()
    for judged in found:
        assert judged.row is not None
        if judged.row.name in seen:
            raise InvalidRequestError(f"{judged.row.name} is given more than once", "Give each artifact once.")
        seen.add(judged.row.name)


def _judged(look: Look, request: Request, origin: str | None, named: str | None) -> Judged:
    if origin is None:
        return evaluate(look.home.tip, request)
    from gatekeeper.app.handed import hand_over  # most promotions bring their own evidence

    request, decision = hand_over(look, request, origin, named)
    return replace(evaluate(look.home.tip, request), handed=decision)


def _every(look: Look, candidates: Candidates, place: Place, request: Request) -> tuple[Judged, ...]:
    assert candidates.origin is not None
    found: list[Judged] = []
    left: dict[str, str] = {}
    for name in _standing(look, candidates.origin, place, request.folders):
        try:
            found.append(_judged(look, request, candidates.origin, name))
        except (InvalidRequestError, CannotActError) as fault:
            left[name] = fault.message
    if not found:
        raise CannotActError(
            "; ".join(f"{name}: {reason}" for name, reason in left.items())
            or f"nothing of it was ever promoted to {candidates.origin}"
        )
    return (replace(found[0], left=left), *found[1:])


def _standing(look: Look, origin: str, place: Place, folders: Folders) -> Iterator[str]:
    environment = load_environment(look.home.tip, folders.environments, origin).environment
    tip = look.site(environment).tip
    names = [row.name for row, _ in place.rows]
    fetch_handed(look, environment, names)
    return (name for name in names if tip.names(record_folder(origin, name)))
