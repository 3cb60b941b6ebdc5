"""What forges do wrong: answers that are lost, limits, permissions that lack, bytes that are hostile."""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.connect.forges.gitea import Gitea
from gatekeeper.connect.forges.github import GitHub
from gatekeeper.connect.forges.gitlab import GitLab
from gatekeeper.connect.forges.limits import SECONDARY, pause_asked
from gatekeeper.connect.forges.pulls import Said, User, last_words
from gatekeeper.connect.forges.rest import Pace, UnansweredError
from gatekeeper.connect.forges.words import address, cleaned, told
from gatekeeper.errors import CannotActError, InvalidRequestError
from gatekeeper.ports import Answered
from gatekeeper.ports.forge import Forge, Merged
from tests.connect.forge_stages import SiteStage, Slept, door, github_stage, gitlab_stage
from tests.servers import github as hub
from tests.servers import gitlab as lab
from tests.servers.forge_site import Failure
from tests.servers.github import GitHubSite, github, github_description
from tests.servers.gitlab import GitLabSite, gitlab, gitlab_description

__all__ = ["github", "github_description", "gitlab", "gitlab_description"]

BRANCH = "gatekeeper/production/churn"
MARKER = "<!-- gatekeeper production/churn -->"
OPENING = ("POST", r"/(pulls|merge_requests)$")
COMMENTING = ("POST", r"/(comments|notes)$")
MERGING = ("PUT", r"/merge$")
LOSSES = [(0, "the line was cut"), (502, "a proxy gave up"), (500, "it fell over")]


@pytest.fixture
def slept() -> Slept:
    """What would have been waited."""
    return Slept()


@pytest.fixture(params=["github", "gitlab"])
def stage(request: pytest.FixtureRequest, slept: Slept) -> SiteStage:
    """A repository at each server of the tests' own."""
    site = request.getfixturevalue(request.param)
    return github_stage(site, slept) if request.param == "github" else gitlab_stage(site, slept)


def refusal(act: Callable[[], object], kind: type[Exception] = CannotActError) -> str:
    """The text of the error that `act` ends in, which holds no token in whatever way it is looked at."""
    with pytest.raises(kind) as caught:
        act()
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert not [token for token in (*hub.TOKENS, *lab.TOKENS, lab.JOBS_TOKEN) if token in shown]
    return str(caught.value)


def sent(stage: SiteStage, what: tuple[str, str]) -> int:
    """How often such a request arrived."""
    import re

    return sum(asked.method == what[0] and bool(re.search(what[1], asked.path)) for asked in stage.site.asked)


# Answers that are lost


@pytest.mark.parametrize(("status", "why"), LOSSES)
@pytest.mark.parametrize("done", [True, False])
def test_a_lost_answer_opens_no_second_pull_request(stage: SiteStage, status: int, why: str, done: bool) -> None:
    commit = stage.propose(BRANCH)
    stage.site.failures.append(Failure(*OPENING, status=status, body={"message": why}, done=done))
    opened = stage.forge().open(BRANCH, "main", "T", "", ["gatekeeper"])
    assert (len(stage.site.pulls), opened.commit) == (1, commit)
    assert stage.labels(1) == ["gatekeeper"]
    assert sent(stage, OPENING) == (1 if done else 2), "it is looked for before it is sent again"


@pytest.mark.parametrize(("status", "why"), LOSSES)
@pytest.mark.parametrize("done", [True, False])
@pytest.mark.parametrize("marker", [MARKER, ""])
def test_a_lost_answer_writes_no_second_comment(
    stage: SiteStage, status: int, why: str, done: bool, marker: str
) -> None:
    stage.propose(BRANCH)
    forge = stage.forge()
    forge.open(BRANCH, "main", "T", "", [])
    stage.site.failures.append(Failure(*COMMENTING, status=status, body={"message": why}, done=done))
    forge.comment(1, f"denied {MARKER}", marker)
    assert stage.comments(1) == [(stage.login("author"), f"denied {MARKER}")]
    assert sent(stage, COMMENTING) == (1 if done else 2)


