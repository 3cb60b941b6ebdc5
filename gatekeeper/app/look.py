"""What one attempt of a promotion reads: the tip that rules, and the sites where environments are delivered.

Everything of one attempt comes from one tip per branch; the next attempt looks anew.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import UNSET, Struct

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.environment import Environment
from gatekeeper.ports import Tip
from gatekeeper.ports.repository import Repository


class Site(Struct, frozen=True, kw_only=True):
    """A branch as it was found: where it is, and its tip."""

    repository: Repository
    branch: str
    tip: Tip


class Look:
    """The tips of one attempt. `open_site` gives the repository and branch that an environment is delivered to."""

    def __init__(self, home: Repository, branch: str, open_site: Callable[[str | None, str], Repository]) -> None:
        self.home = Site(repository=home, branch=branch, tip=home.tip())
        self._open = open_site
        self._sites: dict[tuple[str | None, str], Site] = {(None, branch): self.home}

    def site(self, environment: Environment) -> Site:
        """Where the environment's manifests and records are. Raises CannotActError where it cannot be read."""
        delivery = environment.spec.delivery
        key = (None if delivery.repo is UNSET else str(delivery.repo), delivery.branch)
        if key not in self._sites:
            repository = self._open(*key)
            self._sites[key] = Site(repository=repository, branch=delivery.branch, tip=repository.tip())
        return self._sites[key]


def check_home(environment: Environment, branch: str) -> None:
    """The rules of an environment are read where it is delivered, unless it has a repository of its own.

    Raises InvalidRequestError where they would be read from another branch.
    """
    delivery = environment.spec.delivery
    if delivery.repo is UNSET and delivery.branch != branch:
        name = environment.metadata.name
        raise InvalidRequestError(
            f"{name} is delivered to {delivery.branch}, as {branch} says; this promotion reads {branch}"
        )
