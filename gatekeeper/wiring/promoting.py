"""A promotion's repository and branch, and the means it takes from the world."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from msgspec import UNSET

from gatekeeper import __version__
from gatekeeper.app.asked import Means
from gatekeeper.app.candidates import Candidates, judge_all
from gatekeeper.app.evaluate import Judged
from gatekeeper.app.look import Look
from gatekeeper.connect.git.opening import default_branch, open_head, open_source
from gatekeeper.connect.git.repository import GitRepository
from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.paths import path_parts
from gatekeeper.policy.library import load_environment
from gatekeeper.policy.trust import read_trust
from gatekeeper.promotion.requester import NOBODY, Claim, requester_of
from gatekeeper.records.place import ROOT
from gatekeeper.wiring.project import folders_of, split_ref
from gatekeeper.wiring.registries import registry_of
from gatekeeper.wiring.requester import claims

if TYPE_CHECKING:
    from gatekeeper.connect.git.local import LocalSource
    from gatekeeper.connect.git.remote import RemoteSource
    from gatekeeper.model.delivery import Forge as ForgeSettings
    from gatekeeper.model.environment import Environment
    from gatekeeper.model.project import Folders
    from gatekeeper.model.promoted import Requester
    from gatekeeper.policy.trust import Ring
    from gatekeeper.ports import Tip
    from gatekeeper.ports.forge import Forge
    from gatekeeper.promotion.reviews import Brought

Tell = Callable[[str], None]


class Sites:
    """The repositories of one promotion, each opened once; what was fetched is removed at the end."""

    def __init__(self, address: str, branch: str, source: RemoteSource | LocalSource | None = None) -> None:
        """`source` is where home's branch was found out: what it has fetched is not fetched again."""
        self.branch = branch
        self.address = address
        self._source = source
        self._opened: dict[tuple[str, str], GitRepository] = {}

    @property
    def home(self) -> GitRepository:
        """The repository that holds the policies and environments, at the branch that is read."""
        return self.open(None, self.branch)

    def open(self, repo: str | None, branch: str) -> GitRepository:
        """A repository's branch; that of home where `repo` is None. Raises InvalidRequestError for a bad address."""
        key = (self.address if repo is None else repo, branch)
        if key not in self._opened:
            found = self._source if key == (self.address, self.branch) else None
            self._opened[key] = GitRepository(*key, source=found)
        return self._opened[key]

    def close(self) -> None:
        """End what runs, and remove what was fetched."""
        for repository in self._opened.values():
            repository.close()
        if self._source is not None and (self.address, self.branch) not in self._opened:
            self._source.close()


def _branch(head: Tip, paths: tuple[str, ...], address: str, environment: str) -> str:
    """The branch that rules: that of the environment at the repository's HEAD.

    An environment that is delivered to another repository is ruled by HEAD's own branch.
    """
    head.prefetch(paths)
    delivery = load_environment(head, folders_of(head).environments, environment).environment.spec.delivery
    return delivery.branch if delivery.repo is UNSET else default_branch(address)


@contextmanager
def opened(repo: str, environment: str, origin: str | None = None) -> Iterator[Sites]:
    """The repositories, with the one that `repo` names at its branch; `origin` is the environment that hands over."""
    address, ref = split_ref(repo)
    sites = _sites(address, ref, hints(environment, origin), environment)
    try:
        yield sites
    finally:
        sites.close()


def _sites(address: str, ref: str | None, paths: tuple[str, ...], environment: str) -> Sites:
    if ref is not None:
        return Sites(address, ref.removeprefix("refs/heads/"))
    source = open_source(address)
    try:
        return Sites(address, _branch(open_head(source, address), paths, address, environment), source)
    except BaseException:
        source.close()
        raise


def means(candidates: Candidates, sites: Sites, tell: Tell) -> Means:
    """Judging by the tip's own files with a clock read anew on every attempt."""
    forges = Forges(sites, tell)

    def judge(look: Look, now: datetime) -> tuple[Judged, ...]:
        tell(f"judging by commit {look.home.tip.commit}")
        folders = folders_of(look.home.tip)
        place = load_environment(look.home.tip, folders.environments, candidates.environment)
        requester = forges.requester(place.environment, read_trust(look.home.tip))
        found = brought(look, place.environment, folders, forges)
        around = {"now": now, "folders": folders, "requester": requester or NOBODY, "brought": found}
        return judge_all(look, candidates, place, around)

    return Means(
        judge=judge,
        open_site=sites.open,
        forge=forges.of,
        registry=registry_of,
        requester=forges.requester,
        now=_now,
        elapsed=time.monotonic,
        sleep=time.sleep,
        jitter=lambda most: random.uniform(0, most),  # noqa: S311 - spreads writers, keeps no secret
        version=__version__,
        hints=hints(candidates.environment, candidates.origin),
    )


def brought(look: Look, environment: Environment, folders: Folders, forges: Forges) -> Mapping[str, Sequence[Brought]]:
    """Which pull requests brought approvals and waivers, where the environment wants them reviewed."""
    spec = environment.spec
    levels = {spec.waivers.level, "asserted" if spec.approvals is UNSET else spec.approvals.level}
    if "reviewed" not in levels:
        return {}
    from gatekeeper.app.bringing import bring  # few environments ask for it

    return bring(look, environment, folders, forges.of(environment))


class Forges:
    """The forges of one promotion, each opened once, and who asks for it, which is found out once."""

    def __init__(self, sites: Sites, tell: Tell) -> None:
        self._sites = sites
        self._tell = tell
        self._opened: dict[tuple[ForgeSettings, str], Forge | None] = {}
        self._claims: tuple[Claim, ...] | None = None

    def of(self, environment: Environment) -> Forge | None:
        """The forge of an environment's pull requests; None where it names none that has an API.

        Raises what `forge_of` raises.
        """
        delivery = environment.spec.delivery
        if delivery.forge is UNSET:
            return None
        key = (delivery.forge, self._sites.address if delivery.repo is UNSET else str(delivery.repo))
        if key not in self._opened:
            from gatekeeper.wiring.forges import forge_of  # most promotions are commits

            self._opened[key] = forge_of(*key, os.environ, tell=self._tell)
        return self._opened[key]

    def requester(self, environment: Environment, ring: Ring | None) -> Requester | None:
        """Who asks, by name where the trust file knows them."""
        if self._claims is None:
            self._claims = tuple(claims(self.of(environment)))
        return requester_of(self._claims, ring)


HINTS = ("policies/", "waivers/", "environments/", "holds/", "approvals/", "trust.yaml", "deny.yaml", "gatekeeper.yaml")
"""What judging and its conditions read of the tip that rules."""


def hints(environment: str, origin: str | None = None) -> tuple[str, ...]:
    """The same, with the folders where manifests most often lie, and those of the records."""
    folders = (f"environments/{environment}", *(f"{ROOT}/{name}" for name in (environment, origin) if name))
    try:
        return (*HINTS, *("/".join(path_parts(folder)) for folder in folders))
    except InvalidRequestError:
        return HINTS  # there is no such environment, as will be said


def _now() -> datetime:
    return datetime.now(UTC)
