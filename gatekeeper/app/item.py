"""One artifact of a promotion at one look: whether it may go now, and what would then be written."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from msgspec import UNSET, Struct
from msgspec.structs import replace

from gatekeeper.app.asked import Asked, Means
from gatekeeper.app.evaluate import Judged
from gatekeeper.app.forcing import forced
from gatekeeper.app.gathering import Gathered, gather
from gatekeeper.app.look import Look, Site, check_home
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.manifests.edited import Wish
from gatekeeper.model.environment import ArtifactRow, Environment
from gatekeeper.model.instants import parse_instant
from gatekeeper.model.judgement import Report, Waiting
from gatekeeper.model.promoted import Promoted, Requester
from gatekeeper.promotion.changes import Changes, find_changes, model_uri, wished_image
from gatekeeper.records.history import is_about, is_allowed, is_overridden, latest_promotion
from gatekeeper.records.place import newest_instant, record_folder

if TYPE_CHECKING:
    from gatekeeper.records.statement import Context

AT_MERGE = frozenset({"window", "freeze", "approval"})
"""What a pull request may wait for while it is open."""

State = Literal["none", "already", "waiting", "ready"]


class Item(Struct, frozen=True, kw_only=True):
    """What is to be done for one artifact. `home` is where its rules are, `rules` the commit whose policies judged it.

    `repeated` is the context of an earlier decision whose judgement is recorded once more.

    `early` says by how many seconds the newest record there is not older.
    """

    judged: Judged
    environment: Environment
    row: ArtifactRow
    site: Site
    home: Site
    rules: str | None
    state: State
    wish: Wish | None = None
    changes: Changes | None = None
    promoted: Promoted | None = None
    waiting: tuple[Waiting, ...] = ()
    notes: tuple[str, ...] = ()
    early: float | None = None
    repeated: Context | None = None

    @property
    def report(self) -> Report:
        """The judgement, as it is shown."""
        return self.judged.report


def make_item(
    look: Look,
    judged: Judged,
    means: Means,
    asked: Asked,
    now: datetime,
) -> Item:
    """What is to be done for one judged artifact.

    Raises what the manifests and repositories raise, and InvalidRequestError for an override by somebody who may not.
    """
    environment, row = _placed(judged)
    check_home(environment, look.home.branch)
    site, rules = look.site(environment), look.home.tip.commit
    item = Item(
        judged=judged,
        environment=environment,
        row=row,
        site=site,
        home=look.home,
        rules=rules,
        state="none",
    )
    if judged.report.judgement.verdict != "allowed" and asked.override is None:
        return _with_conditions(look, item, means, now) if asked.dry else item
    if environment.spec.registry is not UNSET:
        from gatekeeper.app.models import check_followed  # few environments have one

        check_followed(environment, judged.report.judgement.artifact, means)
    item = edited(item)
    if judged.report.judgement.verdict == "allowed" and is_there(item):
        return as_it_is(item)
    requester = means.requester(environment, judged.ring)
    return _decided(item, gather(look, item.judged, item.site, requester, now), requester, means, asked)


def _with_conditions(look: Look, item: Item, means: Means, now: datetime) -> Item:
    """What it would wait for if it were allowed: whoever plans wants to know all of it at once."""
    artifact = item.report.judgement.artifact
    if artifact is None or artifact.digest is None:
        return item
    try:
        gathered = gather(look, item.judged, item.site, means.requester(item.environment, item.judged.ring), now)
    except CannotActError as fault:  # the verdict stands, and its exit code with it, as in the promotion itself
        return replace(item, notes=(*item.notes, f"what it would wait for cannot be told: {fault.message}"))
    return replace(item, waiting=gathered.waiting, notes=(*item.notes, *gathered.notes))


def _placed(judged: Judged) -> tuple[Environment, ArtifactRow]:
    if judged.environment is None or judged.row is None:
        raise InvalidRequestError("a promotion needs an environment", "Name it with --env.")
    return judged.environment, judged.row


def edited(item: Item) -> Item:
    """With the manifests' changes, derived from the tip."""
    artifact, tip, row = item.report.judgement.artifact, item.site.tip, item.row
    wish = Wish(image=wished_image(row, artifact), pin=item.environment.spec.pin, model_uri=model_uri(artifact))
    tip.prefetch([*(place.path for place in row.manifests), *_record_folders(item.environment, row)])
    changes = find_changes(tip, row, wish)
    return replace(item, wish=wish, changes=changes, notes=(*item.notes, *changes.notes))


