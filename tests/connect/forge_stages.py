"""One repository at each forge, with the same things to be done there by people: what the contract is tested on."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any, Protocol

from gatekeeper.connect.forges.gitea import Gitea
from gatekeeper.connect.forges.github import GitHub
from gatekeeper.connect.forges.gitlab import GitLab
from gatekeeper.connect.forges.rest import Pace
from gatekeeper.connect.http import HttpDoor
from gatekeeper.connect.http.settings import Limits
from gatekeeper.ports.forge import Forge
from tests.servers import github as hub
from tests.servers import gitlab as lab
from tests.servers.forge_site import Site
from tests.servers.gitea import GiteaRepository, login

CONTEXT = "gatekeeper/production"
_MORE = itertools.count(1)


class Slept(list[float]):
    """Pauses that are not made, on a clock that goes on by them."""

    def pace(self, **limits: Any) -> Pace:
        """A pace that pauses here, always for the longest time."""
        return Pace(sleep=self.append, jitter=lambda _, most: most, now=lambda: 1.8e9 + sum(self), **limits)


def door() -> HttpDoor:
    """A door that does not pause, either."""
    return HttpDoor(Limits(silence=20, total=40), environment={}, sleep=lambda _: None)


class Stage(Protocol):
    """What people do at a forge beside gatekeeper; users are `author` and `approver`."""

    def forge(self, user: str = "author") -> Forge:
        """The forge as a user."""

    def login(self, user: str) -> str:
        """A user's login."""

    def propose(self, branch: str) -> str:
        """A branch with a new commit; its id."""

    def advance(self, branch: str) -> str:
        """One more commit on it; its id."""

    def approve(self, user: str, number: int) -> None:
        """Approve a pull request as it is."""

    def object_to(self, user: str, number: int) -> None:
        """Ask for changes."""

    def protect(self) -> None:
        """Ask for one approval and the status `CONTEXT` on main."""

    def tip(self) -> str:
        """The commit that main is at."""

    def comments(self, number: int) -> list[tuple[str, str]]:
        """Logins and texts."""

    def labels(self, number: int) -> list[str]:
        """The names of its labels."""

    def fork(self, branch: str) -> int:
        """A pull request from a branch of this name in somebody's fork."""


class SiteStage:
    """A stage of a server of the tests' own."""

    def __init__(self, site: Site, users: dict[str, tuple[str, str]], made: Callable[[str, str], Forge]) -> None:
        self.site = site
        self._users = users
        self._made = made

    def forge(self, user: str = "author") -> Forge:
        return self._made(self.site.url, self._users[user][1])

    def login(self, user: str) -> str:
        return self._users[user][0]

    def propose(self, branch: str) -> str:
        return self.site.push(branch)

    def advance(self, branch: str) -> str:
        return self.site.push(branch)

    def approve(self, user: str, number: int) -> None:
        self.site.review(number, self.login(user), "approved")

    def object_to(self, user: str, number: int) -> None:
        self.site.review(number, self.login(user), "changes")

    def protect(self) -> None:
        self.site.approvals, self.site.context = 1, CONTEXT

    def tip(self) -> str:
        return self.site.branches["main"]

    def comments(self, number: int) -> list[tuple[str, str]]:
        return [(comment.by, comment.text) for comment in self.site.pull(number).comments]

    def labels(self, number: int) -> list[str]:
        return sorted(self.site.pull(number).labels)

    def fork(self, branch: str) -> int:
        return self.site.add_pull(branch, "main", "stranger", fork=True).number


def github_stage(site: hub.GitHubSite, slept: Slept) -> SiteStage:
    """GitHub, of the tests' own."""
    users = {"author": (hub.AUTHOR, hub.AUTHORS_TOKEN), "approver": (hub.APPROVER, hub.APPROVERS_TOKEN)}
    return SiteStage(site, users, lambda url, token: GitHub(door(), url, hub.REPOSITORY, token, slept.pace()))


def gitlab_stage(site: lab.GitLabSite, slept: Slept) -> SiteStage:
    """GitLab, of the tests' own."""
    users = {"author": (lab.AUTHOR, lab.AUTHORS_TOKEN), "approver": (lab.APPROVER, lab.APPROVERS_TOKEN)}
    return SiteStage(site, users, lambda url, token: GitLab(door(), url, lab.PROJECT, token, slept.pace()))


class GiteaStage:
    """A repository of the real Gitea, which makes up its mind in its own time: pauses are real."""

    def __init__(self, repository: GiteaRepository) -> None:
        self.repository = repository

    def forge(self, user: str = "author") -> Forge:
        web, token = self.repository.forge.url, self.repository.forge.tokens[user]
        pace = Pace(jitter=lambda _, most: random.uniform(most / 8, most / 4))
        return Gitea(HttpDoor(environment={}), web, self.repository.path, token, pace)

    def login(self, user: str) -> str:
        return login(user)

    def propose(self, branch: str) -> str:
        return self._pushed(branch, "main")

    def advance(self, branch: str) -> str:
        return self._pushed(branch, branch)

    def _pushed(self, branch: str, onto: str) -> str:
        changed = {"a.yaml": f"image: b{next(_MORE)}\n"}
        return self.repository.push("author", changed, f"refs/heads/{branch}", onto=onto)

    def approve(self, user: str, number: int) -> None:
        self.repository.approve(user, number)

    def object_to(self, user: str, number: int) -> None:
        self.repository.approve(user, number, event="REQUEST_CHANGES")

    def protect(self) -> None:
        self.repository.protect(status_check_contexts=[CONTEXT])

    def tip(self) -> str:
        return self.repository.tip()

    def comments(self, number: int) -> list[tuple[str, str]]:
        said = self.repository.api("reader", "GET", f"/issues/{number}/comments")
        return [(one["user"]["login"], one["body"]) for one in said]

    def labels(self, number: int) -> list[str]:
        return sorted(one["name"] for one in self.repository.api("reader", "GET", f"/issues/{number}/labels"))

    def fork(self, branch: str) -> int:
        forge = self.repository.forge
        made = self.repository.api("reader", "POST", "/forks", {"name": f"fork-{next(_MORE)}"}, want=(202,))
        fork = GiteaRepository(forge, made["full_name"])
        fork.push("reader", {"a.yaml": "image: evil\n"}, f"refs/heads/{branch}", force=True)
        asked = {"head": f"{login('reader')}:{branch}", "base": "main", "title": "From a fork"}
        return int(self.repository.api("reader", "POST", "/pulls", asked)["number"])
