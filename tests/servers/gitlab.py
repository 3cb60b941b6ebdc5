"""A GitLab of the tests' own, which takes only what `gitlab-api.json` writes down of GitLab's API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.described import Description, Operation
from tests.servers.forge_site import Answer, Asked, Comment, Pull, Site

PROJECT = "ml/platform/deploy"
AUTHOR, APPROVER = "gl-author", "gl-approver"
TOKENS = {"glpat-" + "a" * 20: AUTHOR, "glpat-" + "b" * 20: APPROVER}
AUTHORS_TOKEN, APPROVERS_TOKEN = TOKENS
JOBS_TOKEN = "glcbt-64_" + "j" * 20
DESCRIPTION = Path(__file__).with_name("gitlab-api.json")


class GitLabSite(Site):
    """A project that merges by merge commits unless `way` says otherwise; `notes` made by GitLab are not ours."""

    prefix = "/api/v4"
    way = "merge"
    unprepared = 0

    def who(self, headers: dict[str, str]) -> str | None:
        if headers.get("job-token") == JOBS_TOKEN:
            return AUTHOR
        return self.tokens.get(headers.get("private-token", ""))

    def faults_of_headers(self, headers: dict[str, str]) -> list[str]:
        given = [name for name in ("private-token", "job-token", "authorization") if name in headers]
        return [] if len(given) == 1 else [f"credentials by {given}"]

    def not_allowed(self) -> Answer:
        return Answer(401, {"message": "401 Unauthorized"})

    def page_headers(self, _: str, page: int, more: bool) -> list[tuple[str, str]]:
        return [("x-page", str(page)), ("x-next-page", str(page + 1) if more else "")]

    def answer(self, operation: Operation, asked: Asked) -> Answer:
        values = operation.values
        if "id" in values and values["id"] != PROJECT:
            return Answer(404, {"message": "404 Project Not Found"})
        if asked.method != "GET" and asked.who in self.readers:
            return Answer(403, {"message": "403 Forbidden"})
        if "merge_request_iid" in values and not 1 <= int(values["merge_request_iid"]) <= len(self.pulls):
            return Answer(404, {"message": "404 Not found"})
        if "job-token" in asked.headers and operation.path not in ("/job", "/projects/{id}"):
            return Answer(401, {"message": "401 Unauthorized"})
        return _ANSWERS[operation.method, operation.path](self, asked)

    def _user(self, asked: Asked) -> Answer:
        return Answer(403, {"message": "no"}) if asked.who in self.untold else Answer(200, _person(asked.who))

    def _job(self, asked: Asked) -> Answer:
        if "job-token" not in asked.headers:
            return Answer(404, {"message": "404 Not found"})
        return Answer(200, {"id": 1, "name": "promote", "status": "running", "user": _person(asked.who)})

    def _project(self, asked: Asked) -> Answer:
        return Answer(200, {"id": 7, "path_with_namespace": asked.values["id"], "merge_method": self.way})

    def _list(self, asked: Asked) -> Answer:
        query = asked.query
        found = [
            pull
            for pull in self.pulls
            if query.get("state", "all") in ("all", self._state(pull))
            and query.get("source_branch") in (None, pull.head)
            and query.get("target_branch") in (None, pull.base)
        ]
        if query.get("scope", "created_by_me") == "created_by_me":
            found = [pull for pull in found if pull.author == asked.who]
        return Answer(200, [self._shown(pull) for pull in reversed(found)])

    def _open(self, asked: Asked) -> Answer:
        body = asked.body
        if len(body["title"]) > 255:
            return Answer(400, {"message": {"title": ["is too long (maximum is 255 characters)"]}})
        if body["source_branch"] not in self.branches:
            return Answer(400, {"message": {"source_branch": ["does not exist"]}})
        if (there := self.open_pull(body["source_branch"], body["target_branch"])) is not None:
            said = f"Another open merge request already exists for this source branch: !{there.number}"
            return Answer(409, {"message": [said]})
        text = body.get("description", "")
        pull = self.add_pull(body["source_branch"], body["target_branch"], asked.who, body["title"], text)
        self._act(pull, text)
        pull.checks = max(pull.checks, self.unprepared)
        return Answer(201, self._shown(pull))

    def _get(self, asked: Asked) -> Answer:
        pull = self._asked_for(asked)
        shown = self._shown(pull)
        pull.checks = max(pull.checks - 1, 0)
        self.unprepared = max(self.unprepared - 1, 0)
        return Answer(200, shown)

    def _edit(self, asked: Asked) -> Answer:
        pull, body = self._asked_for(asked), asked.body
        if len(body.get("title", "")) > 255:
            return Answer(400, {"message": {"title": ["is too long (maximum is 255 characters)"]}})
        pull.title = body.get("title", pull.title)
        pull.body = body.get("description", pull.body)
        pull.closed = pull.closed or body.get("state_event") == "close"
        added = body.get("add_labels", "").split(",")
        pull.labels += [label for label in added if label and label not in pull.labels]
        self._act(pull, body.get("description", ""))
        return Answer(200, self._shown(pull))

    def _merge(self, asked: Asked) -> Answer:
        pull, body = self._asked_for(asked), asked.body
        if pull.base != "main":
            return Answer(401, {"message": "401 Unauthorized"})
        if pull.closed or pull.checks or self.unmet(pull) is not None:
            return Answer(405, {"message": "405 Method Not Allowed"})
        if body.get("sha") not in (None, pull.commit):
            return Answer(409, {"message": f"SHA does not match HEAD of source branch: {pull.commit}"})
        if not pull.error:
            self.merge(pull)
        return Answer(200, self._shown(pull))

    def _approvals(self, asked: Asked) -> Answer:
        pull = self._asked_for(asked)
        last = {review.by: review for review in pull.reviews}
        yes = [one for one in last.values() if one.word == "approved"]
        return Answer(200, {"approved_by": [{"user": _person(one.by), "approved_at": one.at} for one in yes]})

    def _reviewers(self, asked: Asked) -> Answer:
        words = {"approved": "approved", "changes": "requested_changes"}
        last = {review.by: review.word for review in self._asked_for(asked).reviews}
        shown = [{"user": _person(by), "state": words.get(word, "reviewed")} for by, word in last.items()]
        return Answer(200, [{**one, "created_at": self.at()} for one in shown])

    def _notes(self, asked: Asked) -> Answer:
        shown = [_note(one) for one in self._asked_for(asked).comments]
        return Answer(200, shown if asked.query.get("sort") == "asc" else shown[::-1])

    def _say(self, asked: Asked) -> Answer:
        pull = self._asked_for(asked)
        self._act(pull, asked.body["body"])
        return Answer(201, _note(self.say(pull.number, asked.who, asked.body["body"])))

    def _correct(self, asked: Asked) -> Answer:
        found = [one for one in self._asked_for(asked).comments if one.id == int(asked.values["note_id"])]
        if found[0].by != asked.who:
            return Answer(403, {"message": "403 Forbidden"})
        found[0].text = asked.body["body"]
        return Answer(200, _note(found[0]))

    def _remove(self, asked: Asked) -> Answer:
        pull, wanted = self._asked_for(asked), int(asked.values["note_id"])
        found = [one for one in pull.comments if one.id == wanted]
        if not found:
            return Answer(404, {"message": "404 Note Not Found"})
        if found[0].by != asked.who:
            return Answer(403, {"message": "403 Forbidden"})
        pull.comments.remove(found[0])
        return Answer(204)

    def _set_status(self, asked: Asked) -> Answer:
        body, said = asked.body, self.statuses.setdefault(asked.values["sha"], [])
        name = body.get("name") or body.get("context") or "default"
        now = next((state for context, state, _ in reversed(said) if context == name), None)
        if now == body["state"] == "pending":
            return Answer(400, {"message": f"Cannot transition status via :enqueue from :{now}"})
        if len(body.get("description", "")) > 255:
            return Answer(400, {"message": {"description": ["is too long (maximum is 255 characters)"]}})
        said.append((name, body["state"], body.get("description", "")))
        return Answer(201, {"id": self.next_id(), "sha": asked.values["sha"], "name": name, "status": body["state"]})

    def _statuses(self, asked: Asked) -> Answer:
        latest = {name: state for name, state, _ in self.statuses.get(asked.values["sha"], [])}
        wanted = asked.query.get("name")
        shown = [{"id": 1, "sha": asked.values["sha"], "name": name, "status": state} for name, state in latest.items()]
        return Answer(200, [one for one in shown if wanted in (None, one["name"])])

    def _brought(self, asked: Asked) -> Answer:
        found = [pull for pull in self.pulls if asked.values["sha"] in (pull.merged_as, pull.commit)]
        return Answer(200, [self._shown(pull) for pull in found])

    def unmet(self, pull: Pull) -> str | None:
        states = {name: state for name, state, _ in self.statuses.get(pull.commit, [])}
        if self.context and states.get(self.context) != "success":
            return "status"
        last = {review.by: review.word for review in pull.reviews if review.by != pull.author}
        return "approvals" if sum(word == "approved" for word in last.values()) < self.approvals else None

    def _asked_for(self, asked: Asked) -> Pull:
        return self.pull(int(asked.values["merge_request_iid"]))

    def _act(self, pull: Pull, text: str) -> None:
        """Quick actions, as GitLab carries them out in whatever is written."""
        pull.closed = pull.closed or any(line.strip() in ("/close", "/merge") for line in text.splitlines())

    def _state(self, pull: Pull) -> str:
        return "merged" if pull.merged_as else "closed" if pull.closed else "opened"

    def _shown(self, pull: Pull) -> dict[str, Any]:
        way = {"approvals": "not_approved", "status": "ci_must_pass", None: "mergeable"}[self.unmet(pull)]
        return {
            "id": 1000 + pull.number,
            "iid": pull.number,
            "project_id": 7,
            "title": pull.title,
            "description": pull.body,
            "state": self._state(pull),
            "source_branch": pull.head,
            "target_branch": pull.base,
            "source_project_id": 8 if pull.fork else 7,
            "target_project_id": 7,
            "author": _person(pull.author),
            "labels": pull.labels,
            "draft": False,
            "sha": None if self.unprepared else pull.commit,
            "merge_commit_sha": pull.merged_as,
            "squash_commit_sha": None,
            "detailed_merge_status": "checking" if pull.checks else way,
            "merge_error": pull.error,
            "web_url": f"{self.url}/{PROJECT}/-/merge_requests/{pull.number}",
        }


def _person(login: str) -> dict[str, Any]:
    return {"id": 1, "username": login, "name": login.title(), "state": "active"}


def _note(comment: Comment) -> dict[str, Any]:
    return {"id": comment.id, "body": comment.text, "author": _person(comment.by), "system": comment.system}


_MERGE_REQUESTS = "/projects/{id}/merge_requests"
_ONE = f"{_MERGE_REQUESTS}/{{merge_request_iid}}"
_COMMIT = "/projects/{id}/repository/commits/{sha}"
_ANSWERS: dict[tuple[str, str], Callable[[GitLabSite, Asked], Answer]] = {
    ("get", "/user"): GitLabSite._user,
    ("get", "/job"): GitLabSite._job,
    ("get", "/projects/{id}"): GitLabSite._project,
    ("get", _MERGE_REQUESTS): GitLabSite._list,
    ("post", _MERGE_REQUESTS): GitLabSite._open,
    ("get", _ONE): GitLabSite._get,
    ("put", _ONE): GitLabSite._edit,
    ("put", f"{_ONE}/merge"): GitLabSite._merge,
    ("get", f"{_ONE}/approvals"): GitLabSite._approvals,
    ("get", f"{_ONE}/reviewers"): GitLabSite._reviewers,
    ("get", f"{_ONE}/notes"): GitLabSite._notes,
    ("post", f"{_ONE}/notes"): GitLabSite._say,
    ("put", f"{_ONE}/notes/{{note_id}}"): GitLabSite._correct,
    ("delete", f"{_ONE}/notes/{{note_id}}"): GitLabSite._remove,
    ("post", "/projects/{id}/statuses/{sha}"): GitLabSite._set_status,
    ("get", f"{_COMMIT}/statuses"): GitLabSite._statuses,
    ("get", f"{_COMMIT}/merge_requests"): GitLabSite._brought,
}


@pytest.fixture(scope="session")
def gitlab_description() -> Description:
    """What is written down of GitLab's API."""
    return Description(DESCRIPTION)


@pytest.fixture
def gitlab(gitlab_description: Description) -> Iterator[GitLabSite]:
    """A GitLab of this test; at its end nothing was asked or answered that is not written down."""
    with GitLabSite(gitlab_description, PROJECT) as site:
        site.tokens |= TOKENS
        yield site
    assert site.faults == []
