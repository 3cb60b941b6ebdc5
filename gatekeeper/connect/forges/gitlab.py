"""GitLab, by its REST API version 4; written against GitLab 19.5, and of older ones needs nothing newer than 16."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from gatekeeper.connect.forges.conversation import Comment, Comments, Conversation
from gatekeeper.connect.forges.merge_requests import (
    MAX_BODY,
    Approvals,
    Job,
    Note,
    Project,
    Request,
    Reviewer,
    Status,
    User,
    author_of,
    inert,
    is_own,
    joined,
    pull_request,
)
from gatekeeper.connect.forges.merging import Merging, Seen, merge
from gatekeeper.connect.forges.pull_requests import first_of
from gatekeeper.connect.forges.rest import Api, Login, Pace
from gatekeeper.connect.forges.words import MAX_TITLE, address, cleaned, cut
from gatekeeper.errors import CannotActError
from gatekeeper.ports import Answered, Door
from gatekeeper.ports.forge import Merged, PullRequest, Review, StatusState

_MAX_DESCRIPTION = 255
_STATES: dict[StatusState, str] = {"pending": "pending", "success": "success", "failure": "failed", "error": "failed"}
_UNDECIDED = frozenset({"unchecked", "checking", "preparing", "approvals_syncing"})
_METHODS = {
    "merge": ("merge", "rebase_merge"),
    "rebase": ("rebase_merge", "ff"),
    "squash": ("merge", "rebase_merge", "ff"),
}


def login(token: str, *, of_job: bool = False) -> Login:
    """How GitLab is told the token; a CI job's own has another header."""
    return Login(header="job-token" if of_job else "private-token", value=token, token=token)


