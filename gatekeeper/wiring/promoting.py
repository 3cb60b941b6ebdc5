"""A promotion's repository and branch, and the means it takes from the world."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from msgspec.structs import replace

from gatekeeper import __version__
from gatekeeper.app.asked import Means
from gatekeeper.app.evaluate import Judged, Request, evaluate
from gatekeeper.app.look import Look
from gatekeeper.connect.git.opening import open_commit
from gatekeeper.connect.git.repository import GitRepository
from gatekeeper.policy.library import load_environment
from gatekeeper.ports.repository import Repository
from gatekeeper.wiring.project import folders_of, split_ref

Tell = Callable[[str], None]


class Sites:
    """The repositories of one promotion, each opened once; what was fetched is removed at the end."""

    def __init__(self, address: str, branch: str) -> None:
        self.branch = branch
        self._address = address
        self._opened: dict[tuple[str, str], GitRepository] = {}

    @property
    def home(self) -> GitRepository:
        """The repository that holds the policies and environments, at the branch that is read."""
        return self.open(None, self.branch)

    def open(self, repo: str | None, branch: str) -> GitRepository:
        """A repository's branch; that of home where `repo` is None. Raises InvalidRequestError for a bad address."""
        key = (self._address if repo is None else repo, branch)
        if key not in self._opened:
            self._opened[key] = GitRepository(*key)
        return self._opened[key]

    def close(self) -> None:
        """End what runs, and remove what was fetched."""
        for repository in self._opened.values():
            repository.close()


def branch_of(address: str, ref: str | None, environment: str) -> str:
    """The branch that rules: the given one, else that of the environment at the repository's HEAD.

    An environment that is delivered to another repository is ruled by HEAD's own branch.
    """
    if ref is not None:
        return ref.removeprefix("refs/heads/")
    head = open_commit(address)
    return load_environment(head, folders_of(head).environments, environment).environment.spec.delivery.branch


@contextmanager
def opened(repo: str, environment: str) -> Iterator[Sites]:
    """The repositories, with the one that `repo` names at its branch."""
    address, ref = split_ref(repo)
    sites = Sites(address, branch_of(address, ref, environment))
    try:
        yield sites
    finally:
        sites.close()


def means(requests: tuple[Request, ...], sites: Sites, tell: Tell) -> Means:
    """Judging by the tip's own files with a clock read anew on every attempt."""

    def judge(look: Look, now: datetime) -> tuple[Judged, ...]:
        tell(f"judging by commit {look.home.tip.commit}")
        folders = folders_of(look.home.tip)
        return tuple(evaluate(look.home.tip, replace(request, now=now, folders=folders)) for request in requests)

    def open_site(repo: str | None, branch: str) -> Repository:
        return sites.open(repo, branch)

    return Means(
        judge=judge,
        open_site=open_site,
        now=_now,
        elapsed=time.monotonic,
        sleep=time.sleep,
        jitter=lambda most: random.uniform(0, most),  # noqa: S311 - spreads writers, keeps no secret
        version=__version__,
        hints=HINTS,
    )


HINTS = ("policies/", "waivers/", "environments/", "holds/", "approvals/", "trust.yaml", "deny.yaml", "gatekeeper.yaml")
"""What judging and its conditions read of the tip that rules."""


def _now() -> datetime:
    return datetime.now(UTC)