@pytest.mark.parametrize(("status", "why"), LOSSES)
@pytest.mark.parametrize("done", [True, False])
def test_a_lost_answer_to_a_merge_is_looked_for(stage: SiteStage, status: int, why: str, done: bool) -> None:
    commit, forge = stage.propose(BRANCH), stage.forge()
    forge.open(BRANCH, "main", "T", "", [])
    stage.site.failures.append(Failure(*MERGING, status=status, body={"message": why}, done=done))
    assert forge.merge(1, commit, "merge", "T", "B") == Merged(commit=stage.tip())
    assert sent(stage, MERGING) == (1 if done else 2)


def test_a_merge_whose_answer_is_lost_and_that_moved_meanwhile_is_not_made(stage: SiteStage) -> None:
    commit, forge = stage.propose(BRANCH), stage.forge()
    forge.open(BRANCH, "main", "T", "", [])
    before = stage.tip()
    stage.site.failures.append(Failure(*MERGING))
    stage.advance(BRANCH)
    assert forge.merge(1, commit, "merge", "T", "B").refused
    assert stage.tip() == before


def test_what_is_always_lost_ends(stage: SiteStage, slept: Slept) -> None:
    commit, forge = stage.propose(BRANCH), stage.forge()
    stage.site.failures += [Failure(*OPENING)] * 3
    with pytest.raises(UnansweredError):
        forge.open(BRANCH, "main", "T", "", [])
    assert sent(stage, OPENING) == 3
    forge.open(BRANCH, "main", "T", "", [])
    del slept[:]
    stage.site.failures += [Failure(*MERGING, status=502)] * 100
    with pytest.raises(UnansweredError):
        forge.merge(1, commit, "merge", "T", "B")
    assert 60 <= sum(slept) < 75


def test_changes_that_may_be_made_twice_are_sent_again(stage: SiteStage) -> None:
    commit, forge = stage.propose(BRANCH), stage.forge()
    forge.open(BRANCH, "main", "T", "", [])
    stage.site.failures += [Failure("PATCH", "/pulls/1$", done=True), Failure("PUT", "/merge_requests/1$", done=True)]
    stage.site.failures += [Failure("POST", "/statuses/", done=True)]
    forge.update(1, "New", "Text")
    forge.status(commit, "gatekeeper/production", "pending", "judging")
    assert stage.site.pull(1).title == "New"


@pytest.mark.parametrize(("status", "why"), [*LOSSES[:2], (503, "restarting")])
def test_what_only_reads_is_asked_again(stage: SiteStage, status: int, why: str) -> None:
    commit = stage.propose(BRANCH)
    stage.site.add_pull(BRANCH, "main", "somebody")
    failure = Failure("GET", "/(pulls|merge_requests)/1$", status=status, body={"message": why})
    stage.site.failures += [failure] * 2
    assert stage.forge().get(1).commit == commit
    stage.site.failures += [failure] * 3
    refusal(lambda: stage.forge().get(1))


# Limits


def limited(kind: str, seconds: int) -> dict[str, Any]:
    """A limit as it is answered."""
    reset = str(int(time.time()) + seconds)
    if kind == "primary":
        headers = (("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", reset))
        return {"status": 403, "body": {"message": "API rate limit exceeded"}, "headers": headers}
    if kind == "gitlab":
        headers = (("ratelimit-remaining", "0"), ("ratelimit-reset", reset))
        return {"status": 429, "body": {"message": "Retry later"}, "headers": headers}
    said = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
    return {"status": 403, "body": said, "headers": (("retry-after", str(seconds)),)}


