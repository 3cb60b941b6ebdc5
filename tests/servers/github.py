"""A GitHub of the tests' own, which takes only what GitHub's published description of its API knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.components import component, need
from tests.servers.described import Description, Operation
from tests.servers.forge_site import Answer, Asked, Comment, Pull, Review, Site

REPOSITORY = "octo/deploy"
AUTHOR, APPROVER = "Octo-Author", "octo-approver"
TOKENS = {"ghp_" + "a" * 36: AUTHOR, "ghp_" + "b" * 36: APPROVER, "ghs_" + "c" * 36: "octo-app[bot]"}
AUTHORS_TOKEN, APPROVERS_TOKEN, APPS_TOKEN = TOKENS
_DOCS = "https://docs.github.com/rest"
_STATES = {"approved": "APPROVED", "changes": "CHANGES_REQUESTED", "commented": "COMMENTED", "dismissed": "DISMISSED"}


class GitHubSite(Site):
    """GitHub Enterprise Server's addresses: the API below `/api/v3`."""

    prefix = "/api/v3"

    def who(self, headers: dict[str, str]) -> str | None:
        return self.tokens.get(headers.get("authorization", "").removeprefix("Bearer "))

    def faults_of_headers(self, headers: dict[str, str]) -> list[str]:
        wanted = {"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"}
        faults = [f"header {name}" for name, value in wanted.items() if headers.get(name) != value]
        return faults + ([] if headers.get("user-agent") else ["no user-agent"])

    def not_allowed(self) -> Answer:
        return Answer(401, {"message": "Bad credentials", "documentation_url": _DOCS, "status": "401"})

    def page_headers(self, path: str, page: int, more: bool) -> list[tuple[str, str]]:
        link = f'<{self.url}{path}?page={page + 1}>; rel="next", <{self.url}{path}?page=9>; rel="last"'
        return [("link", link)] if more else []

    def respond(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer | None:
        if target != "/api/graphql":
            return super().respond(method, target, headers, body)
        # GraphQL is not in the description: this one question is known of it.
        assert body == b'{"query":"query { viewer { login } }"}'
        who = self.who(headers)
        if who is None or who in self.untold:
            return Answer(401 if who is None else 403, {"message": "no"})
        return Answer(200, {"data": {"viewer": {"login": who}}})

    def answer(self, operation: Operation, asked: Asked) -> Answer:
        values = operation.values
        if "owner" in values and f"{values['owner']}/{values['repo']}".lower() != self.repository:
            return self._error(404, "Not Found")
        if asked.method != "GET" and asked.who in self.readers:
            return self._error(403, "Resource not accessible by personal access token")
        number = values.get("pull_number") or values.get("issue_number")
        if number and not 1 <= int(number) <= len(self.pulls):
            return self._error(404, "Not Found")
        return _ANSWERS[operation.method, operation.path](self, asked)

    def _user(self, asked: Asked) -> Answer:
        if asked.who.endswith("[bot]") or asked.who in self.untold:
            return self._error(403, "Resource not accessible by integration")
        user = self.description.example("private-user-response-with-public-profile-information")
        return Answer(200, {**user, "login": asked.who})

    def _list(self, asked: Asked) -> Answer:
        head, base = asked.query.get("head"), asked.query.get("base")
        found = [
            pull
            for pull in self.pulls
            if (asked.query.get("state", "open") == "all" or not pull.closed)
            and head in (None, f"{self._owner(pull)}:{pull.head}")
            and base in (None, pull.base)
        ]
        return Answer(200, [self._simple(pull) for pull in reversed(found)])

    def _open(self, asked: Asked) -> Answer:
        body = asked.body
        if len(body["title"]) > 256:
            return self._invalid({"resource": "PullRequest", "field": "title", "code": "custom", "message": "too long"})
        if body["head"] not in self.branches:
            return self._invalid({"resource": "PullRequest", "field": "head", "code": "invalid"})
        if self.branches[body["head"]] == self.branches[body["base"]]:
            message = f"No commits between {body['base']} and {body['head']}"
            return self._invalid({"resource": "PullRequest", "code": "custom", "message": message})
        if self.open_pull(body["head"], body["base"]):
            message = f"A pull request already exists for {asked.values['owner']}:{body['head']}."
            return self._invalid({"resource": "PullRequest", "code": "custom", "message": message})
        pull = self.add_pull(body["head"], body["base"], asked.who, body["title"], body.get("body", ""))
        return Answer(201, self._full(pull))

    def _get(self, asked: Asked) -> Answer:
        pull = self.pull(int(asked.values["pull_number"]))
        shown = self._full(pull)
        pull.checks = max(pull.checks - 1, 0)
        return Answer(200, shown)

    def _edit(self, asked: Asked) -> Answer:
        pull = self.pull(int(asked.values["pull_number"]))
        if len(asked.body.get("title", "")) > 256:
            return self._invalid({"resource": "PullRequest", "field": "title", "code": "custom", "message": "too long"})
        pull.title = asked.body.get("title", pull.title)
        pull.body = asked.body.get("body", pull.body)
        pull.closed = pull.closed or asked.body.get("state") == "closed"
        return Answer(200, self._full(pull))

    def _merge(self, asked: Asked) -> Answer:
        pull, body = self.pull(int(asked.values["pull_number"])), asked.body
        if pull.closed or pull.checks:
            return self._error(405, "Pull Request is not mergeable")
        if body.get("sha") not in (None, pull.commit):
            return self._error(409, "Head branch was modified. Review and try the merge again.")
        if (unmet := self.unmet(pull)) is not None:
            said = "At least 1 approving review is required by reviewers with write access."
            return self._error(
                405, said if unmet == "approvals" else f'Required status check "{self.context}" is expected.'
            )
        return Answer(200, {"sha": self.merge(pull), "merged": True, "message": "Pull Request successfully merged"})

    def _reviews(self, asked: Asked) -> Answer:
        return Answer(200, [self._review(one) for one in self.pull(int(asked.values["pull_number"])).reviews])

    def _comments(self, asked: Asked) -> Answer:
        return Answer(200, [self._comment(one) for one in self.pull(int(asked.values["issue_number"])).comments])

    def _say(self, asked: Asked) -> Answer:
        if len(asked.body["body"]) > 65536:
            return self._invalid({"resource": "IssueComment", "code": "unprocessable", "field": "data"})
        return Answer(201, self._comment(self.say(int(asked.values["issue_number"]), asked.who, asked.body["body"])))

    def _correct(self, asked: Asked) -> Answer:
        comments = [one for pull in self.pulls for one in pull.comments if one.id == int(asked.values["comment_id"])]
        comments[0].text = asked.body["body"]
        return Answer(200, self._comment(comments[0]))

    def _remove(self, asked: Asked) -> Answer:
        wanted = int(asked.values["comment_id"])
        there = [pull for pull in self.pulls if any(one.id == wanted for one in pull.comments)]
        for pull in there:
            pull.comments = [one for one in pull.comments if one.id != wanted]
        return Answer(204) if there else self._error(404, "Not Found")

    def _labels(self, asked: Asked) -> Answer:
        pull = self.pull(int(asked.values["issue_number"]))
        pull.labels += [label for label in asked.body["labels"] if label not in pull.labels]
        label = self.description.example("label-items")[0]
        return Answer(200, [{**label, "name": name} for name in pull.labels])

    def _status(self, asked: Asked) -> Answer:
        if len(asked.body["description"]) > 140:
            return Answer(422, {"message": "Validation Failed: description is too long (maximum is 140 characters)"})
        said = (asked.body["context"], asked.body["state"], asked.body["description"])
        self.statuses.setdefault(asked.values["sha"], []).append(said)
        shown = dict(zip(("context", "state", "description"), said, strict=True))
        return Answer(201, {**self.description.example("status"), **shown})

    def _brought(self, asked: Asked) -> Answer:
        found = [pull for pull in self.pulls if asked.values["commit_sha"] in (pull.merged_as, pull.commit)]
        return Answer(200, [self._simple(pull) for pull in found])

    def _error(self, status: int, message: str) -> Answer:
        return Answer(status, {"message": message, "documentation_url": _DOCS, "status": str(status)})

    def _invalid(self, error: dict[str, Any]) -> Answer:
        return Answer(422, {"message": "Validation Failed", "documentation_url": _DOCS, "errors": [error]})

    def _owner(self, pull: Pull) -> str:
        return "stranger" if pull.fork else self.repository.partition("/")[0]

    def _person(self, login: str) -> dict[str, Any]:
        return {**self.description.example("pull-request-review-items")[0]["user"], "login": login}

    def _full(self, pull: Pull) -> dict[str, Any]:
        mergeable = None if pull.checks or pull.closed else self.unmet(pull) is None
        more = {"merged": pull.merged_as is not None, "mergeable": mergeable}
        return self._shown({**self.description.example("pull-request"), **more}, pull)

    def _simple(self, pull: Pull) -> dict[str, Any]:
        return self._shown(self.description.example("pull-request-simple-items")[0], pull)

    def _shown(self, example: dict[str, Any], pull: Pull) -> dict[str, Any]:
        head, base = example["head"], example["base"]
        base |= {"ref": pull.base, "sha": self.branches[pull.base], "label": f"octo:{pull.base}"}
        head |= {"ref": pull.head, "sha": pull.commit, "label": f"{self._owner(pull)}:{pull.head}"}
        head["repo"] = {**base["repo"], "id": base["repo"]["id"] + pull.fork}
        return {
            **example,
            "number": pull.number,
            "html_url": f"{self.url}/{self.repository}/pull/{pull.number}",
            "title": pull.title,
            "body": pull.body or None,
            "state": "closed" if pull.closed else "open",
            "user": self._person(pull.author),
            "merged_at": "2026-11-25T00:00:00Z" if pull.merged_as else None,
            # While it is open GitHub shows a commit that it only tried.
            "merge_commit_sha": pull.merged_as or "e" * 40,
            "requested_teams": [],
        }

    def _review(self, review: Review) -> dict[str, Any]:
        example = self.description.example("pull-request-review-items")[0]
        shown = {"id": review.id, "state": _STATES[review.word], "commit_id": review.commit, "submitted_at": review.at}
        place = f"{self.url}/{self.repository}/pull/1#pullrequestreview-{review.id}"
        return {**example, **shown, "user": self._person(review.by), "html_url": place}

    def _comment(self, comment: Comment) -> dict[str, Any]:
        example = self.description.example("issue-comment-items")[0]
        return {**example, "id": comment.id, "body": comment.text, "user": self._person(comment.by)}


_PULL = "/repos/{owner}/{repo}/pulls/{pull_number}"
_ISSUE = "/repos/{owner}/{repo}/issues"
_ANSWERS: dict[tuple[str, str], Callable[[GitHubSite, Asked], Answer]] = {
    ("get", "/user"): GitHubSite._user,
    ("get", "/repos/{owner}/{repo}/pulls"): GitHubSite._list,
    ("post", "/repos/{owner}/{repo}/pulls"): GitHubSite._open,
    ("get", _PULL): GitHubSite._get,
    ("patch", _PULL): GitHubSite._edit,
    ("put", f"{_PULL}/merge"): GitHubSite._merge,
    ("get", f"{_PULL}/reviews"): GitHubSite._reviews,
    ("get", f"{_ISSUE}/{{issue_number}}/comments"): GitHubSite._comments,
    ("post", f"{_ISSUE}/{{issue_number}}/comments"): GitHubSite._say,
    ("patch", f"{_ISSUE}/comments/{{comment_id}}"): GitHubSite._correct,
    ("delete", f"{_ISSUE}/comments/{{comment_id}}"): GitHubSite._remove,
    ("post", f"{_ISSUE}/{{issue_number}}/labels"): GitHubSite._labels,
    ("post", "/repos/{owner}/{repo}/statuses/{sha}"): GitHubSite._status,
    ("get", "/repos/{owner}/{repo}/commits/{commit_sha}/pulls"): GitHubSite._brought,
}


@pytest.fixture(scope="session")
def github_description() -> Description:
    """GitHub's own description of its API."""
    file = component("github-api", "file", check=False)
    need("github-api", bool(file))
    return Description(Path(file))


@pytest.fixture
def github(github_description: Description) -> Iterator[GitHubSite]:
    """A GitHub of this test; at its end nothing was asked or answered that GitHub would not know."""
    with GitHubSite(github_description, REPOSITORY) as site:
        site.tokens |= TOKENS
        yield site
    assert site.faults == []
