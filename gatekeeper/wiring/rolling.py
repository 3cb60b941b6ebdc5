"""What a rollback takes from the world: the repositories, the clock, and who asks. Nothing else is asked."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from gatekeeper import __version__
from gatekeeper.app.asked import Means
from gatekeeper.promotion.requester import requester_of
from gatekeeper.wiring.promoting import Sites
from gatekeeper.wiring.registries import registry_of
from gatekeeper.wiring.requester import claims

if TYPE_CHECKING:
    from gatekeeper.app.evaluate import Judged
    from gatekeeper.app.look import Look
    from gatekeeper.model.promoted import Requester
    from gatekeeper.policy.trust import Ring
    from gatekeeper.promotion.requester import Claim

HINTS = ("environments/", "waivers/", "trust.yaml", "deny.yaml", "gatekeeper.yaml", "holds/")


def means(sites: Sites) -> Means:
    """Real time and the repositories; nothing is judged."""
    return Means(
        judge=_nothing,
        open_site=sites.open,
        registry=registry_of,
        now=now,
        elapsed=time.monotonic,
        sleep=time.sleep,
        jitter=lambda most: random.uniform(0, most),  # noqa: S311 - spreads writers, keeps no secret
        version=__version__,
        hints=HINTS,
    )


def who(ring: Ring | None) -> Requester | None:
    """Who asks, as the CI system or git tells it: the forge may be down."""
    return requester_of(_claims(), ring)


@cache
def _claims() -> tuple[Claim, ...]:
    return tuple(claims(None))


def now() -> datetime:
    """The clock, in UTC."""
    return datetime.now(UTC)


def _nothing(_: Look, __: datetime) -> tuple[Judged, ...]:
    return ()
