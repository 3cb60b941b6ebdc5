"""The servers of the tests' own are strict: what the forge does not know is noticed, and fails the test that asked."""

from __future__ import annotations

import json

import pytest

from tests.servers.described import Description
from tests.servers.forge_site import Site
from tests.servers.github import AUTHORS_TOKEN, REPOSITORY, TOKENS, GitHubSite, github_description
from tests.servers.gitlab import AUTHORS_TOKEN as LAB_TOKEN
from tests.servers.gitlab import PROJECT, GitLabSite, gitlab_description
from tests.servers.gitlab import TOKENS as LAB_TOKENS

__all__ = ["github_description", "gitlab_description"]

HEADERS = {
    "authorization": f"Bearer {AUTHORS_TOKEN}",
    "accept": "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
    "user-agent": "tests",
    "content-type": "application/json",
}
PULLS = f"/api/v3/repos/{REPOSITORY}/pulls"
OPENING = {"title": "T", "head": "b", "base": "main"}
REQUESTS = f"/api/v4/projects/{PROJECT.replace('/', '%2F')}/merge_requests"
LAB_HEADERS = {"private-token": LAB_TOKEN, "content-type": "application/json"}


def faults(site: Site, tokens: dict[str, str], method: str, target: str, headers: dict[str, str], body: object) -> str:
    """What the server notices of one request."""
    site.tokens |= tokens
    with site:
        site.push("b")
        site.respond(method, target, headers, b"" if body is None else json.dumps(body).encode())
    return "; ".join(site.faults)


@pytest.mark.parametrize(
    ("method", "target", "headers", "body", "fault"),
    [
        ("POST", PULLS, HEADERS, OPENING, ""),
        ("GET", f"{PULLS}?state=open&per_page=100", HEADERS, None, ""),
        ("GET", f"{PULLS}?state=opened", HEADERS, None, "query state: $: 'opened' is not one of"),
        ("GET", f"{PULLS}?limit=100", HEADERS, None, "unknown query parameter limit"),
        ("GET", f"{PULLS}?per_page=many", HEADERS, None, "query per_page"),
        ("GET", f"{PULLS}/1/approvals", HEADERS, None, "unknown operation"),
        ("PUT", PULLS, HEADERS, OPENING, "unknown operation"),
        ("POST", PULLS, HEADERS, {**OPENING, "head_commit_id": "x"}, "unknown in the body: head_commit_id"),
        ("POST", PULLS, HEADERS, {**OPENING, "title": 1}, "$.title: 1 is not of type 'string'"),
        ("POST", PULLS, HEADERS, {"title": "T"}, "'head' is a required property"),
        ("POST", PULLS, HEADERS, None, "no body"),
        ("POST", PULLS, {**HEADERS, "content-type": "text/plain"}, OPENING, "not called JSON"),
        ("POST", PULLS, {**HEADERS, "accept": "*/*"}, OPENING, "header accept"),
        ("POST", PULLS, {**HEADERS, "x-github-api-version": ""}, OPENING, "header x-github-api-version"),
        ("POST", PULLS, {**HEADERS, "authorization": "Bearer x"}, OPENING, ""),
    ],
)
def test_github_notices(
    github_description: Description, method: str, target: str, headers: dict[str, str], body: object, fault: str
) -> None:
    found = faults(GitHubSite(github_description, REPOSITORY), TOKENS, method, target, headers, body)
    assert (fault in found) if fault else not found


@pytest.mark.parametrize(
    ("method", "target", "body", "fault"),
    [
        ("GET", f"{REQUESTS}?state=opened", None, ""),
        ("GET", f"{REQUESTS}?state=open", None, "query state"),
        ("GET", f"{REQUESTS}?head=b", None, "unknown query parameter head"),
        ("POST", REQUESTS, {"source_branch": "b", "target_branch": "main"}, "'title' is a required property"),
        ("POST", REQUESTS, {"title": "T", "body": "B"}, "unknown in the body: body"),
    ],
)
def test_gitlab_notices(gitlab_description: Description, method: str, target: str, body: object, fault: str) -> None:
    found = faults(GitLabSite(gitlab_description, PROJECT), LAB_TOKENS, method, target, LAB_HEADERS, body)
    assert (fault in found) if fault else not found


def test_an_answer_of_ours_is_checked_as_well(github_description: Description) -> None:
    operation = github_description.operation("GET", f"/repos/{REPOSITORY}/pulls/1")
    assert operation is not None
    shown = {**github_description.example("pull-request"), "requested_teams": []}
    assert github_description.answer_faults(operation, 200, shown) == []
    assert github_description.answer_faults(operation, 200, {**shown, "number": "1"})
    assert github_description.answer_faults(operation, 200, {"number": 1})
    assert github_description.answer_faults(operation, 418, shown)
