"""What stands in the way of an allowed artifact: the conditions of its environment, read at this look."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from gatekeeper.app.asked import Means
from gatekeeper.app.evaluate import Judged
from gatekeeper.app.look import Look, Site
from gatekeeper.model.judgement import Waiting
from gatekeeper.model.promoted import ApprovedBy, Requester
from gatekeeper.promotion.order import find_waiting
from gatekeeper.records.history import was_promoted


class Gathered(Struct, frozen=True, kw_only=True):
    """What is still waited for, which approvals counted, and what a person should know."""

    waiting: tuple[Waiting, ...] = ()
    approvals: tuple[ApprovedBy, ...] = ()
    notes: tuple[str, ...] = ()


def gather(
    look: Look, judged: Judged, site: Site, requester: Requester | None, means: Means, now: datetime
) -> Gathered:
    """Every condition of the environment on this artifact now."""
    environment, row = judged.environment, judged.row
    artifact = judged.report.judgement.artifact
    assert environment is not None
    assert row is not None
    assert artifact is not None
    before = {other.metadata.name: look.site(other).tip for other in judged.before}

    def was(where: str, name: str, digest: str) -> bool:
        return was_promoted(before.get(where, site.tip), where, name, digest)

    waiting = find_waiting(environment.spec.after, row.name, str(artifact.digest), was)
    return Gathered(waiting=waiting)
