"""GitHub, by its REST API of 2022-11-28: github.com, GitHub Enterprise Cloud and Server."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from gatekeeper.connect.forges.merging import Merging, Seen, merge
from gatekeeper.connect.forges.pull_requests import Alike, PullRequests
from gatekeeper.connect.forges.pulls import Pull, User
from gatekeeper.connect.forges.rest import Api, Login, Pace
from gatekeeper.errors import CannotActError
from gatekeeper.model.digests import is_commit
from gatekeeper.ports import Answered, Door
from gatekeeper.ports.forge import Merged, PullRequest

VERSION = "2022-11-28"
_MAX_DESCRIPTION = 140
_VIEWER = {"query": "query { viewer { login } }"}


class _Viewer(Struct, frozen=True, kw_only=True):
    viewer: User


class _Graph(Struct, frozen=True, kw_only=True):
    data: _Viewer | None = None


class _Done(Struct, frozen=True, kw_only=True):
    sha: str | None = None


def login(token: str) -> Login:
    """How GitHub is told the token."""
    others = {"accept": "application/vnd.github+json", "x-github-api-version": VERSION}
    return Login(header="authorization", value=f"Bearer {token}", token=token, others=others)


def apis(web: str) -> tuple[str, str]:
    """The addresses of the REST and GraphQL APIs: in the cloud on a host of their own, else beside the pages."""
    host = web.partition("://")[2].lower().removeprefix("www.")
    if host == "github.com" or host.endswith(".ghe.com"):
        return f"https://api.{host}", f"https://api.{host}/graphql"
    return f"{web}/api/v3", f"{web}/api/graphql"


class GitHub(Alike):
    """`ports.forge.Forge` for one repository, `owner/name`, at the forge whose pages lie at `web`."""

    name = "github"

    def __init__(self, door: Door, web: str, repository: str, token: str, pace: Pace) -> None:
        api, graph = apis(web)
        self._api = Api(door, api, login(token), pace)
        self._graph = Api(door, graph, login(token), pace)
        self._owner = repository.partition("/")[0]
        self._here = f"/repos/{repository}"
        pages = f"{web}/{repository}/pull/"
        self._pulls = PullRequests(
            self._api, self._here, pages, self.actor, edited=200, duplicate=422, longest=_MAX_DESCRIPTION
        )
        self._actor: list[str | None] = []

    def actor(self) -> str | None:
        """The token's login: an app's token may not ask for its user, but may for the viewer of GraphQL."""
        if not self._actor:
            self._actor.append(self._asked_actor())
        return self._actor[0]

    def find(self, head: str, base: str) -> tuple[PullRequest, ...]:
        """See `ports.forge.Forge`."""
        return self._pulls.find(head, base, {"head": f"{self._owner}:{head}", "base": base})

    def open(self, head: str, base: str, title: str, body: str, labels: Iterable[str]) -> PullRequest:
        """See `ports.forge.Forge`; labels that do not exist are made by GitHub."""
        asked = {"title": title, "body": body, "head": head, "base": base}
        opened = self._pulls.open(asked, lambda: self.find(head, base))
        if named := list(labels):
            self._pulls.label(opened.number, named)
        return opened

    def merge(self, number: int, commit: str, method: str, title: str, body: str) -> Merged:
        """See `ports.forge.Forge`."""
        asked = {"sha": commit, "merge_method": method, "commit_title": title, "commit_message": body}
        merging = Merging(
            send=lambda: self._api.change("PUT", f"{self._here}/pulls/{number}/merge", asked),
            look=lambda: self._seen(number),
            not_yet=lambda words: "base branch was modified" in words.lower(),
            landed=self._landed,
        )
        return merge(self._api, commit, merging)

    def brought(self, commit: str) -> tuple[PullRequest, ...]:
        """See `ports.forge.Forge`."""
        pulls = self._api.every(f"{self._here}/commits/{commit}/pulls", Pull, f"pull requests of {commit[:12]}")
        return tuple(given for pull in pulls if (given := self._pulls.given(pull)).state == "merged")

    def _asked_actor(self) -> str | None:
        answer = self._api.get("/user")
        if answer.status == 200:
            return self._api.decoded(answer, User).login
        if answer.status == 401:
            raise self._api.refusal(answer, "ask who the token belongs to")
        try:
            told = self._graph.change("POST", "", _VIEWER)
            data = self._graph.decoded(told, _Graph).data if told.status == 200 else None
        except CannotActError:
            return None
        return data.viewer.login if data else None

    def _seen(self, number: int) -> Seen:
        pull = self._pulls.get(number)
        return Seen(pull=self._pulls.given(pull), undecided=pull.mergeable is None)

    def _landed(self, answer: Answered) -> str | None:
        sha = self._api.decoded(answer, _Done).sha
        return sha if sha and is_commit(sha) else None
