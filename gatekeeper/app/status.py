"""What is in each environment, since when and by which decision, what is newer before it, and why it has not moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import UNSET, Struct
from msgspec.structs import replace

from gatekeeper.app.earlier import Past
from gatekeeper.app.holding import environments
from gatekeeper.app.look import Look
from gatekeeper.app.newer import JudgeFrom, find_newer
from gatekeeper.errors import GatekeeperError, ManifestError
from gatekeeper.manifests import format_of
from gatekeeper.model.environment import ArtifactRow
from gatekeeper.model.image import ImageRef
from gatekeeper.model.instants import format_instant
from gatekeeper.model.people import Hold
from gatekeeper.model.project import Folders
from gatekeeper.model.status import EnvironmentStatus, How, Standing, Status
from gatekeeper.policy.library import Place, load_environment
from gatekeeper.policy.people import hold_of, load_holds
from gatekeeper.ports import Tip
from gatekeeper.promotion.changes import target_of
from gatekeeper.promotion.holds import standing_holds
from gatekeeper.records.history import latest_promotion
from gatekeeper.records.place import newest_first, record_folder
from gatekeeper.records.statement import Record

_MOST_TROUBLE = 2000


class View(Struct, frozen=True, kw_only=True):
    """What is looked at: a look, where its files lie, the clock, and how recorded facts are judged for elsewhere."""

    look: Look
    folders: Folders
    now: datetime
    judge: JudgeFrom


def find_status(view: View, wanted: Sequence[str] = ()) -> Status:
    """Of all environments, or of those wanted, each after those that it comes after.

    What cannot be read is told in its place. Raises InvalidRequestError for an environment that there is not.
    """
    tip = view.look.home.tip
    for name in wanted:
        if name not in environments(tip, view.folders):
            load_environment(tip, view.folders.environments, name)
    places, broken = _places(view)
    elsewhere = {name: place for name, place in places.items() if _is_elsewhere(view, place)}
    places = {name: place for name, place in places.items() if name not in elsewhere}
    _prefetch(view, places.values())
    holds, trouble = _holds(view)
    records = {name: _records(view, place) for name, place in places.items()}
    order = [name for name in _order({**places, **elsewhere}, broken) if not wanted or name in wanted]
    found = {name: _broken(name, broken[name]) for name in order if name in broken}
    found |= {name: _elsewhere(name, elsewhere[name]) for name in order if name in elsewhere}
    found |= {name: _environment(view, places[name], records, holds, trouble) for name in order if name in places}
    return Status(at=format_instant(view.now), commit=tip.commit, environments=tuple(found[name] for name in order))


def _is_elsewhere(view: View, place: Place) -> bool:
    delivery = place.environment.spec.delivery
    return delivery.repo is UNSET and delivery.branch != view.look.home.branch


def _elsewhere(name: str, place: Place) -> EnvironmentStatus:
    spec = place.environment.spec
    return EnvironmentStatus(
        environment=name, after=tuple(one.environment for one in spec.after), branch=spec.delivery.branch
    )


def _broken(name: str, fault: GatekeeperError) -> EnvironmentStatus:
    return EnvironmentStatus(environment=name, trouble=_told(fault))


def _told(fault: GatekeeperError) -> str:
    text = " ".join(str(fault).split())
    return text if len(text) <= _MOST_TROUBLE else f"{text[:_MOST_TROUBLE]}…"


def _places(view: View) -> tuple[dict[str, Place], dict[str, GatekeeperError]]:
    """The environments whose file and site can be read, and the faults of the others."""
    places: dict[str, Place] = {}
    broken: dict[str, GatekeeperError] = {}
    for name in environments(view.look.home.tip, view.folders):
        try:
            place = load_environment(view.look.home.tip, view.folders.environments, name)
            if not _is_elsewhere(view, place):
                view.look.site(place.environment)
            places[name] = place
        except GatekeeperError as fault:
            broken[name] = fault
    return places, broken


def _prefetch(view: View, places: Iterable[Place]) -> None:
    """All manifests and the newest records, in few requests for each repository."""
    tips: dict[int, tuple[Tip, list[str], list[str]]] = {}
    for place in places:
        tip = view.look.site(place.environment).tip
        _, files, folders = tips.setdefault(id(tip), (tip, [], []))
        files += [one.path for row, _ in place.rows for one in row.manifests]
        folders += [record_folder(place.environment.metadata.name, row.name) for row, _ in place.rows]
    for tip, files, folders in tips.values():
        tip.prefetch([*files, *folders])
        tip.prefetch([f"{folder}/{name}" for folder in folders for name in newest_first(tip.names(folder))[:1]])


def _holds(view: View) -> tuple[tuple[Hold, ...], str | None]:
    try:
        known = environments(view.look.home.tip, view.folders)
        return tuple(map(hold_of, load_holds(view.look.home.tip, known))), None
    except GatekeeperError as fault:
        return (), _told(fault)


def _order(places: Mapping[str, Place], broken: Mapping[str, GatekeeperError]) -> Iterator[str]:
    """Each after those that it comes after; a circle is cut where it is met."""
    done: set[str] = set()

    def walk(name: str) -> Iterator[str]:
        if name in done or not (name in places or name in broken):
            return
        done.add(name)
        for after in places[name].environment.spec.after if name in places else ():
            yield from walk(after.environment)
        yield name

    for name in sorted((*places, *broken)):
        yield from walk(name)


Records = dict[str, tuple[Past, Record | None]]
"""By artifact, its past and its newest record."""


def _records(view: View, place: Place) -> Records:
    tip = view.look.site(place.environment).tip
    name = place.environment.metadata.name
    return {
        row.name: (Past(environment=place.environment, row=row, tip=tip), _newest(tip, name, row.name))
        for row, _ in place.rows
    }


def _newest(tip: Tip, environment: str, artifact: str) -> Record | None:
    try:
        return latest_promotion(tip, environment, artifact)
    except GatekeeperError:
        return None  # its row says so


def _environment(
    view: View,
    place: Place,
    records: Mapping[str, Records],
    holds: Sequence[Hold],
    trouble: str | None,
) -> EnvironmentStatus:
    name = place.environment.metadata.name
    after = tuple(one.environment for one in place.environment.spec.after)
    before = {one: records[one] for one in after if one in records}
    rows = tuple(_standing(view, past, record, holds, before) for past, record in records[name].values())
    return EnvironmentStatus(environment=name, after=after, artifacts=rows, trouble=trouble)


def _standing(
    view: View, past: Past, record: Record | None, holds: Sequence[Hold], before: Mapping[str, Records]
) -> Standing:
    where, row = past.environment.metadata.name, past.row
    held = standing_holds(holds, where, row.name, view.now)
    try:
        images = _images(past.tip, row)
        found = replace(_decided(past, record, _fullest(images)), holds=held, differ=_differ(images))
    except GatekeeperError as fault:
        return Standing(artifact=row.name, how="unreadable", holds=held, trouble=_told(fault))
    newer = find_newer(view.look, past, found, before, view.judge, view.now)
    return replace(found, newer=newer)


def _images(tip: Tip, row: ArtifactRow) -> list[ImageRef]:
    """What the manifests name. Raises ManifestError where one cannot be read."""
    found = []
    for place in row.manifests:
        data = tip.read(place.path)
        if data is None:
            raise ManifestError(f"{place.path}: there is no such file at the tip of the branch")
        found.append(format_of(place.format).current(data.decode("utf-8", "replace"), target_of(place, row)))
    return [image for image in found if image is not None]


def _fullest(images: Sequence[ImageRef]) -> ImageRef | None:
    """The one that says most: not every format holds a digest."""
    return max(images, key=lambda image: (image.digest is not None, image.tag is not None), default=None)


def _differ(images: Iterable[ImageRef]) -> bool:
    tags = {image.tag for image in images if image.tag is not None}
    return len(tags) > 1 or len({image.digest for image in images if image.digest is not None}) > 1


def _decided(past: Past, record: Record | None, image: ImageRef | None) -> Standing:
    name = past.environment.metadata.name
    seen = Standing(artifact=past.row.name, how="nothing") if image is None else _named(past.row.name, image)
    if record is None:
        there = bool(newest_first(past.tip.names(record_folder(name, past.row.name))))
        trouble = f"the newest record in {record_folder(name, past.row.name)} cannot be believed" if there else None
        return replace(seen, trouble=trouble)
    if not past.stands(record):
        return seen
    promotion, artifact = record.promotion, record.judgement.artifact
    assert artifact is not None
    found = replace(
        seen,
        how="decided",
        tag=seen.tag or artifact.tag,
        digest=artifact.digest,
        since=record.at,
        decision=record.decision,
        verdict=record.judgement.verdict,
    )
    if promotion is None:
        return found
    return replace(
        found,
        requester=promotion.requester,
        approvals=promotion.approvals,
        override=None if promotion.override is UNSET else promotion.override,
        rollback=None if promotion.rollback is UNSET else promotion.rollback,
    )


def _named(artifact: str, image: ImageRef) -> Standing:
    how: How = "by hand"
    return Standing(artifact=artifact, how=how, image=image.written, tag=image.tag, digest=image.digest)
