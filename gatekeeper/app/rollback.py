"""Rolling back: an earlier decision is put in force again, and a hold with it. Nothing is judged.

It asks nobody but the repositories: it is to work when registries and forges are down.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import UNSET, Struct
from msgspec.structs import replace

from gatekeeper.app.applied import row_of
from gatekeeper.app.asked import Asked, Means
from gatekeeper.app.batch import Batch, make_batch
from gatekeeper.app.earlier import Found, Past, find_earlier, further_back
from gatekeeper.app.evaluate import Judged
from gatekeeper.app.forcing import forced
from gatekeeper.app.item import Item, as_it_is, early, edited, is_there
from gatekeeper.app.landing import FoldersOf
from gatekeeper.app.look import Look, check_home
from gatekeeper.app.outcome import outcome
from gatekeeper.app.promote import write
from gatekeeper.app.recheck import Rechecked, recheck
from gatekeeper.app.staying import Stay, stay_held
from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.artifact import Artifact
from gatekeeper.model.environment import ArtifactRow
from gatekeeper.model.image import parse_image
from gatekeeper.model.instants import format_instant
from gatekeeper.model.judgement import Report, Waiting
from gatekeeper.model.promoted import Promoted, Requester, RolledBack
from gatekeeper.policy.library import Place, load_environment
from gatekeeper.policy.near import near
from gatekeeper.policy.trust import Ring, read_trust
from gatekeeper.ports.repository import Repository
from gatekeeper.records.decision import decision_id
from gatekeeper.records.place import record_folder
from gatekeeper.records.statement import Record


class Back(Struct, frozen=True, kw_only=True):
    """What is rolled back: `artifact` is a name of the environment or an image, None for its only one.

    `to` is a decision's id or the beginning of it, None for the one before. `folders` says where a commit's files lie,
    `who` who asks, by name where the trust file knows them; no forge is asked for it.
    """

    environment: str
    artifact: str | None
    to: str | None
    reason: str
    folders: FoldersOf
    who: Callable[[Ring | None], Requester | None]


def rollback(repository: Repository, branch: str, means: Means, asked: Asked, back: Back) -> Report:
    """Put an earlier decision in force again by one commit, and hold the artifact there. Raises what `promote` raises.

    Where what is wished for stands there already, it is held all the same.
    """

    def look() -> Batch:
        return look_back(repository, branch, means, asked, back)

    if asked.dry:
        return outcome(look(), attempts=1, shows_diff=True)[0]
    (report,) = write(means, look, asked)
    if report.promotion is None or report.promotion.action != "already":
        return report
    note = _held_still(repository, means, asked, back, report)
    return replace(report, promotion=replace(report.promotion, notes=(*report.promotion.notes, note)))


def _held_still(repository: Repository, means: Means, asked: Asked, back: Back, report: Report) -> str:
    """What is said of the hold on what stood there already."""
    artifact = report.judgement.artifact
    assert artifact is not None
    assert artifact.name is not None

    def called(ring: Ring | None) -> str:
        who = back.who(ring)
        return "unknown" if who is None else who.name or who.login

    stay = Stay(
        environment=back.environment,
        artifact=artifact.name,
        reason=back.reason,
        since=means.now(),
        until=asked.hold_until,
        by=called,
        folders=back.folders,
    )
    return stay_held(repository, stay, means)


def look_back(repository: Repository, branch: str, means: Means, asked: Asked, back: Back) -> Batch:
    """What is to be done now: which decision it is, and whether it still counts, is found out anew."""
    look = Look(repository, branch, means.open_site)
    look.home.tip.prefetch(means.hints)
    now = means.now()
    return make_batch((_item(look, now, means, asked, back),), asked, means.version)


def _item(look: Look, now: datetime, means: Means, asked: Asked, back: Back) -> Item:
    folders = back.folders(look.home.tip)
    place = load_environment(look.home.tip, folders.environments, back.environment)
    check_home(place.environment, look.home.branch)
    row = _row(place, back.artifact)
    site = look.site(place.environment)
    site.tip.prefetch([*(one.path for one in row.manifests), record_folder(back.environment, row.name)])
    past = Past(environment=place.environment, row=row, tip=site.tip)

    def check(one: Found) -> Rechecked:
        return recheck(one.record, look.home.tip, folders.waivers, place.environment, now)

    found = find_earlier(past, back.to)
    checked = check(found)
    notes: tuple[str, ...] = ()
    if checked.judgement.verdict != "allowed" and asked.override is None and (further := further_back(past, found)):
        notes = (f"{found.record.decision}, which was rolled back to, counts no more: it goes further back",)
        found, checked = further, check(further)
    judged = _judged(look, place, row, found.record, checked)
    item = Item(
        judged=judged,
        environment=place.environment,
        row=row,
        site=site,
        home=look.home,
        rules=look.home.tip.commit,
        state="none",
        notes=(
            *notes,
            *(f"passed over {one}, which was overridden; --to names it" for one in found.passed),
            *checked.notes,
        ),
        repeated=found.record.context,
    )
    if found.done and checked.judgement.verdict == "allowed":
        return _done(edited(item), found.record)
    return _forced(item, found, means, asked, now, back)


def _row(place: Place, artifact: str | None) -> ArtifactRow:
    """The row of that name or image. Raises InvalidRequestError, also for an image with a tag or digest."""
    rows = {row.name: row for row, _ in place.rows}
    if artifact is None or artifact in rows:
        return row_of(place, None)[0] if artifact is None else rows[artifact]
    if not any(mark in artifact for mark in "/:@"):
        hint = near(artifact, rows) or f"There is {', '.join(rows)}."
        raise InvalidRequestError(f"environment {place.environment.metadata.name} has no artifact {artifact!r}", hint)
    image = parse_image(artifact)
    if image.tag or image.digest:
        raise InvalidRequestError("a rollback is to a decision, not to a tag or digest", "Name the decision with --to.")
    return row_of(place, Artifact(name=None, image=image.written))[0]


def _judged(look: Look, place: Place, row: ArtifactRow, record: Record, checked: Rechecked) -> Judged:
    """The earlier judgement, or what became of it, as if it had been made now."""
    own = checked.judgement == record.judgement
    places = [source or "" for source in record.context.sources]
    missing = len(record.judgement.evidence) - len(places)
    report = Report(
        decision=record.decision if own else decision_id(checked.judgement),
        judgement=checked.judgement,
        engine=record.context.engine,
        sources=(*places, *[""] * missing)[: len(record.judgement.evidence)],
        root=record.context.commit,
    )
    return Judged(report=report, environment=place.environment, row=row, ring=read_trust(look.home.tip))


def _done(item: Item, record: Record) -> Item:
    assert record.promotion is not None
    again = "it was rolled back to this already, so nothing is written; --to ID goes further back"
    return replace(as_it_is(item), notes=(*item.notes, f"{again} (rolled back at {record.promotion.at})"))


def _forced(item: Item, found: Found, means: Means, asked: Asked, now: datetime, back: Back) -> Item:
    """The item that goes, where it counts still or somebody may override that it does not."""
    judged, verdict = item.judged, item.report.judgement.verdict
    if verdict != "allowed" and asked.override is None:
        return replace(item, notes=(*item.notes, "this decision counts no more; nothing is judged anew in a rollback"))
    requester = back.who(judged.ring)
    override, notes = forced(asked.override, judged, _waited(found.record, verdict, asked), requester)
    item = replace(item, notes=(*item.notes, *notes))
    if override is UNSET and verdict != "allowed":
        return item
    report = replace(item.report, decision=found.record.decision, judgement=found.record.judgement)
    item = edited(replace(item, judged=replace(judged, report=report)))
    if is_there(item) or (override is not UNSET and is_there(item, overridden=True)):
        return as_it_is(item)
    promoted = Promoted(
        at=format_instant(now),
        requester=requester,
        override=override,
        rollback=RolledBack(reason=back.reason, left=found.left),
    )
    return replace(item, state="ready", promoted=promoted, early=early(item, promoted.at, means))


def _waited(record: Record, verdict: str, asked: Asked) -> tuple[Waiting, ...]:
    """What an allowed decision did not wait for, when somebody overrode that. Going back to it takes an override, too.

    Raises InvalidRequestError where none is given.
    """
    if verdict != "allowed" or record.promotion is None or record.promotion.override is UNSET:
        return ()
    over = record.promotion.override.over
    if asked.override is None:
        raise InvalidRequestError(
            f"the decision {record.decision} was let through by an override (of {', '.join(over)})",
            "Override it again, or name another decision with --to.",
        )
    return tuple(Waiting(condition=one, message="it was overridden") for one in over)
