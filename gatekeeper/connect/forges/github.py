"""GitHub, by its REST API of 2022-11-28: github.com, GitHub Enterprise Cloud and Server."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from gatekeeper.connect.forges.conversation import Conversation, cut
from gatekeeper.connect.forges.merging import Merging, Seen, merge
from gatekeeper.connect.forges.pulls import Pull, Said, User, last_words, own, pull_request
from gatekeeper.connect.forges.rest import Api, Login, Pace
from gatekeeper.errors import CannotActError
from gatekeeper.ports import Answered, Door
from gatekeeper.ports.forge import Merged, PullRequest, Review, StatusState

VERSION = "2022-11-28"
_MAX_BODY = 65_000
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


class GitHub:
    """`ports.forge.Forge` for one repository, `owner/name`. `api` and `graph` are the addresses of the two APIs."""

    name = "github"

    def __init__(self, door: Door, api: str, graph: str, web: str, repository: str, token: str, pace: Pace) -> None:
        self._api = Api(door, api, login(token), pace)
        self._graph = Api(door, graph, login(token), pace)
        self._owner = repository.partition("/")[0]
        self._here = f"/repos/{repository}"
        self._web = f"{web}/{repository}/pull/"
        self._talk = Conversation(self._api, self._here, self.actor)
        self._actor: list[str | None] = []

    def actor(self) -> str | None:
        """The token's login: an app's token may not ask for its user, but may for the viewer of GraphQL."""
        if not self._actor:
            self._actor.append(self._asked_actor())
        return self._actor[0]

    def find(self, head: str, base: str) -> tuple[PullRequest, ...]:
        """See `ports.forge.Forge`."""
        query = {"state": "open", "head": f"{self._owner}:{head}", "base": base}
        pulls = self._api.every(f"{self._here}/pulls", Pull, "pull requests", query)
        return tuple(self._given(pull) for pull in own(pulls, head, base))

    def get(self, number: int) -> PullRequest:
        """See `ports.forge.Forge`."""
        return self._given(self._pull(number))

    def open(self, head: str, base: str, title: str, body: str, labels: Iterable[str]) -> PullRequest:
        """See `ports.forge.Forge`; labels that do not exist are made by GitHub."""
        asked = {"title": title, "body": cut(body, _MAX_BODY), "head": head, "base": base}
        opened = self._api.settled(lambda: self._opened(asked), lambda: next(iter(self.find(head, base)), None))
        self._label(opened.number, list(labels))
        return opened

    def update(self, number: int, title: str, body: str) -> None:
        """See `ports.forge.Forge`."""
        self._edit(number, {"title": title, "body": cut(body, _MAX_BODY)}, "change")

    def close(self, number: int) -> None:
        """See `ports.forge.Forge`."""
        if self.get(number).state == "open":
            self._edit(number, {"state": "closed"}, "close")

    def comment(self, number: int, text: str, marker: str = "") -> None:
        """See `ports.forge.Forge`."""
        self._talk.say(number, cut(text, _MAX_BODY, marker), marker)

    def status(self, commit: str, context: str, state: StatusState, description: str, url: str | None = None) -> None:
        """See `ports.forge.Forge`."""
        body = {"state": state, "context": context, "description": cut(description, _MAX_DESCRIPTION)}
        asked = {**body, **({"target_url": url} if url else {})}
        answer = self._api.insisted(lambda: self._api.change("POST", f"{self._here}/statuses/{commit}", asked))
        if answer.status != 201:
            raise self._api.refusal(answer, f"set the status {context} of {commit[:12]}")

    def reviews(self, number: int) -> tuple[Review, ...]:
        """See `ports.forge.Forge`."""
        pull = self.get(number)
        said = self._api.every(f"{self._here}/pulls/{number}/reviews", Said, f"reviews of {number}")
        return last_words(said, pull.author, pull.url)

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
        return tuple(given for pull in pulls if (given := self._given(pull)).state == "merged")

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

    def _given(self, pull: Pull) -> PullRequest:
        return pull_request(pull, self._web)

    def _pull(self, number: int) -> Pull:
        return self._api.read(f"{self._here}/pulls/{number}", Pull, f"pull request {number}")

    def _opened(self, asked: dict[str, Any]) -> PullRequest:
        answer = self._api.change("POST", f"{self._here}/pulls", asked)
        if answer.status == 201:
            return self._given(self._api.decoded(answer, Pull))
        if answer.status == 422 and (there := self.find(asked["head"], asked["base"])):
            return there[0]
        raise self._api.refusal(answer, f"open a pull request of {asked['head']} for {asked['base']}")

    def _edit(self, number: int, asked: dict[str, Any], act: str) -> None:
        answer = self._api.insisted(lambda: self._api.change("PATCH", f"{self._here}/pulls/{number}", asked))
        if answer.status != 200:
            raise self._api.refusal(answer, f"{act} pull request {number}")

    def _label(self, number: int, labels: list[str]) -> None:
        if not labels:
            return
        path = f"{self._here}/issues/{number}/labels"
        answer = self._api.insisted(lambda: self._api.change("POST", path, {"labels": labels}))
        if answer.status != 200:
            raise self._api.refusal(answer, f"label pull request {number}, which is open")

    def _seen(self, number: int) -> Seen:
        pull = self._pull(number)
        return Seen(pull=self._given(pull), undecided=pull.mergeable is None)

    def _landed(self, answer: Answered) -> str | None:
        return self._api.decoded(answer, _Done).sha
