"""Which approvals count: of whom, for what, until when, and how they are vouched for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from gatekeeper.model.conditions import Approvals
from gatekeeper.model.people import ApprovalSpec
from gatekeeper.model.promoted import Requester
from gatekeeper.policy.trust import Ring, load_trust
from gatekeeper.promotion.approvals import LEVELS, Approved, Given, Wanted, find_approvals

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
DIGEST, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64
PEOPLE = ("alice", "bob", "carol", "dave")


def trust(**changes: Any) -> Ring:
    spec = {
        "people": [
            {"name": name, "logins": {"github": f"{name}-gh"}, "emails": [f"{name}@example.com"]}
            for name in ("alice", "bob", "carol")
        ]
        + [{"name": "dave"}],
        "machines": [{"name": "bot", "logins": {"github": "bot[bot]"}}],
        "roles": [
            {"role": "approve", "members": ["alice", "bob", "dave", "bot"], "environments": ["production"]},
            {"role": "approve", "members": ["carol"], "environments": ["staging"]},
        ],
    }
    document = {"apiVersion": "gatekeeper/v1", "kind": "Trust", "metadata": {"name": "t"}, "spec": {**spec, **changes}}
    return load_trust(json.dumps(document).encode(), "trust.yaml")


RING = trust()
WANTED = Wanted(environment="production", artifact="churn", digest=DIGEST, policies={"p": OTHER}, now=NOW, ring=RING)


def approval(by: str = "alice", level: Any = "asserted", fault: str = "", **spec: Any) -> Given:
    usual = {
        "environment": "production",
        "artifact": "churn",
        "digest": DIGEST,
        "policies": {"p": OTHER},
        "by": by,
        "granted": "2026-11-25T09:00:00Z",
        "expires": "2026-12-02T09:00:00Z",
    }
    return Given(
        by=by,
        level=level,
        source=OTHER,
        file=f"approvals/{by}.yaml",
        spec=ApprovalSpec(**{**usual, **spec}),
        fault=fault,
    )


def asks(login: str, system: str = "github", **more: Any) -> Requester:
    name = RING.owner_of(system, login)
    return Requester(login=login, vouched="git" if system == "email" else "ci", system=system, name=name, **more)


def found(*approvals: Given, wanted: Wanted = WANTED, requester: Requester | None = None, **terms: Any) -> Approved:
    asked = replace(wanted, requester=requester)
    return find_approvals(Approvals(**{"count": 1, **terms}), asked, approvals)


def counted(*approvals: Given, **options: Any) -> list[str]:
    return [one.by for one in found(*approvals, **options).counted]


def test_enough_of_them_open_it() -> None:
    result = found(approval("alice"), approval("bob", "signed"), count=2)
    assert result.waiting is None
    assert [(one.by, one.level, one.source) for one in result.counted] == [
        ("alice", "asserted", OTHER),
        ("bob", "signed", OTHER),
    ]


def test_one_person_is_one_at_their_best_level() -> None:
    result = found(approval("alice"), approval("alice", "signed"), approval("alice", "reviewed"), count=2)
    assert [(one.by, one.level) for one in result.counted] == [("alice", "signed")]
    assert result.waiting is not None


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (approval(digest=OTHER), f"it is of {OTHER}"),
        (approval(expires="2026-11-25T12:00:00Z"), "it expired at 2026-11-25T12:00:00Z"),
        (approval(granted="2026-11-25T12:00:01Z"), "it counts from 2026-11-25T12:00:01Z"),
        (approval(policies={"p": DIGEST}), "it was given under another text of p"),
        (approval(policies={"q": OTHER}), "it was given under another text of p, q"),
        (approval(policies={"p": OTHER, "q": OTHER}), "it was given under another text of q"),
        (approval("erin"), "trust.yaml knows no erin"),
        (approval("bot"), "bot is a machine, and machines approve nothing"),
        (approval("carol"), "carol has no role `approve` in production"),
        (approval("alice", "signed", "it is signed by bob, not by alice"), "it is signed by bob, not by alice"),
    ],
)
def test_what_does_not_count_is_told_with_its_reason(one: Given, reason: str) -> None:
    result = found(one)
    assert result.counted == ()
    assert result.refused == (f"approvals/{one.by}.yaml by {one.by}: {reason}",)
    assert result.waiting is not None
    assert result.refused[0] in result.waiting.message


def test_what_is_for_another_environment_or_artifact_is_not_told() -> None:
    assert found(approval(environment="staging"), approval(artifact="fraud")).refused == ()


def test_without_a_trust_file_nobody_approves() -> None:
    result = found(approval("alice", "signed"), wanted=replace(WANTED, ring=None))
    assert result.counted == ()
    assert result.waiting is not None
    assert "no trust.yaml says who may approve" in result.waiting.message


def test_from_narrows_who_counts() -> None:
    assert counted(approval("alice"), approval("bob"), from_=("bob",)) == ["bob"]


@pytest.mark.parametrize("asked", LEVELS)
@pytest.mark.parametrize("level", LEVELS)
def test_a_higher_level_satisfies_a_lower_one(asked: Any, level: Any) -> None:
    assert bool(counted(approval(level=level), level=asked)) is (LEVELS.index(level) >= LEVELS.index(asked))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize(
    "requester",
    [
        asks("alice-gh"),
        asks("ALICE-GH"),
        asks("alice@example.com", "email"),
        asks("bob-gh", also=("alice",)),
        asks("bot[bot]", also=("alice",)),
    ],
)
def test_who_asks_never_approves(level: Any, requester: Requester) -> None:
    result = found(approval(level=level), requester=requester)
    assert result.counted == ()
    assert "asks for it" in result.refused[0]


def test_a_known_requester_leaves_the_others() -> None:
    assert counted(approval("alice"), approval("bob"), requester=asks("bob-gh")) == ["alice"]
    assert counted(approval("dave"), requester=asks("bob-gh")) == ["dave"]


@pytest.mark.parametrize(
    ("by", "level", "requester", "counts"),
    [
        ("alice", "asserted", asks("mallory"), True),
        ("dave", "asserted", asks("mallory"), False),
        ("dave", "reviewed", asks("mallory"), False),
        ("dave", "signed", asks("mallory"), True),
        ("alice", "asserted", asks("mallory", "gitlab"), False),
        ("alice", "asserted", asks("m@example.com", "email"), True),
        ("dave", "asserted", asks("m@example.com", "email"), False),
        ("dave", "asserted", asks("bob-gh", also=("gitlab:mallory",)), False),
        ("dave", "asserted", None, True),
        ("alice", "asserted", Requester(login="", vouched="git", system=""), False),
        ("alice", "reviewed", Requester(login="x", vouched="forge"), False),
        ("alice", "signed", Requester(login="", vouched="git", system=""), True),
    ],
)
def test_who_asks_unknown_may_be_whoever_has_no_login_there(
    by: str, level: Any, requester: Requester | None, counts: bool
) -> None:
    assert bool(counted(approval(by, level), requester=requester)) is counts


def test_what_is_waited_for_names_people_and_the_command() -> None:
    waiting = found(approval("alice"), count=2, level="asserted").waiting
    assert waiting is not None
    assert waiting.condition == "approval"
    assert waiting.message == (
        "1 of 2 approvals by alice; bob, dave may approve, with "
        f"`gatekeeper approve --env production --artifact churn --digest {DIGEST}`"
    )
    waiting = found(count=1, from_=("bob",), level="signed", requester=asks("bob-gh")).waiting
    assert waiting is not None
    assert waiting.message == (
        "0 of 1 signed approval; nobody else may approve: give the role `approve` to more people in trust.yaml"
    )


def test_a_review_of_the_very_promotion_needs_no_file() -> None:
    review = Given(by="alice", level="reviewed", source="https://x.example/1", file="https://x.example/1")
    assert counted(review, level="reviewed") == ["alice"]
    assert counted(review, level="reviewed", requester=asks("alice-gh")) == []


APPROVALS = st.builds(
    approval,
    by=st.sampled_from([*PEOPLE, "bot", "erin"]),
    level=st.sampled_from(LEVELS),
    fault=st.sampled_from(["", "", "", "broken"]),
    digest=st.sampled_from([DIGEST, DIGEST, OTHER]),
    expires=st.sampled_from(["2026-12-02", "2026-11-25T10:00:00Z"]),
)
TERMS = st.builds(
    Approvals, count=st.integers(1, 3), from_=st.sampled_from([(), ("alice", "bob")]), level=st.sampled_from(LEVELS)
)
ASKING = st.sampled_from([None, asks("alice-gh"), asks("mallory"), asks("bot[bot]", also=("bob",))])


@given(st.lists(APPROVALS, max_size=6), APPROVALS, TERMS, ASKING)
def test_another_approval_never_takes_one_away(
    given: list[Given], more: Given, terms: Approvals, who: Requester | None
) -> None:
    wanted = replace(WANTED, requester=who)
    before, after = find_approvals(terms, wanted, given), find_approvals(terms, wanted, [*given, more])
    assert {one.by for one in before.counted} <= {one.by for one in after.counted}
    assert before.waiting is not None or after.waiting is None


@given(st.lists(APPROVALS, max_size=6).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))), TERMS)
def test_the_order_does_not_matter(pair: tuple[list[Given], Sequence[Given]], terms: Approvals) -> None:
    given, shuffled = pair
    assert find_approvals(terms, WANTED, given) == find_approvals(terms, WANTED, shuffled)


@given(st.lists(APPROVALS, max_size=6), TERMS, ASKING)
def test_a_quorum_is_of_so_many_people_of_whom_none_asks(
    given: list[Given], terms: Approvals, who: Requester | None
) -> None:
    result = find_approvals(terms, replace(WANTED, requester=who), given)
    names = [one.by for one in result.counted]
    assert len(set(names)) == len(names)
    assert (result.waiting is None) is (len(names) >= terms.count)
    assert set(names) <= {"alice", "bob", "dave"}
    if who is not None:
        assert not {who.name, *who.also} & set(names)
