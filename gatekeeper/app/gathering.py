"""What stands in the way of an allowed artifact: the conditions of its environment, read at this look."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import UNSET, Struct

from gatekeeper.app.evaluate import Judged
from gatekeeper.app.look import Look, Site
from gatekeeper.model.judgement import Waiting
from gatekeeper.model.promoted import ApprovedBy, Requester

if TYPE_CHECKING:
    from gatekeeper.app.people import Conditions
    from gatekeeper.promotion.approvals import Given
    from gatekeeper.promotion.order import Preceding


class Gathered(Struct, frozen=True, kw_only=True):
    """What is still waited for, which approvals counted, and what a person should know."""

    waiting: tuple[Waiting, ...] = ()
    approvals: tuple[ApprovedBy, ...] = ()
    notes: tuple[str, ...] = ()


def gather(
    look: Look,
    judged: Judged,
    site: Site,
    requester: Requester | None,
    now: datetime,
    reviews: Iterable[Given] = (),
) -> Gathered:
    """Every condition of the environment on this artifact now. `reviews` are those of the commit that is proposed."""
    people = _people(judged, requester, now, reviews)
    return Gathered(
        waiting=(*_order(look, judged, site, now), *_closed(judged, now), *people.waiting),
        approvals=people.approvals,
        notes=people.notes,
    )


def _order(look: Look, judged: Judged, site: Site, now: datetime) -> tuple[Waiting, ...]:
    environment, row, artifact = judged.environment, judged.row, judged.report.judgement.artifact
    assert environment is not None
    assert row is not None
    assert artifact is not None
    if not environment.spec.after:
        return ()
    from gatekeeper.promotion.order import find_waiting  # many environments come after none

    names = [one.environment for one in environment.spec.after]
    before = {name: _before(look, judged, site, name, row.name, now) for name in names}
    return find_waiting(environment.spec.after, before, row.name, str(artifact.digest), now)


def _before(look: Look, judged: Judged, site: Site, name: str, artifact: str, now: datetime) -> Preceding:
    from gatekeeper.promotion.holds import standing_holds
    from gatekeeper.promotion.order import Preceding

    environment = next((other for other in judged.before if other.metadata.name == name), None)
    where = site if environment is None else look.site(environment)
    rows = () if environment is None else environment.spec.artifacts
    row = next((row for row in rows if row.name == artifact), None)
    holds = standing_holds(() if judged.said is None else judged.said.holds, name, artifact, now)
    return Preceding(repository=where.repository, tip=where.tip, row=row, holds=holds)


def _closed(judged: Judged, now: datetime) -> tuple[Waiting, ...]:
    assert judged.environment is not None
    if judged.environment.spec.windows is UNSET:
        return ()
    from gatekeeper.promotion.windows import closed  # most environments are always open

    return closed(judged.environment.spec.windows, now)


def _people(judged: Judged, requester: Requester | None, now: datetime, reviews: Iterable[Given]) -> Conditions:
    from gatekeeper.app.people import Conditions, Said, people_conditions

    environment = judged.environment
    assert environment is not None
    if judged.said is None and environment.spec.approvals is UNSET:
        return Conditions()
    said = judged.said or Said()
    return people_conditions(said, environment, judged.report.judgement, judged.ring, requester, now, reviews)
