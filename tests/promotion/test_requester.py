"""Who asks, out of what the forge, the CI system and git say."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.promotion.requester import Claim, is_requester, requester_of, unknown_systems
from gatekeeper.wiring.requester import git_email, of_ci
from tests.promotion.test_approvals import RING


def claim(vouched: str, system: str, login: str) -> Claim:
    return Claim(vouched=vouched, system=system, login=login)  # type: ignore[arg-type]


TOKEN = claim("forge", "github", "bot[bot]")
ALICE = claim("ci", "github", "Alice-GH")
STRANGER = claim("ci", "github", "mallory")
GIT = claim("git", "email", "bob@example.com")


def test_a_person_is_named_before_the_machine_whose_token_it_is() -> None:
    who = requester_of([TOKEN, ALICE], RING)
    assert who is not None
    assert (who.name, who.login, who.vouched, who.also) == ("alice", "Alice-GH", "ci", ("bot",))


def test_all_who_had_a_hand_in_it_ask() -> None:
    who = requester_of([ALICE, claim("ci", "github", "bob-gh"), STRANGER], RING)
    assert who is not None
    assert (who.name, who.also) == ("alice", ("bob", "github:mallory"))
    assert [name for name in ("alice", "bob", "carol") if is_requester(name, who)] == ["alice", "bob"]
    assert unknown_systems(who) == ("github",)


def test_git_is_believed_only_where_nobody_else_says_anything() -> None:
    assert requester_of([GIT, STRANGER], RING) == requester_of([STRANGER], RING)
    who = requester_of([GIT], RING)
    assert who is not None
    assert (who.name, who.vouched, unknown_systems(who)) == ("bob", "git", ())


def test_nobody_and_strangers() -> None:
    assert requester_of([], RING) is None
    assert unknown_systems(None) == ()
    for ring in (RING, None):
        who = requester_of([STRANGER], ring)
        assert who is not None
        assert (who.name, who.login, unknown_systems(who)) == (None, "mallory", ("github",))


def test_some_ci_systems_name_people_by_their_e_mail() -> None:
    who = requester_of([claim("ci", "azure", "ALICE@example.com")], RING)
    assert who is not None
    assert who.name == "alice"


@given(st.permutations([TOKEN, ALICE, STRANGER, claim("forge", "gitea", "bob-gh")]))
def test_whoever_asks_is_among_those_who_do(claims: list[Claim]) -> None:
    who = requester_of(claims, RING)
    assert who is not None
    assert {who.name or f"{who.system}:{who.login}", *who.also} == {"alice", "bot", "github:mallory", "gitea:bob-gh"}


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({}, []),
        ({"GITHUB_ACTOR": "alice"}, []),
        ({"GITHUB_ACTIONS": "true", "GITHUB_ACTOR": "a", "GITHUB_TRIGGERING_ACTOR": "b"}, ["github:b", "github:a"]),
        ({"GITHUB_ACTIONS": "true", "GITHUB_ACTOR": "a", "GITHUB_TRIGGERING_ACTOR": "a"}, ["github:a"]),
        ({"GITHUB_ACTIONS": "true", "GITEA_ACTIONS": "true", "GITHUB_ACTOR": "a"}, ["gitea:a"]),
        ({"GITLAB_CI": "true", "GITLAB_USER_LOGIN": "a"}, ["gitlab:a"]),
        ({"GITLAB_CI": "true"}, []),
        ({"JENKINS_URL": "https://ci.example", "BUILD_USER_ID": "a"}, ["jenkins:a"]),
        ({"CIRCLECI": "true", "CIRCLE_USERNAME": " a "}, ["circleci:a"]),
        ({"TF_BUILD": "True", "BUILD_REQUESTEDFOREMAIL": "a@example.com"}, ["azure:a@example.com"]),
        ({"BUILDKITE": "true", "BUILDKITE_BUILD_CREATOR_EMAIL": "a@example.com"}, ["buildkite:a@example.com"]),
    ],
)
def test_what_ci_systems_say(variables: Mapping[str, str], found: list[str]) -> None:
    assert [f"{one.system}:{one.login}" for one in of_ci(variables)] == found


@pytest.mark.parametrize(
    ("ident", "email"),
    [
        ("A B <a@example.com> 1764064800 +0100\n", "a@example.com"),
        ("A <x> <a@example.com> 1764064800 +0100\n", "a@example.com"),
        ("A B <> 1764064800 +0100\n", None),
        ("fatal: no email was given\n", None),
        ("", None),
    ],
)
def test_the_e_mail_of_git(ident: str, email: str | None) -> None:
    assert git_email(lambda: ident) == email
