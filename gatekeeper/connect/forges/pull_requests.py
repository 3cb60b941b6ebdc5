"""What GitHub and Gitea do alike: Gitea took over GitHub's API for pull requests, reviews, comments and statuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gatekeeper.connect.forges.conversation import Comment, Comments, Conversation
from gatekeeper.connect.forges.pulls import Pull, Remark, Said, last_words, own, pull_request
from gatekeeper.connect.forges.rest import Api
from gatekeeper.connect.forges.words import MAX_TITLE, cut
from gatekeeper.ports import Answered
from gatekeeper.ports.forge import PullRequest, Review, StatusState

_MAX_BODY = 65_000
"""Characters of a pull request's or comment's text; GitHub takes 65,536."""
_OPENED = 201


def first_of(opened: PullRequest, there: Iterable[PullRequest], close: Callable[[int], None]) -> PullRequest:
    """What was opened, unless another was opened before: Gitea and GitLab let two at once through, GitHub does not.

    Whoever sees both closes the later one, also that of somebody else: one that was opened first may be shown last, and
    then only its own opener sees the other.
    """
    numbers = {one.number: one for one in (*there, opened)}
    first, *later = sorted(numbers)
    for number in later:
        close(number)
    return numbers[first]


class PullRequests:
    """The part of `ports.forge.Forge` that both have, for the repository at the path `here`.

    `web` is the address that a pull request's number completes; `edited` and `duplicate` are the statuses that answer
    a change that was made, and a pull request that is there already.
    """

    def __init__(
        self, api: Api, here: str, web: str, us: Callable[[], str | None], *, edited: int, duplicate: int, longest: int
    ) -> None:
        self._api = api
        self._here = here
        self._web = web
        self._edited = edited
        self._duplicate = duplicate
        self._longest = longest
        comments = Comments(every=self._remarks, write=self._remark, edit=self._correct, remove=self._remove)
        self._talk = Conversation(api, us, comments)

    def find(self, head: str, base: str, query: dict[str, str]) -> tuple[PullRequest, ...]:
        """Those that are open from our own branch; `query` narrows what is asked for."""
        asked = {"state": "open", **query}
        pulls = self._api.every(f"{self._here}/pulls", Pull, "pull requests", asked)
        return tuple(self.given(pull) for pull in own(pulls, head, base))

    def get(self, number: int) -> Pull:
        """One as it was answered."""
        return self._api.read(f"{self._here}/pulls/{number}", Pull, f"pull request {number}")

    def given(self, pull: Pull) -> PullRequest:
        """One as the port has it."""
        return pull_request(pull, self._web)

    def open(self, asked: dict[str, Any], find: Callable[[], tuple[PullRequest, ...]]) -> PullRequest:
        """A new one; what `find` finds where the forge says that it is there, or where its answer was lost."""
        asked = {**asked, "title": cut(asked["title"], MAX_TITLE), "body": cut(asked["body"], _MAX_BODY)}
        return self._api.settled(lambda: self._opened(asked, find), lambda: next(iter(find()), None))

    def update(self, number: int, title: str, body: str) -> None:
        """Set title and body."""
        self._edit(number, {"title": cut(title, MAX_TITLE), "body": cut(body, _MAX_BODY)}, "change")

    def close(self, number: int) -> None:
        """Close it where it is open."""
        if self.given(self.get(number)).state == "open":
            self._edit(number, {"state": "closed"}, "close")

    def comment(self, number: int, text: str, marker: str) -> None:
        """Comment, or edit our comment that holds the marker."""
        self._talk.say(number, cut(text, _MAX_BODY, marker), marker)

    def status(self, commit: str, context: str, state: StatusState, description: str, url: str | None) -> None:
        """Set a commit's status."""
        wanted = {"state": state, "context": context, "description": cut(description, self._longest)}
        asked = {**wanted, **({"target_url": url} if url else {})}
        answer = self._api.insisted(lambda: self._api.change("POST", f"{self._here}/statuses/{commit}", asked))
        if answer.status != 201:
            raise self._api.refusal(answer, f"set the status {context} of {commit[:12]}")

    def label(self, number: int, labels: Sequence[str | int]) -> None:
        """Add labels, by their names or ids, to one that was just opened."""
        path = f"{self._here}/issues/{number}/labels"
        answer = self._api.insisted(lambda: self._api.change("POST", path, {"labels": list(labels)}))
        if answer.status != 200:
            raise self._api.refusal(answer, f"label pull request {number}, which is open")

    def reviews(self, number: int) -> tuple[Review, ...]:
        """The last word of each reviewer."""
        pull = self.given(self.get(number))
        said = self._api.every(f"{self._here}/pulls/{number}/reviews", Said, f"reviews of {number}")
        return last_words(said, pull.author, pull.url)

    def _opened(self, asked: dict[str, Any], find: Callable[[], tuple[PullRequest, ...]]) -> PullRequest:
        answer = self._api.change("POST", f"{self._here}/pulls", asked)
        if answer.status == _OPENED:
            return first_of(self.given(self._api.decoded(answer, Pull)), find(), self.close)
        if answer.status == self._duplicate and (there := find()):
            return there[0]
        raise self._api.refusal(answer, f"open a pull request of {asked['head']} for {asked['base']}")

    def _edit(self, number: int, asked: dict[str, Any], act: str) -> None:
        answer = self._api.insisted(lambda: self._api.change("PATCH", f"{self._here}/pulls/{number}", asked))
        if answer.status != self._edited:
            raise self._api.refusal(answer, f"{act} pull request {number}")

    def _remarks(self, number: int) -> Iterable[Comment]:
        path = f"{self._here}/issues/{number}/comments"
        remarks = self._api.every(path, Remark, f"comments on {number}")
        return [Comment(id=one.id, by=one.user.login if one.user else "", text=one.body or "") for one in remarks]

    def _remark(self, number: int, text: str) -> Answered:
        return self._api.change("POST", f"{self._here}/issues/{number}/comments", {"body": text})

    def _correct(self, _: int, comment: int, text: str) -> Answered:
        return self._api.change("PATCH", f"{self._here}/issues/comments/{comment}", {"body": text})

    def _remove(self, _: int, comment: int) -> Answered:
        return self._api.change("DELETE", f"{self._here}/issues/comments/{comment}")


class Alike:
    """What of `ports.forge.Forge` is the same at both; `_pulls` does it."""

    _pulls: PullRequests

    def get(self, number: int) -> PullRequest:
        """See `ports.forge.Forge`."""
        return self._pulls.given(self._pulls.get(number))

    def update(self, number: int, title: str, body: str) -> None:
        """See `ports.forge.Forge`."""
        self._pulls.update(number, title, body)

    def close(self, number: int) -> None:
        """See `ports.forge.Forge`."""
        self._pulls.close(number)

    def comment(self, number: int, text: str, marker: str = "") -> None:
        """See `ports.forge.Forge`."""
        self._pulls.comment(number, text, marker)

    def status(self, commit: str, context: str, state: StatusState, description: str, url: str | None = None) -> None:
        """See `ports.forge.Forge`."""
        self._pulls.status(commit, context, state, description, url)

    def reviews(self, number: int) -> tuple[Review, ...]:
        """See `ports.forge.Forge`."""
        return self._pulls.reviews(number)
