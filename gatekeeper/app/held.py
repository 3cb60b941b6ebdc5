"""The holds that come with overrides and rollbacks, so that no automation undoes them the next minute."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import UNSET, Struct

from gatekeeper.app.asked import Asked
from gatekeeper.app.item import Item
from gatekeeper.evidence.fields import seen
from gatekeeper.model.instants import format_instant, parse_instant
from gatekeeper.promotion.written import hold_file, subject

_MAX_REASON = 900


class Put(Struct, frozen=True, kw_only=True):
    """A hold that is put: where, its file, and what a person should know. `apart` is where it cannot go along."""

    path: str
    data: bytes
    note: str
    apart: bool


def holds_for(going: Iterable[Item], asked: Asked) -> dict[str, Put]:
    """By artifact, the hold of each one that was overridden or rolled back."""
    found = {item.row.name: _hold(item, asked) for item in going}
    return {name: put for name, put in found.items() if put is not None}


def _hold(item: Item, asked: Asked) -> Put | None:
    promoted, environment = item.promoted, item.environment.metadata.name
    if promoted is None or (promoted.rollback is UNSET and promoted.override is UNSET):
        return None
    since = parse_instant(promoted.at)
    until = _end(item, asked, since)
    path, data = hold_file(environment, item.row.name, reason=_reason(item), by=_by(item), since=since, until=until)
    end = "it is removed (`gatekeeper hold remove`)" if until is None else format_instant(until)
    apart = item.environment.spec.delivery.repo is not UNSET
    place = "" if apart else f": {path}"  # where it was put by an earlier attempt, it is another file
    note = f"{environment}/{item.row.name} is held until {end}{place}"
    return Put(path=path, data=data, note=note, apart=apart)


def _end(item: Item, asked: Asked, since: datetime) -> datetime | None:
    assert item.promoted is not None
    if item.promoted.rollback is not UNSET:
        return asked.hold_until
    hours = 24 if asked.override is None else asked.override.hold_hours
    return since + timedelta(hours=hours)


def _reason(item: Item) -> str:
    promoted = item.promoted
    assert promoted is not None
    if promoted.rollback is not UNSET:
        left = promoted.rollback.left
        origin = "what nobody had decided" if left is None else left[:19]
        return _short(f"rolled back from {origin}: {promoted.rollback.reason}")
    assert promoted.override is not UNSET
    return _short(f"override on {promoted.override.ticket}: {promoted.override.reason}")


def _by(item: Item) -> str:
    promoted = item.promoted
    assert promoted is not None
    if promoted.override is not UNSET:
        return promoted.override.by
    who = promoted.requester
    return "unknown" if who is None else _short(who.name or who.login)


def _short(text: str) -> str:
    return words(text, _MAX_REASON)


def words(text: str, most: int) -> str:
    """What somebody typed, as a file of ours can hold it: on one line, nothing unseen, and not too long."""
    shown = seen(" ".join(text.split()))
    return shown if len(shown) <= most else f"{shown[:most]}…"


def hold_message(puts: Iterable[Put]) -> str:
    """The message of a commit that puts holds alone."""
    notes = [put.note for put in puts]
    return f"{subject('Hold ahead of what is promoted elsewhere')}\n\n" + "".join(f"{note}\n" for note in notes)
