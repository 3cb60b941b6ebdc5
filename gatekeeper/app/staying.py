"""The hold of a rollback that had nothing else to write: what stands there is to stay."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from gatekeeper.app.held import words
from gatekeeper.app.holding import environments
from gatekeeper.app.landing import FoldersOf, Write, land
from gatekeeper.app.pacing import Pace
from gatekeeper.policy.people import hold_of, load_holds
from gatekeeper.policy.trust import Ring, read_trust
from gatekeeper.ports import Tip
from gatekeeper.ports.repository import Repository
from gatekeeper.promotion.holds import standing_holds
from gatekeeper.promotion.written import hold_file, subject

_MAX_WORDS = 900


class Stay(Struct, frozen=True, kw_only=True):
    """The hold that is wished for, and who puts it by what the trust file knows."""

    environment: str
    artifact: str
    reason: str
    since: datetime
    until: datetime | None
    by: Callable[[Ring | None], str]
    folders: FoldersOf


def stay_held(repository: Repository, stay: Stay, pace: Pace) -> str:
    """Put the hold unless one stands there, and say which it is. Raises what `land` raises."""
    where = f"{stay.environment}/{stay.artifact}"
    note = ""

    def derive(tip: Tip) -> Write | None:
        nonlocal note
        holds = [hold_of(one) for one in load_holds(tip, environments(tip, stay.folders(tip)))]
        standing = standing_holds(holds, stay.environment, stay.artifact, stay.since)
        if standing:
            note = f"{where} is held already: {standing[0].message}"
            return None
        path, data = _file(stay, tip)
        note = f"{where} is held: {path}"
        return Write(files={path: data}, message=f"{subject(f'Hold {where}: {stay.reason}')}\n")

    commit = land(repository, derive, pace)
    return note if commit is None else f"{note}, commit {commit}"


def _file(stay: Stay, tip: Tip) -> tuple[str, bytes]:
    by = words(stay.by(read_trust(tip)), _MAX_WORDS)
    reason = words(f"rolled back: {stay.reason}", _MAX_WORDS)
    return hold_file(stay.environment, stay.artifact, reason=reason, by=by, since=stay.since, until=stay.until)
