"""What a promotion is asked for beside its artifact, and what it takes from the world."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from gatekeeper.app.evaluate import Judged
from gatekeeper.app.look import Look
from gatekeeper.app.pacing import Pace
from gatekeeper.model.environment import Environment
from gatekeeper.model.promoted import Requester
from gatekeeper.policy.trust import Ring
from gatekeeper.ports.forge import Forge
from gatekeeper.ports.model_registry import ModelRegistry
from gatekeeper.ports.repository import Repository


class Forced(Struct, frozen=True, kw_only=True):
    """An override: why, on which ticket, and how many hours nothing else is promoted there afterwards."""

    reason: str
    ticket: str
    hold_hours: int = 24


class Asked(Struct, frozen=True, kw_only=True):
    """How the promotion is made. `all_ready` leaves behind what is not ready; `merge` merges what was proposed.

    `hold_until` ends the hold that comes with a rollback; without it, somebody has to.
    """

    override: Forced | None = None
    all_ready: bool = False
    merge: bool = False
    dry: bool = False
    hold_until: datetime | None = None


class Means(Pace, frozen=True, kw_only=True):
    """What a promotion takes from the world beside the repository, and its pace.

    `judge(look, now)` judges every artifact that is to be promoted, all of one environment, by the policies of the
    look's home; it is called again on every attempt. `open_site` gives the repository and branch that an environment
    is delivered to, `forge` the one that its pull requests are at, `registry` that of its models. `requester` says who
    asks, by name where the trust file knows them.
    """

    judge: Callable[[Look, datetime], tuple[Judged, ...]]
    now: Callable[[], datetime]
    version: str
    open_site: Callable[[str | None, str], Repository]
    forge: Callable[[Environment], Forge | None] = lambda _: None
    registry: Callable[[Environment], ModelRegistry | None] = lambda _: None
    requester: Callable[[Environment, Ring | None], Requester | None] = lambda _, __: None