class GitLab:
    """`ports.forge.Forge` for one project, by its whole path; `web` is where the forge's pages lie."""

    name = "gitlab"

    def __init__(self, door: Door, web: str, project: str, token: str, pace: Pace, *, of_job: bool = False) -> None:
        self._api = Api(door, f"{web}/api/v4", login(token, of_job=of_job), pace)
        self._whose = "/job" if of_job else "/user"
        self._here = f"/projects/{quote(project, safe='')}"
        self._web = f"{web}/{project}/-/merge_requests/"
        self._actor: list[str | None] = []
        comments = Comments(every=self._comments, write=self._comment, edit=self._correct, remove=self._remove)
        self._talk = Conversation(self._api, self.actor, comments)

    def actor(self) -> str | None:
        """The token's user, for a CI job's token who started the job; None where the token may not ask."""
        if not self._actor:
            self._actor.append(self._asked_actor())
        return self._actor[0]

    def find(self, head: str, base: str) -> tuple[PullRequest, ...]:
        """See `ports.forge.Forge`."""
        query = {"state": "opened", "scope": "all", "source_branch": head, "target_branch": base}
        found = self._api.every(f"{self._here}/merge_requests", Request, "merge requests", query)
        own = [one for one in found if is_own(one, head, base)]
        return tuple(self._ready(one) for one in sorted(own, key=lambda one: -one.iid))

    def get(self, number: int) -> PullRequest:
        """See `ports.forge.Forge`."""
        return self._ready(self._request(number))

    def open(self, head: str, base: str, title: str, body: str, labels: Iterable[str]) -> PullRequest:
        """See `ports.forge.Forge`; labels that do not exist are made by GitLab, which knows none with a comma."""
        wanted = joined(labels)
        texts = {"title": cut(title, MAX_TITLE), "description": inert(body)}
        asked = {"source_branch": head, "target_branch": base, **texts}
        opened = self._api.settled(lambda: self._opened(asked), lambda: next(iter(self.find(head, base)), None))
        if wanted:
            self._edit(opened.number, {"add_labels": wanted}, "label")
        return opened

    def update(self, number: int, title: str, body: str) -> None:
        """See `ports.forge.Forge`."""
        self._edit(number, {"title": cut(title, MAX_TITLE), "description": inert(body)}, "change")

    def close(self, number: int) -> None:
        """See `ports.forge.Forge`."""
        if self._request(number).state == "opened":
            self._edit(number, {"state_event": "close"}, "close")

    def comment(self, number: int, text: str, marker: str = "") -> None:
        """See `ports.forge.Forge`."""
        self._talk.say(number, inert(cut(text, MAX_BODY, marker)), marker)

    def status(self, commit: str, context: str, state: StatusState, description: str, url: str | None = None) -> None:
        """See `ports.forge.Forge`. GitLab refuses to set a status to what it is, which is then as wished."""
        wanted = {"state": _STATES[state], "name": context, "description": cut(description, _MAX_DESCRIPTION)}
        asked = {**wanted, **({"target_url": url} if url else {})}
        answer = self._api.insisted(lambda: self._api.change("POST", f"{self._here}/statuses/{commit}", asked))
        if answer.status == 201 or (answer.status == 400 and self._is_status(commit, context, _STATES[state])):
            return
        raise self._api.refusal(answer, f"set the status {context} of {commit[:12]}")

    def reviews(self, number: int) -> tuple[Review, ...]:
        """See `ports.forge.Forge`. GitLab does not say which commit was approved."""
        request = self._request(number)
        path = f"{self._here}/merge_requests/{number}"
        approvals = self._api.read(f"{path}/approvals", Approvals, f"approvals of {number}")
        reviewers = self._api.every(f"{path}/reviewers", Reviewer, f"reviewers of {number}")
        last = {one.user.username.lower(): (one.user.username, True, one.approved_at) for one in approvals.approved_by}
        last |= {
            one.user.username.lower(): (one.user.username, False, None)
            for one in reviewers
            if one.state == "requested_changes"
        }
        last.pop(author_of(request).lower(), None)
        url = address(request.web_url, f"{self._web}{number}")
        return tuple(Review(by=by, approves=yes, commit=None, at=at, url=url) for by, yes, at in last.values())

    def merge(self, number: int, commit: str, method: str, title: str, body: str) -> Merged:
        """See `ports.forge.Forge`. How a project merges is its setting: another method is refused."""
        way = self._api.read(self._here, Project, "the project").merge_method
        if way not in _METHODS[method] and self.get(number).state == "open":
            return Merged(refused=f"the project's merge method is {cleaned(way)}, and `merge: {method}` is asked for")
        message = f"{title}\n\n{body}".strip()
        of_message = "squash_commit_message" if method == "squash" else "merge_commit_message"
        asked = {"sha": commit, "squash": method == "squash", of_message: message}
        merging = Merging(
            send=lambda: self._api.change("PUT", f"{self._here}/merge_requests/{number}/merge", asked),
            look=lambda: self._seen(number),
            refused=(401,),
        )
        return merge(self._api, commit, merging)

    def brought(self, commit: str) -> tuple[PullRequest, ...]:
        """See `ports.forge.Forge`."""
        path = f"{self._here}/repository/commits/{commit}/merge_requests"
        requests = self._api.every(path, Request, f"merge requests of {commit[:12]}")
        return tuple(self._ready(request) for request in requests if request.state == "merged")

    def _asked_actor(self) -> str | None:
        answer = self._api.get(self._whose)
        if answer.status in (403, 404):
            return None
        if answer.status != 200:
            raise self._api.refusal(answer, "ask who the token belongs to")
        if self._whose == "/user":
            return self._api.decoded(answer, User).username
        user = self._api.decoded(answer, Job).user
        return user.username if user else None

    def _request(self, number: int) -> Request:
        path = f"{self._here}/merge_requests/{number}"
        return self._api.read(path, Request, f"merge request {number}")

    def _ready(self, request: Request) -> PullRequest:
        """The merge request, once GitLab has found its head, which it does after it has answered."""
        made = (
            request
            if request.sha
            else self._api.wait_for(
                lambda: again if (again := self._request(request.iid)).sha else None,
                "it is still preparing the merge request",
            )
        )
        if made is None:
            raise CannotActError(f"{self._api.host}: merge request {request.iid} has no head yet", "Try again later.")
        return pull_request(made, self._web)

    def _opened(self, asked: dict[str, Any]) -> PullRequest:
        head, base = asked["source_branch"], asked["target_branch"]
        answer = self._api.change("POST", f"{self._here}/merge_requests", asked)
        if answer.status == 201:
            return first_of(self._ready(self._api.decoded(answer, Request)), self.find(head, base), self.close)
        if answer.status == 409 and (there := self.find(head, base)):
            return there[0]
        raise self._api.refusal(answer, f"open a merge request of {head} for {base}")

    def _edit(self, number: int, asked: dict[str, Any], act: str) -> None:
        path = f"{self._here}/merge_requests/{number}"
        answer = self._api.insisted(lambda: self._api.change("PUT", path, asked))
        if answer.status != 200:
            raise self._api.refusal(answer, f"{act} merge request {number}")

    def _notes(self, number: int) -> str:
        return f"{self._here}/merge_requests/{number}/notes"

    def _comments(self, number: int) -> Iterable[Comment]:
        query = {"sort": "asc", "order_by": "created_at"}
        notes = self._api.every(self._notes(number), Note, f"comments on {number}", query)
        by_people = [note for note in notes if not note.system]
        return [Comment(id=one.id, by=one.author.username if one.author else "", text=one.body) for one in by_people]

    def _comment(self, number: int, text: str) -> Answered:
        return self._api.change("POST", self._notes(number), {"body": text})

    def _correct(self, number: int, note: int, text: str) -> Answered:
        return self._api.change("PUT", f"{self._notes(number)}/{note}", {"body": text})

    def _remove(self, number: int, note: int) -> Answered:
        return self._api.change("DELETE", f"{self._notes(number)}/{note}")

    def _is_status(self, commit: str, context: str, state: str) -> bool:
        path = f"{self._here}/repository/commits/{commit}/statuses"
        statuses = self._api.every(path, Status, f"statuses of {commit[:12]}", {"name": context})
        return [status.status for status in statuses if status.name == context][:1] == [state]

    def _seen(self, number: int) -> Seen:
        request = self._request(number)
        status = request.detailed_merge_status or ""
        why = "; ".join(cleaned(part) for part in (status, request.merge_error) if part)
        undecided = status in _UNDECIDED or request.state == "locked"
        return Seen(pull=pull_request(request, self._web), undecided=undecided, why=why)
