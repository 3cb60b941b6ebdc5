"""From the options of `hold`, `approve` and `waiver` to a repository's branch, who acts, and the key they sign with."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from gatekeeper.app.pacing import Pace
from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.project import Folders
from gatekeeper.policy.near import near
from gatekeeper.policy.trust import Ring, read_trust
from gatekeeper.ports import Tree
from gatekeeper.ports.repository import Repository
from gatekeeper.wiring.project import commit_tree, current_folder, find_base, folders_of, working_tree
from gatekeeper.wiring.promoting import HINTS, opened
from gatekeeper.wiring.requester import asking

NOBODY = "nobody says who you are: no forge, no CI system, and no e-mail in git's configuration"


def pace() -> Pace:
    """Real time."""
    return Pace(
        elapsed=time.monotonic,
        sleep=time.sleep,
        jitter=lambda most: random.uniform(0, most),  # noqa: S311 - spreads writers, keeps no secret
        hints=HINTS,
    )


def clock() -> datetime:
    """Now, in whole seconds: what is written is for people."""
    return datetime.now(UTC).replace(microsecond=0)


@contextmanager
def branch(repo: str | None, environment: str) -> Iterator[Repository]:
    """The branch that rules an environment. Raises InvalidRequestError where no repository is named."""
    given = find_base(current_folder()).repo if repo is None else repo
    if not given:
        raise InvalidRequestError(
            "no repository to write to", "Give --repo, or name one as `repo:` in gatekeeper.yaml."
        )
    with opened(given, environment) as sites:
        yield sites.home


def tree(repo: str | None) -> tuple[Tree, Folders]:
    """What is read: a commit of the repository that is given, else the project's own, else the working tree."""
    base = find_base(current_folder())
    given = base.repo if repo is None else repo
    if not given:
        return working_tree(base), base.folders
    commit = commit_tree(given)
    return commit, folders_of(commit)


def person(by: str | None) -> Callable[[Ring], str]:
    """Who approves, of the trust file: the name that is given, else whom the forge, the CI system or git names."""

    def who(ring: Ring) -> str:
        if by is not None:
            if by not in ring.people:
                hint = near(by, ring.people) or f"{ring.file} has {', '.join(sorted(ring.people)) or 'none'}."
                raise InvalidRequestError(f"there is no person {by!r} in {ring.file}", hint)
            return by
        known = asking(ring)
        if known is None or known.name is None:
            told = NOBODY if known is None else f"{ring.file} does not know {known.login}"
            raise InvalidRequestError(told, "Say who approves with --by NAME.")
        return known.name

    return who


def called(by: str | None, repository: Repository) -> str:
    """Who acts, for people to read: what is given, else the name in the trust file, else the login or e-mail."""
    if by is not None:
        if not by.strip():
            raise InvalidRequestError("--by is empty", "Say who it is.")
        return by.strip()
    known = asking(_ring(repository))
    if known is None:
        raise InvalidRequestError(NOBODY, "Say who you are with --by.")
    return known.name or known.login


def _ring(repository: Repository) -> Ring | None:
    tip = repository.tip()
    tip.prefetch(HINTS)
    return read_trust(tip)
