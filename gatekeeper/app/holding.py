"""Holds: put, ended and listed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec import UNSET, Struct, structs

from gatekeeper.app.landing import FoldersOf, Write, land
from gatekeeper.app.pacing import Pace
from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.instants import format_instant
from gatekeeper.model.people import Hold
from gatekeeper.model.project import Folders
from gatekeeper.policy.documents import Document
from gatekeeper.policy.library import load_environment
from gatekeeper.policy.near import near
from gatekeeper.policy.people import hold_of, load_holds
from gatekeeper.ports import Tip, Tree
from gatekeeper.ports.repository import Repository
from gatekeeper.promotion.holds import end_of, stands
from gatekeeper.promotion.written import hold_file, subject


class Held(Struct, frozen=True, kw_only=True):
    """A hold as it is listed. `stands` says whether it is in force; `ends` is its end with a bare date spelt out."""

    name: str
    environment: str
    artifact: str | None
    reason: str
    by: str
    since: str
    until: str | None
    ends: str | None
    stands: bool
    file: str


class Wish(Struct, frozen=True, kw_only=True):
    """A hold that somebody wants."""

    environment: str
    artifact: str | None
    reason: str
    by: str
    since: datetime
    until: datetime | None


def list_holds(tree: Tree, folders: Folders, now: datetime, environment: str | None = None) -> tuple[Held, ...]:
    """The holds of an environment, or of all, by name. Raises InvalidFileError, and InvalidRequestError for a name
    that no environment has.
    """
    if environment is not None:
        load_environment(tree, folders.environments, environment)
    found = [held(hold_of(one), one.file, now) for one in load_holds(tree, environments(tree, folders))]
    chosen = [one for one in found if environment in (None, one.environment)]
    return tuple(sorted(chosen, key=lambda one: (one.environment, one.artifact or "", one.name)))


def held(hold: Hold, file: str, now: datetime) -> Held:
    """A hold as it is listed."""
    spec, end = hold.spec, end_of(hold)
    return Held(
        name=hold.metadata.name,
        environment=spec.environment,
        artifact=None if spec.artifact is UNSET else spec.artifact,
        reason=spec.reason,
        by=spec.by,
        since=spec.since,
        until=None if spec.until is UNSET else spec.until,
        ends=None if end is None else format_instant(end),
        stands=stands(hold, now),
        file=file,
    )


def environments(tree: Tree, folders: Folders) -> tuple[str, ...]:
    """The names of all environments."""
    return tuple(file.removesuffix(".yaml") for file in tree.names(folders.environments) if file.endswith(".yaml"))


def add_hold(repository: Repository, folders: FoldersOf, wish: Wish, pace: Pace) -> tuple[Held, str | None]:
    """Put a hold, and give the commit; None where the same one is in force, as after a run whose end nobody saw.

    Raises InvalidRequestError for an environment or artifact that there is not.
    """
    if wish.until is not None and wish.until <= wish.since:
        raise InvalidRequestError(
            "the hold would end before it begins", "Give --until a later instant, or leave it out."
        )
    path, data = hold_file(
        wish.environment, wish.artifact, reason=wish.reason, by=wish.by, since=wish.since, until=wish.until
    )

    wanted = _read(data, path)
    put = held(wanted, path, wish.since)

    def derive(tip: Tip) -> Write | None:
        nonlocal put
        _check_target(tip, folders(tip), wish)
        same = _same(load_holds(tip, environments(tip, folders(tip))), wanted, wish.since)
        put = held(wanted, path, wish.since) if same is None else held(hold_of(same), same.file, wish.since)
        message = _message("Hold", wish.environment, wish.artifact, wish.reason, wish.by)
        return Write(files={path: data}, message=message) if same is None else None

    commit = land(repository, derive, pace)
    return put, commit


def _same(documents: Iterable[Document], wanted: Hold, now: datetime) -> Document | None:
    """The hold in force that says the same, but for when it was put."""
    for document in documents:
        there = hold_of(document)
        if structs.replace(there.spec, since=wanted.spec.since) == wanted.spec and stands(there, now):
            return document
    return None


def _read(data: bytes, path: str) -> Hold:
    from gatekeeper.policy.documents import load

    return hold_of(load(data, path, frozenset({"Hold"}))[0])


def _check_target(tip: Tip, folders: Folders, wish: Wish) -> None:
    place = load_environment(tip, folders.environments, wish.environment)
    names = [row.name for row, _ in place.rows]
    if wish.artifact is not None and wish.artifact not in names:
        hint = near(wish.artifact, names) or f"There is {', '.join(names)}."
        raise InvalidRequestError(f"environment {wish.environment} has no artifact {wish.artifact!r}", hint)


class Which(Struct, frozen=True, kw_only=True):
    """Which holds end: those named, or all of exactly one environment and artifact (None: the whole environment's)."""

    environment: str
    names: tuple[str, ...] = ()
    artifact: str | None = None


def remove_holds(
    repository: Repository, folders: FoldersOf, which: Which, by: str, now: datetime, pace: Pace
) -> tuple[tuple[Held, ...], str | None]:
    """End holds, and give them with the commit.

    Raises InvalidRequestError where there is no such hold, or its file holds another document.
    """
    ended: tuple[Held, ...] = ()

    def derive(tip: Tip) -> Write:
        nonlocal ended
        documents = load_holds(tip, environments(tip, folders(tip)))
        chosen = _chosen(documents, which)
        _check_alone(documents, chosen)
        ended = tuple(held(hold_of(one), one.file, now) for one in chosen)
        words = "; ".join(one.reason for one in ended)
        message = _message("Release", which.environment, _artifact_of(ended), words, by)
        return Write(files=dict.fromkeys(one.file for one in chosen), message=message)

    commit = land(repository, derive, pace)
    return ended, commit


def _artifact_of(ended: Sequence[Held]) -> str | None:
    names = {one.artifact for one in ended}
    return names.pop() if len(names) == 1 else None


def _chosen(documents: Iterable[Document], which: Which) -> tuple[Document, ...]:
    here = [one for one in documents if hold_of(one).spec.environment == which.environment]
    if not which.names:
        found = [one for one in here if (hold_of(one).spec.artifact or None) == which.artifact]
        if not found:
            where = which.environment if which.artifact is None else f"{which.environment}/{which.artifact}"
            raise InvalidRequestError(f"there is no hold of {where}", "`gatekeeper hold list` shows those there are.")
        return tuple(found)
    known = {hold_of(one).metadata.name: one for one in here}
    for name in which.names:
        if name not in known:
            hint = near(name, known) or f"There is {', '.join(sorted(known)) or 'none'}."
            raise InvalidRequestError(f"environment {which.environment} has no hold {name!r}", hint)
    return tuple(known[name] for name in dict.fromkeys(which.names))


def _check_alone(documents: Iterable[Document], chosen: Sequence[Document]) -> None:
    """A file is removed as a whole, so all that it holds must be meant."""
    for document in documents:
        if document not in chosen and any(document.file == one.file for one in chosen):
            message = f"{document.file} also holds {hold_of(document).metadata.name}"
            raise InvalidRequestError(message, "Name both, or take one out of the file by a commit.")


def _message(verb: str, environment: str, artifact: str | None, reason: str, by: str) -> str:
    where = environment if artifact is None else f"{environment}/{artifact}"
    return f"{subject(f'{verb} {where}: {reason}')}\n\nGatekeeper-By: {subject(by)}\n"