def _record_folders(environment: Environment, row: ArtifactRow) -> list[str]:
    names = [environment.metadata.name, *(after.environment for after in environment.spec.after)]
    return [record_folder(name, row.name) for name in names]


def is_there(item: Item, *, overridden: bool = False) -> bool:
    """By the newest record: an older one of the same digest says nothing about what somebody put back by hand.

    What only an override let through is recorded anew when it is allowed, and what is no longer allowed, or would have
    to wait, when somebody overrides that.
    """
    assert item.changes is not None
    assert item.wish is not None
    record = latest_promotion(item.site.tip, item.environment.metadata.name, item.row.name)
    if not item.changes.held or record is None or not is_about(record, str(item.wish.image.digest)):
        return False
    return is_overridden(record) if overridden else is_allowed(record)


def as_it_is(item: Item) -> Item:
    """As wished already; a tag that is another is said."""
    assert item.changes is not None
    return replace(item, state="already", notes=(*item.notes, *_retagged(item.changes)))


def _retagged(changes: Changes) -> tuple[str, ...]:
    return tuple(
        f"{change.path} names this digest as {change.before}; nothing was written"
        for change in changes.manifests
        if change.new != change.old
    )


def _decided(
    item: Item,
    gathered: Gathered,
    requester: Requester | None,
    means: Means,
    asked: Asked,
) -> Item:
    override, notes = forced(asked.override, item.judged, gathered.waiting, requester)
    if override is UNSET and item.report.judgement.verdict != "allowed":
        return replace(item, notes=(*item.notes, *notes))
    if override is not UNSET and is_there(item, overridden=True):
        return as_it_is(item)
    promoted = Promoted(
        at=item.report.judgement.judged_at,
        requester=requester,
        approvals=gathered.approvals,
        override=override,
        handed=UNSET if item.judged.handed is None else item.judged.handed,
    )
    waiting = gathered.waiting if override is UNSET else ()
    return replace(
        item,
        state="waiting" if _holds_back(item, waiting) else "ready",
        promoted=promoted,
        waiting=waiting,
        notes=(*item.notes, *gathered.notes, *notes),
        early=None if _holds_back(item, waiting) else early(item, promoted.at, means),
    )


def early(item: Item, at: str, means: Means) -> float | None:
    """Records are written in the order of their instants, by which they are read.

    Clocks that differ a little are waited for. Raises CannotActError for one that differs more.
    """
    folder = record_folder(item.environment.metadata.name, item.row.name)
    newest = newest_instant(item.site.tip.names(folder))
    if newest is None:
        return None
    ahead = (parse_instant(newest) - parse_instant(at)).total_seconds()
    if ahead > means.longest_pause:
        raise CannotActError(
            f"{folder} holds a record of {newest}, and the clock here says {at}; nothing was written",
            "Set the clock right. If that record is wrong, take it away by a reviewed commit.",
        )
    return ahead if ahead >= 0 else None


def is_proposed(item: Item) -> bool:
    """Whether it goes by pull request; what is rolled back never waits for one."""
    rolled_back = item.promoted is not None and item.promoted.rollback is not UNSET
    return item.environment.spec.delivery.mode == "pull-request" and not rolled_back


def _holds_back(item: Item, waiting: tuple[Waiting, ...]) -> bool:
    """Whether nothing is written yet: a pull request is opened before it is approved, to be approved there."""
    return any(one.condition not in AT_MERGE for one in waiting) if is_proposed(item) else bool(waiting)
