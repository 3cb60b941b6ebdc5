"""A promotion's repository and branch, and the means it takes from the world."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import msgspec

from gatekeeper import __version__
from gatekeeper.app.evaluate import Judged, Request, evaluate
from gatekeeper.app.promote import Means
from gatekeeper.connect.git.opening import open_commit
from gatekeeper.connect.git.repository import GitRepository
from gatekeeper.policy.library import load_environment
from gatekeeper.ports import Tree
from gatekeeper.wiring.project import folders_of, split_ref


def branch_of(address: str, ref: str | None, environment: str) -> str:
    """The branch that is read and written: the given one, else that of the environment at the repository's HEAD."""
    if ref is not None:
        return ref.removeprefix("refs/heads/")
    head = open_commit(address)
    return load_environment(head, folders_of(head).environments, environment).environment.spec.delivery.branch


@contextmanager
def opened(repo: str, environment: str) -> Iterator[tuple[GitRepository, str]]:
    """The repository at its branch; what was fetched is removed at the end."""
    address, ref = split_ref(repo)
    branch = branch_of(address, ref, environment)
    repository = GitRepository(address, branch)
    try:
        yield repository, branch
    finally:
        repository.close()


def means(request: Request, tell: Callable[[str], None]) -> Means:
    """Judging by the tip's own files with a clock read anew on every attempt."""

    def judge(tree: Tree, now: datetime) -> Judged:
        tell(f"judging by commit {tree.commit}")
        return evaluate(tree, msgspec.structs.replace(request, now=now, folders=folders_of(tree)))

    return Means(
        judge=judge,
        now=_now,
        elapsed=time.monotonic,
        sleep=time.sleep,
        jitter=lambda most: random.uniform(0, most),  # noqa: S311 - spreads writers, keeps no secret
        version=__version__,
        hints=("policies/", "waivers/", "environments/", "trust.yaml"),
    )


def _now() -> datetime:
    return datetime.now(UTC)
