"""How files came to the branch: the merged pull requests that brought approvals and waivers, as the forge knows them.

It is asked only where an environment wants approvals or waivers `reviewed`. The commit that brought a file is the one
of the first-parent line from which on it has been what it is at the tip.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import UNSET

from gatekeeper.app.look import Look
from gatekeeper.errors import InvalidFileError
from gatekeeper.model.environment import Environment
from gatekeeper.model.instants import parse_instant
from gatekeeper.model.people import Approval
from gatekeeper.model.project import Folders
from gatekeeper.model.waiver import Waiver
from gatekeeper.policy.documents import load
from gatekeeper.policy.people import APPROVALS, SIGNATURE
from gatekeeper.ports import Tip
from gatekeeper.ports.forge import Forge
from gatekeeper.ports.repository import Repository
from gatekeeper.promotion.reviews import Brought

EARLIER = timedelta(days=90)
"""How long before it is granted a file may have come to the branch, to be found there."""

_BATCH = 32


def bring(
    look: Look, environment: Environment, folders: Folders, forge: Forge | None
) -> dict[str, tuple[Brought, ...]]:
    """By path, the merged pull requests that brought each file for which it matters. Raises CannotActError."""
    spec = environment.spec
    if forge is None or spec.delivery.repo is not UNSET:
        return {}  # the forge is that of the manifests, and knows nothing of the rules' repository
    wanted: dict[str, datetime] = {}
    if spec.approvals is not UNSET and spec.approvals.level == "reviewed":
        wanted.update(_granted(look.home.tip, APPROVALS, "Approval", environment.metadata.name))
    if spec.waivers.level == "reviewed":
        wanted.update(_granted(look.home.tip, folders.waivers, "Waiver", environment.metadata.name))
    return {path: tuple(_brought(look, path, since, forge)) for path, since in wanted.items()}


def _granted(tip: Tip, folder: str, kind: str, environment: str) -> Iterator[tuple[str, datetime]]:
    """The files of a folder that are of this environment and carry no signature, with the time they are granted."""
    names = set(tip.names(folder))
    for name in sorted(names):
        path = f"{folder}/{name}"
        if not name.endswith(".yaml") or f"{name}{SIGNATURE}" in names:
            continue
        try:
            documents = load(tip.read(path) or b"", path, frozenset({kind}))
        except InvalidFileError:
            continue  # judging tells what is wrong with it
        times = [granted for document in documents if (granted := _of(document.value, environment)) is not None]
        if times:
            yield path, min(times) - EARLIER


def _of(value: object, environment: str) -> datetime | None:
    """When it is granted; None where it is of another environment."""
    if isinstance(value, Approval) and value.spec.environment == environment:
        return parse_instant(value.spec.granted)
    if isinstance(value, Waiver) and environment in value.spec.environments:
        return parse_instant(value.spec.granted)
    return None


def _brought(look: Look, path: str, since: datetime, forge: Forge) -> Iterator[Brought]:
    commit = _landed(look, path, since)
    for pull in () if commit is None else forge.brought(commit):
        if pull.base == look.home.branch:  # it may have come to another branch by one, and to this one by a push
            yield Brought(forge=forge.name, pull=pull, reviews=forge.reviews(pull.number))


def _landed(look: Look, path: str, since: datetime) -> str | None:
    """The commit from which on the file has been what it is; None where it lies further back than was looked."""
    repository, tip = look.home.repository, look.home.tip
    data = tip.read(path)
    steps = [step.commit for step in repository.line(tip, since)]
    landed = None
    for tree in _trees(repository, steps, path):
        if tree.read(path) != data:
            return landed
        landed = tree.commit
    return None


def _trees(repository: Repository, steps: Sequence[str], path: str) -> Iterator[Tip]:
    for start in range(0, len(steps), _BATCH):
        trees = repository.at(steps[start : start + _BATCH])
        trees[0].prefetch([path])
        yield from trees
