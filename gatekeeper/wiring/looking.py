"""What `gatekeeper status` looks at: the branch that rules, the repositories, and judging by recorded facts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache

from msgspec import UNSET
from msgspec.structs import replace

from gatekeeper.app.evaluate import Judged, Request, evaluate
from gatekeeper.app.handed import hand_over
from gatekeeper.app.holding import environments
from gatekeeper.app.look import Look
from gatekeeper.app.newer import JudgeFrom
from gatekeeper.app.status import View
from gatekeeper.connect.git.opening import default_branch, open_commit
from gatekeeper.errors import GatekeeperError, InvalidRequestError
from gatekeeper.judge.cel import Engine
from gatekeeper.policy.library import load_environment
from gatekeeper.wiring.project import folders_of, split_ref
from gatekeeper.wiring.promoting import HINTS, Sites
from gatekeeper.wiring.request import engines_of


@contextmanager
def viewed(repo: str, now: datetime, environment: str | None = None) -> Iterator[View]:
    """The tip of the branch that rules the environment, by default the first.

    Raises CannotActError where it cannot be read.
    """
    address, ref = split_ref(repo)
    sites = Sites(address, _branch(address, environment) if ref is None else ref.removeprefix("refs/heads/"))
    try:
        look = Look(sites.home, sites.branch, sites.open)
        look.home.tip.prefetch(HINTS)
        yield View(look=look, folders=folders_of(look.home.tip), now=now, judge=_judging(now))
    finally:
        sites.close()


def _branch(address: str, environment: str | None) -> str:
    """That of the environment at the repository's HEAD, else of the first that comes after none and is delivered there.

    HEAD's own branch where all are delivered to other repositories. Raises InvalidRequestError for an environment that
    there is not, and where there is none.
    """
    head = open_commit(address)
    folder = folders_of(head).environments
    if environment is not None:
        delivery = load_environment(head, folder, environment).environment.spec.delivery
        return delivery.branch if delivery.repo is UNSET else default_branch(address)
    found = []
    elsewhere = False
    for name in environments(head, folders_of(head)):
        try:
            spec = load_environment(head, folder, name).environment.spec
        except GatekeeperError:
            continue  # it is told of where everything is read
        elsewhere = elsewhere or spec.delivery.repo is not UNSET
        if spec.delivery.repo is UNSET:
            found.append((bool(spec.after), name, spec.delivery.branch))
    if not found and elsewhere:
        return default_branch(address)
    if not found:
        raise InvalidRequestError(
            "no environment at HEAD says which branch it is delivered to", "Give --repo URL@BRANCH."
        )
    return min(found)[2]


def _judging(now: datetime) -> JudgeFrom:
    @cache
    def engines() -> tuple[Engine, ...]:
        return engines_of(None, False)

    def judge(look: Look, environment: str, artifact: str, origin: str) -> Judged:
        request = Request(
            artifact=None,
            envelopes=(),
            now=now,
            engines=engines(),
            environment=environment,
            folders=folders_of(look.home.tip),
        )
        found, decision = hand_over(look, request, origin, artifact)
        return replace(evaluate(look.home.tip, found), handed=decision)

    return judge