@pytest.mark.parametrize("kind", ["primary", "secondary", "gitlab"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_limit_is_waited_for(stage: SiteStage, slept: Slept, kind: str, method: str) -> None:
    stage.propose(BRANCH)
    stage.site.failures.append(Failure(method, r"(user|pulls|merge_requests)$", **limited(kind, 30)))
    forge = stage.forge()
    assert forge.actor() == stage.login("author")
    forge.open(BRANCH, "main", "T", "", [])
    assert len(stage.site.pulls) == 1
    assert 28 <= sum(slept) <= 35


@pytest.mark.parametrize("kind", ["primary", "secondary", "gitlab"])
def test_a_limit_that_takes_too_long_ends_with_its_time(stage: SiteStage, slept: Slept, kind: str) -> None:
    stage.propose(BRANCH)
    stage.site.failures.append(Failure(*OPENING, **limited(kind, 3000)))
    said = refusal(lambda: stage.forge().open(BRANCH, "main", "T", "", []))
    assert "takes no more requests of this token until 20" in said
    assert (len(slept), len(stage.site.pulls)) == (0, 0)


def test_limits_one_after_the_other_are_waited_for_in_bounds(stage: SiteStage, slept: Slept) -> None:
    stage.site.failures += [Failure("GET", "/user$", **limited("secondary", 30))] * 50
    assert "takes no more requests" in refusal(lambda: stage.forge().actor())
    assert 60 < sum(slept) <= 120


def test_waiting_is_told(github: GitHubSite, slept: Slept) -> None:
    said: list[str] = []
    github.failures.append(Failure("GET", "/user$", **limited("secondary", 30)))
    GitHub(door(), github.url, hub.REPOSITORY, hub.AUTHORS_TOKEN, slept.pace(tell=said.append)).actor()
    assert said == [f"{github.url.removeprefix('http://')} limits its requests: waiting 32 s"]


@pytest.mark.parametrize(
    ("status", "headers", "body", "pause"),
    [
        (200, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1100"}, b"", None),
        (403, {}, b'{"message": "Resource not accessible by integration"}', None),
        (403, {"x-ratelimit-remaining": "17", "x-ratelimit-reset": "1100"}, b"{}", None),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1100"}, b"{}", 101.0),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "900"}, b"{}", 1.0),
        (429, {"ratelimit-remaining": "0", "ratelimit-reset": "1010"}, b"", 11.0),
        (429, {}, b"", SECONDARY),
        (403, {}, b'{"message": "You have triggered an abuse detection mechanism."}', SECONDARY),
        (403, {}, b'{"message": "You have exceeded a secondary rate limit"}', SECONDARY),
        (429, {"retry-after": "7"}, b"", 7.0),
        (429, {"retry-after": "Thu, 01 Jan 1970 00:16:50 GMT"}, b"", 10.0),
        (429, {"retry-after": "-5"}, b"", SECONDARY),
        (429, {"retry-after": "soon", "x-ratelimit-reset": "9" * 40}, b"", SECONDARY),
        (
            403,
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "60", "date": "Thu, 01 Jan 1970 00:00:30 GMT"},
            b"",
            31.0,
        ),
    ],
)
def test_how_long_a_limit_asks_for(status: int, headers: dict[str, str], body: bytes, pause: float | None) -> None:
    assert pause_asked(Answered(status=status, headers=headers, body=body), 1000.0) == pause


# Merges that take time


def test_a_forge_that_still_computes_is_waited_for(stage: SiteStage, slept: Slept) -> None:
    commit, forge = stage.propose(BRANCH), stage.forge()
    forge.open(BRANCH, "main", "T", "", [])
    stage.site.pull(1).checks = 3
    assert forge.merge(1, commit, "merge", "T", "B").commit == stage.tip()
    assert slept


def test_a_forge_that_never_makes_up_its_mind_refuses(stage: SiteStage, slept: Slept) -> None:
    commit, forge = stage.propose(BRANCH), stage.forge()
    forge.open(BRANCH, "main", "T", "", [])
    stage.site.pull(1).checks, before = 10**9, stage.tip()
    assert forge.merge(1, commit, "merge", "T", "B").refused
    assert (stage.tip(), 60 <= sum(slept) < 75) == (before, True)


def test_a_base_that_moves_is_merged_into_anew(github: GitHubSite, slept: Slept) -> None:
    stage = github_stage(github, slept)
    commit, forge = stage.propose(BRANCH), stage.forge()
    forge.open(BRANCH, "main", "T", "", [])
    said = {"message": "Base branch was modified. Review and try the merge again."}
    github.failures.append(Failure(*MERGING, status=405, body=said))
    assert forge.merge(1, commit, "merge", "T", "B").commit == stage.tip()


def test_a_forge_that_hears_late_of_a_push_is_asked_again(stage: SiteStage, slept: Slept) -> None:
    commit, forge = stage.propose(BRANCH), stage.forge()
    forge.open(BRANCH, "main", "T", "", [])
    stage.site.failures += [Failure(*MERGING, status=409, body={"message": "head out of date"})] * 3
    assert forge.merge(1, commit, "merge", "T", "B").commit == stage.tip()
    assert len(slept) == 3
    later = stage.propose(BRANCH)
    forge.open(BRANCH, "main", "T", "", [])
    stage.site.failures += [Failure(*MERGING, status=409, body={"message": "head out of date"})] * 4
    assert forge.merge(2, later, "merge", "T", "B").refused == "head out of date" + (
        "; mergeable" if forge.name == "gitlab" else ""
    )


def test_a_merge_that_is_shown_late(gitlab: GitLabSite, slept: Slept) -> None:
    stage = gitlab_stage(gitlab, slept)
    commit, forge = stage.propose(BRANCH), stage.forge()
    forge.open(BRANCH, "main", "T", "", [])
    gitlab.failures.append(Failure(*MERGING, status=200, body={}))
    assert forge.merge(1, commit, "merge", "T", "B").commit == stage.tip()


# Permissions


def test_a_token_that_expired(stage: SiteStage) -> None:
    commit, forge = stage.propose(BRANCH), stage.forge()
    stage.site.tokens.clear()
    acts: list[Callable[[], object]] = [
        forge.actor,
        lambda: forge.find(BRANCH, "main"),
        lambda: forge.open(BRANCH, "main", "T", "", []),
        lambda: forge.status(commit, "c", "success", "d"),
        lambda: forge.comment(1, "text"),
        lambda: forge.brought(commit),
    ]
    for act in acts:
        assert "wrong, revoked or expired" in refusal(act)


def test_a_token_that_may_only_read(stage: SiteStage) -> None:
    commit, forge = stage.propose(BRANCH), stage.forge()
    stage.site.add_pull(BRANCH, "main", "somebody")
    stage.site.readers.add(stage.login("author"))
    assert forge.get(1).commit == commit
    for act in (
        lambda: forge.update(1, "T", "B"),
        lambda: forge.close(1),
        lambda: forge.comment(1, "text"),
        lambda: forge.status(commit, "c", "success", "d"),
        lambda: forge.merge(1, commit, "merge", "T", "B"),
    ):
        assert "the token may not do that" in refusal(act)
    assert stage.site.pull(1).title == ""


def test_another_repository_is_not_seen(github: GitHubSite, gitlab: GitLabSite, slept: Slept) -> None:
    forges: list[Forge] = [
        GitHub(door(), github.url, "octo/secret", hub.AUTHORS_TOKEN, slept.pace()),
        GitLab(door(), gitlab.url, "ml/secret", lab.AUTHORS_TOKEN, slept.pace()),
    ]
    for forge in forges:
        assert "or the token may not see it" in refusal(lambda forge=forge: forge.find("a", "b"))  # type: ignore[misc]


def test_an_app_tells_its_login_by_graphql_and_edits_its_comment(github: GitHubSite, slept: Slept) -> None:
    github.push(BRANCH)
    forge = GitHub(door(), github.url, hub.REPOSITORY, hub.APPS_TOKEN, slept.pace())
    assert forge.actor() == "octo-app[bot]"
    forge.open(BRANCH, "main", "T", "", [])
    for text in ("one", "two"):
        forge.comment(1, f"{text} {MARKER}", MARKER)
    assert [comment.text for comment in github.pull(1).comments] == [f"two {MARKER}"]


def test_who_does_not_know_its_login_edits_nothing(stage: SiteStage) -> None:
    stage.propose(BRANCH)
    forge = stage.forge()
    forge.open(BRANCH, "main", "T", "", [])
    forge.comment(1, f"one {MARKER}", MARKER)
    unknown = stage.forge()
    stage.site.untold.add(stage.login("author"))
    assert unknown.actor() is None
    unknown.comment(1, f"two {MARKER}", MARKER)
    assert [text for _, text in stage.comments(1)] == [f"one {MARKER}", f"two {MARKER}"]
    stage.site.failures.append(Failure(*COMMENTING))
    assert "cannot be seen" in refusal(lambda: unknown.comment(1, "three"))
    assert len(stage.comments(1)) == 2


def test_two_runs_at_once_leave_no_old_verdict(stage: SiteStage) -> None:
    stage.propose(BRANCH)
    forge = stage.forge()
    forge.open(BRANCH, "main", "T", "", [])
    for _ in range(2):
        stage.site.say(1, stage.login("author"), f"allowed {MARKER}")
    forge.comment(1, f"denied {MARKER}", MARKER)
    assert [text for _, text in stage.comments(1)] == [f"denied {MARKER}"]


def test_a_comment_that_may_not_be_removed_tells_the_same(stage: SiteStage) -> None:
    stage.propose(BRANCH)
    forge = stage.forge()
    forge.open(BRANCH, "main", "T", "", [])
    for _ in range(2):
        stage.site.say(1, stage.login("author"), f"allowed {MARKER}")
    stage.site.failures.append(Failure("DELETE", "/(comments|notes)/", 403, {"message": "no"}))
    forge.comment(1, f"denied {MARKER}", MARKER)
    assert [text for _, text in stage.comments(1)] == [f"denied {MARKER}"] * 2


# GitLab's own ways


def test_gitlab_carries_out_nothing_that_is_written(gitlab: GitLabSite, slept: Slept) -> None:
    stage = gitlab_stage(gitlab, slept)
    stage.propose(BRANCH)
    forge = stage.forge()
    forge.open(BRANCH, "main", "T", "A report\n/close\n  /merge\n/path/of/a/file", [])
    forge.comment(1, "/close\nnot /close\n\t/merge")
    forge.update(1, "T", "/close")
    assert forge.get(1).state == "open"
    assert stage.comments(1)[0][1] == "\\/close\nnot /close\n\t\\/merge"


def test_gitlab_prepares_a_merge_request_after_it_answered(gitlab: GitLabSite, slept: Slept) -> None:
    stage = gitlab_stage(gitlab, slept)
    commit, gitlab.unprepared = stage.propose(BRANCH), 3
    assert stage.forge().open(BRANCH, "main", "T", "", []).commit == commit
    gitlab.unprepared = 10**9
    assert "no head yet" in refusal(lambda: stage.forge().get(1))


@pytest.mark.parametrize(
    ("way", "method", "merges"),
    [
        ("merge", "merge", True),
        ("rebase_merge", "merge", True),
        ("ff", "merge", False),
        ("merge", "rebase", False),
        ("ff", "rebase", True),
        ("ff", "squash", True),
    ],
)
def test_gitlab_merges_as_the_project_is_set(
    gitlab: GitLabSite, slept: Slept, way: str, method: str, merges: bool
) -> None:
    stage = gitlab_stage(gitlab, slept)
    commit, forge, gitlab.way = stage.propose(BRANCH), stage.forge(), way
    forge.open(BRANCH, "main", "T", "", [])
    merged = forge.merge(1, commit, method, "T", "B")
    assert (merged.commit is not None) is merges
    assert merges or "the project's merge method is" in str(merged.refused)


def test_gitlab_takes_a_merge_and_fails_at_it(gitlab: GitLabSite, slept: Slept) -> None:
    stage = gitlab_stage(gitlab, slept)
    commit, forge, before = stage.propose(BRANCH), stage.forge(), stage.tip()
    forge.open(BRANCH, "main", "T", "", [])
    gitlab.pull(1).error = "a hook said no"
    assert "a hook said no" in refusal(lambda: forge.merge(1, commit, "merge", "T", "B"))
    assert stage.tip() == before


def test_gitlab_says_401_to_who_may_not_merge(gitlab: GitLabSite, slept: Slept) -> None:
    stage = gitlab_stage(gitlab, slept)
    stage.propose("protected")
    commit = stage.propose(BRANCH)
    stage.forge().open(BRANCH, "protected", "T", "", [])
    assert "401" in str(stage.forge().merge(1, commit, "merge", "T", "B").refused)


def test_a_jobs_token_tells_who_started_the_job_and_little_else(gitlab: GitLabSite, slept: Slept) -> None:
    forge = GitLab(door(), gitlab.url, lab.PROJECT, lab.JOBS_TOKEN, slept.pace(), of_job=True)
    assert forge.actor() == lab.AUTHOR
    assert "not accepted" in refusal(lambda: forge.find(BRANCH, "main"))


def test_a_label_with_a_comma_would_be_two_at_gitlab(gitlab: GitLabSite, slept: Slept) -> None:
    gitlab.push(BRANCH)
    act = lambda: gitlab_stage(gitlab, slept).forge().open(BRANCH, "main", "T", "", ["a,b"])  # noqa: E731
    assert "comma" in refusal(act, InvalidRequestError)
    assert gitlab.pulls == []


# Reviews


def said(number: int, login: str | None, state: str, **more: Any) -> Said:
    """One review."""
    return Said(id=number, state=state, user=User(login=login) if login else None, **more)


def test_the_last_word_counts_and_remarks_are_none() -> None:
    reviews = [
        said(1, "Alice", "APPROVED", commit_id="a" * 40, submitted_at="2026-01-01T00:00:03Z"),
        said(2, "bob", "APPROVED", submitted_at="2026-01-01T00:00:02Z"),
        said(3, "alice", "COMMENTED", submitted_at="2026-01-01T00:00:04Z"),
        said(4, "BOB", "CHANGES_REQUESTED", submitted_at="2026-01-01T00:00:05Z"),
        said(5, "carol", "PENDING"),
        said(6, None, "APPROVED"),
        said(7, "Author", "APPROVED"),
        said(8, "dave", "DISMISSED", commit_id="not a commit"),
        said(9, "erin", "APPROVED", dismissed=True),
        said(10, "frank", "APPROVED", html_url="javascript:alert(1)"),
    ]
    words = {one.by: one for one in last_words(reversed(reviews), "author", "https://forge.example/1")}
    assert {by: one.approves for by, one in words.items()} == {
        "Alice": True,
        "BOB": False,
        "dave": False,
        "erin": False,
        "frank": True,
    }
    assert (words["Alice"].commit, words["dave"].commit) == ("a" * 40, None)
    assert words["frank"].url == "https://forge.example/1"


def test_the_last_word_is_the_last_where_clocks_were_turned_back() -> None:
    reviews = [
        said(1, "alice", "APPROVED", submitted_at="2026-10-25T02:50:00+02:00"),
        said(2, "alice", "REQUEST_CHANGES", submitted_at="2026-10-25T02:10:00+01:00"),
    ]
    assert [one.approves for one in last_words(reviews, "author", "https://forge.example/1")] == [False]
    with pytest.raises(CannotActError, match="the review 1 has a time that is none"):
        last_words([said(1, "alice", "APPROVED", submitted_at="yesterday")], "author", "https://forge.example/1")


# Hostile bytes


class Lying:
    """A door behind which every answer is the same."""

    def __init__(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.told = Answered(status=status, headers=headers or {}, body=body)
        self.asked: list[str] = []

    def get(self, url: str, **_: object) -> Answered:
        self.asked.append(url)
        return self.told

    def send(self, _: str, url: str, *__: object, **___: object) -> Answered:
        self.asked.append(url)
        return self.told

    post = get


def forges(door: Any, pace: Pace) -> list[Forge]:
    """All three behind such a door."""
    token = hub.AUTHORS_TOKEN
    return [
        GitHub(door, "https://github.example", "o/r", token, pace),
        GitLab(door, "https://gitlab.example", "o/r", token, pace),
        Gitea(door, "https://gitea.example", "o/r", token, pace),
    ]


def every_act(forge: Forge) -> list[Callable[[], object]]:
    """All that a forge is asked."""
    commit = "a" * 40
    return [
        forge.actor,
        lambda: forge.find("h", "b"),
        lambda: forge.get(1),
        lambda: forge.open("h", "b", "t", "x", ["l"]),
        lambda: forge.update(1, "t", "x"),
        lambda: forge.close(1),
        lambda: forge.comment(1, "m", "m"),
        lambda: forge.status(commit, "c", "success", "d"),
        lambda: forge.reviews(1),
        lambda: forge.merge(1, commit, "merge", "t", "b"),
        lambda: forge.brought(commit),
    ]


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["message", "errors", "number", "iid", "state", "head", "sha", "login", "username", "user", "title", "id"]
    ) | st.text(max_size=5), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


@given(
    st.sampled_from([200, 201, 204, 400, 401, 403, 404, 405, 409, 422, 500, 302]),
    st.binary(max_size=60) | JSONS.map(lambda value: json.dumps(value).encode()) | st.just(b"[" * 100_000),
)
def test_whatever_is_answered_is_a_value_or_a_refusal(status: int, body: bytes) -> None:
    said: list[str] = []
    for forge in forges(Lying(status, body), Slept().pace()):
        for act in every_act(forge):
            try:
                act()
            except CannotActError as fault:
                said.append(str(fault))
    assert not [text for text in said if hub.AUTHORS_TOKEN in text or "\x1b" in text]


def test_a_list_that_never_ends_does() -> None:
    item = {"number": 1, "state": "open", "title": "t"} | {
        side: {"ref": side, "sha": "a" * 40, "repo": {"id": 1}} for side in ("head", "base")
    }
    door = Lying(200, json.dumps([item]).encode(), {"link": '<https://evil.example/>; rel="next"'})
    forge = GitHub(door, "https://github.example", "o/r", "t", Slept().pace())
    assert "100 pages" in refusal(lambda: forge.find("head", "base"))
    assert all(url.startswith("https://github.example/api/v3/") for url in door.asked), "no answered address is asked"


def test_a_repository_that_moved_is_not_written_to(slept: Slept) -> None:
    door = Lying(301, b"{}", {"location": "https://evil.example/"})
    forge = GitHub(door, "https://github.example", "o/r", "t", slept.pace())
    assert "it has moved" in refusal(lambda: forge.status("a" * 40, "c", "success", "d"))
    assert len(door.asked) == 1


def test_a_merge_to_no_commits_id_is_not_believed(slept: Slept) -> None:
    door = Lying(200, b'{"sha": "; rm -rf /", "merged": true}')
    forge = GitHub(door, "https://github.example", "o/r", "t", slept.pace())
    refusal(lambda: forge.merge(1, "a" * 40, "merge", "t", "b"))


def test_a_forges_words_are_made_fit_to_be_shown() -> None:
    token = hub.AUTHORS_TOKEN
    assert told(
        json.dumps({"message": f"no\x1b[31m {token}\n::error::x", "errors": [{"message": "é"}]}).encode(), token
    ) == ("no [31m … ::error::x; é")
    assert told(b'{"message": {"branch": ["is locked", "is old"]}}') == "is locked; is old"
    assert told(b'{"error": "invalid_token", "error_description": "revoked"}') == "invalid_token; revoked"
    assert told(b"<html>") == told(b"[1]") == told(b"") == ""
    assert "hunter2" not in cleaned("see https://user:hunter2@git.example/x")
    assert "abcd" not in cleaned("glpat-abcdabcdabcdabcd and Bearer abcdabcdabcdabcdabcd")
    assert len(cleaned("x" * 100_000)) <= 401


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://a.example/) [x](y", "https://u:p@h/", "//h/", "https://h/\n", None, "", "x"]
)
def test_an_address_that_no_browser_should_open(url: str | None) -> None:
    assert address(url, "ours") == "ours"
    assert address("https://git.example:3000/o/r/pulls/1#x", "ours") != "ours"
