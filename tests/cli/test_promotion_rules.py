"""The rules of promotion against people who try to get around them, over the installed command."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scene import IMAGE, change, make_repository, shown, tip, write_fresh_reports
from tests.conftest import Command, Finished
from tests.policies import reports

FORCE = ("--override", "Churn model is down", "--ticket", "OPS-7")


def document(kind: str, name: str, **spec: Any) -> str:
    return json.dumps({"apiVersion": "gatekeeper/v1", "kind": kind, "metadata": {"name": name}, "spec": spec})


def trust(*roles: dict[str, Any]) -> str:
    people = [
        {"name": name, "emails": [f"{name}@example.com"], "logins": {"github": f"{name}-gh"}}
        for name in ("alice", "bob")
    ]
    machines = [{"name": "bot", "emails": ["bot@example.com"], "logins": {"github": "bot-gh"}}]
    return document("Trust", "t", people=people, machines=machines, roles=list(roles))


def git_says(name: str) -> dict[str, str]:
    return {"GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": f"{name}@example.com"}


def job_of(actor: str, again: str) -> dict[str, str]:
    return {"GITHUB_ACTIONS": "true", "GITHUB_ACTOR": actor, "GITHUB_TRIGGERING_ACTOR": again}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return write_fresh_reports(tmp_path)


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    return write_fresh_reports(tmp_path, {"metrics.json": reports.metrics(accuracy=0.1)})


def promote(command: Command, repository: Path, place: Path, *more: str, env: Any = None) -> Finished:
    words = ["--env", "staging", "--repo", repository, "--artifact", IMAGE, "--evidence", place]
    return command("promote", *words, *more, env=env)


@pytest.mark.parametrize("path", ["deny.yml", "Deny.yaml", "deny.json", "denys.yaml"])
def test_a_deny_list_under_a_name_that_is_not_read_stops_everything(
    gatekeeper: Command, repository: Path, good: Path, path: str
) -> None:
    change(repository, {path: document("DenyList", "d", digests=[reports.DIGEST], reason="Bad data.", by="alice")})
    before = tip(repository)
    done = promote(gatekeeper, repository, good)
    assert (done.code, tip(repository)) == (2, before)
    assert f"{path}: this is not read; the name is deny.yaml" in done.stderr


@pytest.mark.parametrize("path", ["hold/a.yaml", "Holds/a.yaml", "holds.yaml", "hold.yml", "approval/a.yaml"])
def test_holds_and_approvals_in_a_place_that_is_not_read_stop_everything(
    gatekeeper: Command, repository: Path, good: Path, path: str
) -> None:
    hold = document("Hold", "h", environment="staging", reason="Audit.", by="alice", since="2026-01-01")
    change(repository, {path: hold})
    done = promote(gatekeeper, repository, good)
    assert done.code == 2
    assert "this is not read; the name is " in done.stderr


def test_a_policy_that_would_not_be_read_leaves_no_older_version_in_force(
    gatekeeper: Command, repository: Path, good: Path
) -> None:
    change(repository, {"policies/stricter.yml": "kind: Policy\n"})
    done = promote(gatekeeper, repository, good)
    assert done.code == 2
    assert "policies/stricter.yml: this file is not read" in done.stderr


def test_a_machine_overrides_nothing_whatever_its_role(gatekeeper: Command, repository: Path, bad: Path) -> None:
    change(repository, {"trust.yaml": trust({"role": "override", "members": ["bot", "alice"]})})
    before = tip(repository)
    done = promote(gatekeeper, repository, bad, *FORCE, env=git_says("bot"))
    assert (done.code, tip(repository)) == (2, before)
    assert "bot is no person of trust.yaml" in done.stderr


@pytest.mark.parametrize(
    ("again", "code", "said"),
    [
        ("alice-gh", 0, ""),
        ("bot-gh", 0, ""),
        ("bob-gh", 2, "bob has no role `override` in staging"),
        ("mallory", 2, "github:mallory asks for it, too, and is nobody of trust.yaml"),
    ],
)
def test_who_runs_the_job_of_somebody_with_the_role_again_has_not_got_it(
    gatekeeper: Command, repository: Path, bad: Path, again: str, code: int, said: str
) -> None:
    change(repository, {"trust.yaml": trust({"role": "override", "members": ["alice"]})})
    done = promote(gatekeeper, repository, bad, *FORCE, env=job_of("alice-gh", again))
    assert done.code == code
    assert said in done.stderr


@pytest.mark.parametrize(
    "second", [IMAGE, IMAGE.replace("c" * 64, "d" * 64), IMAGE.partition("@")[0] + "@" + "sha256:" + "c" * 64]
)
def test_one_row_is_promoted_once(gatekeeper: Command, repository: Path, good: Path, second: str) -> None:
    before = tip(repository)
    for more in ((), ("--all-ready",)):
        done = promote(gatekeeper, repository, good, "--artifact", second, *more)
        assert (done.code, tip(repository)) == (2, before)
        assert "churn is given more than once" in done.stderr


NOT_UTF8 = os.fsdecode(b"\xff\xfe x")


@pytest.mark.parametrize(
    "words",
    [
        ("promote", "--artifact", IMAGE, "--override", NOT_UTF8, "--ticket", "T"),
        ("promote", "--artifact", IMAGE, "--override", "x", "--ticket", NOT_UTF8),
        ("rollback", "--reason", NOT_UTF8),
        ("rollback", "--reason", "x", "--override", NOT_UTF8, "--ticket", "T"),
        ("approve", "--artifact", "churn", "--digest", reports.DIGEST, "--reason", NOT_UTF8),
    ],
)
def test_what_is_no_text_is_refused_before_anything_is_read(
    gatekeeper: Command, repository: Path, words: tuple[str, ...]
) -> None:
    before = tip(repository)
    done = gatekeeper(*words, "--env", "staging", "--repo", repository, env=git_says("alice"))
    assert (done.code, tip(repository)) == (2, before)
    assert "is not UTF-8" in done.stderr


@pytest.mark.parametrize("words", [("--reason", NOT_UTF8), ("--reason", "x", "--by", NOT_UTF8)])
def test_a_hold_is_put_in_words(gatekeeper: Command, repository: Path, words: tuple[str, ...]) -> None:
    done = gatekeeper("hold", "add", "--env", "staging", "--repo", repository, *words, env=git_says("alice"))
    assert done.code == 2
    assert "is not UTF-8" in done.stderr


def test_a_login_that_is_no_text_is_nobody_known(gatekeeper: Command, repository: Path, good: Path) -> None:
    done = promote(gatekeeper, repository, good, "--format", "json", env=job_of(NOT_UTF8, NOT_UTF8))
    assert done.code == 0
    requester = json.loads(done.stdout)["promotion"]["requester"]
    assert (requester["login"], requester["name"]) == ("\\xff\\xfe x", None)


@pytest.mark.parametrize("name", ["churn", "churn.v2"])
def test_a_row_is_named_whatever_lies_in_the_folder_where_one_works(
    gatekeeper: Command, repository: Path, good: Path, tmp_path: Path, name: str
) -> None:
    files = {
        path: shown(repository, path) + "\n" for path in ("environments/staging.yaml", "environments/production.yaml")
    }
    named = {path: text.replace("name: churn\n", f"name: {name}\n") for path, text in files.items()}
    change(repository, {**named, "README.md": "Renamed"})
    assert promote(gatekeeper, repository, good).code == 0
    (tmp_path / name).mkdir()
    words = ("--env", "production", "--from", "staging", "--repo", repository, "--evidence", good)
    done = gatekeeper("promote", *words, "--artifact", name)
    assert (done.code, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('"bob-gh"', '"bob-gh "', "it begins or ends with a space"),
        ('"bob-gh"', '"\\u00a0bob-gh"', "it begins or ends with a space"),
        ('"bob-gh"', '"bob\\u200b-gh"', "holds what cannot be seen"),
        ('"bob-gh"', '"@bob-gh"', "a login is written without `@`"),
        ('"bob@example.com"', '"bob@example.com "', "it begins or ends with a space"),
        ('"bob@example.com"', '"Bob <bob@example.com>"', "this is no e-mail address"),
        ('"bob@example.com"', '"bob"', "this is no e-mail address"),
        (
            '"bob@example.com"',
            '"\\uff22ob@example.com", "BOB@example.com", "alice@EXAMPLE.com"',
            "already that of alice",
        ),
        ('"bob@example.com"', '"\\uff21lice@example.com"', "already that of alice"),
    ],
)
def test_a_person_is_known_by_what_systems_say_of_them(
    gatekeeper: Command, repository: Path, good: Path, old: str, new: str, why: str
) -> None:
    text = trust({"role": "approve", "members": ["alice", "bob"]})
    assert old in text
    change(repository, {"trust.yaml": text.replace(old, new)})
    done = promote(gatekeeper, repository, good)
    assert done.code == 2
    assert why in done.stderr


@pytest.mark.parametrize("path", ["deny.yaml", "approvals/others.yaml"])
def test_nobody_rewrites_what_others_said_by_naming_it_as_a_manifest(
    gatekeeper: Command, repository: Path, good: Path, path: str
) -> None:
    other = "sha256:" + "e" * 64
    text = (
        document("DenyList", "d", digests=[other], reason="Bad data.", by="alice")
        if path == "deny.yaml"
        else document(
            "Approval",
            "a",
            environment="staging",
            artifact="churn",
            digest=other,
            policies={"model-quality": other},
            by="alice",
            granted="2026-01-01",
            expires="2999-01-01",
        )
    )
    staging = shown(repository, "environments/staging.yaml") + "\n"
    place = f"        - {{path: {path}, format: regex, at: '\"(?P<digest>sha256:e[0-9a-f]+)\"', write: digest}}\n"
    change(repository, {path: text, "environments/staging.yaml": staging + place, "trust.yaml": trust()})
    before = tip(repository)
    done = promote(gatekeeper, repository, good)
    assert (done.code, tip(repository)) == (2, before)
    assert f"{path}: this is a file of gatekeeper's own, and no promotion changes one" in done.stderr


@pytest.mark.parametrize(
    ("message", "why"),
    [
        ("\n \n", "a message that says nothing"),
        ("Hello\n  gatekeeper-decision: sha256:0", "lines that begin with Gatekeeper- are those of the decision"),
    ],
)
def test_a_message_says_something_and_nothing_of_ours(
    gatekeeper: Command, repository: Path, good: Path, message: str, why: str
) -> None:
    text = shown(repository, "environments/staging.yaml") + "\n"
    head = f"delivery: {{mode: commit, branch: main, message: {json.dumps(message)}}}"
    change(repository, {"environments/staging.yaml": text.replace("delivery: {mode: commit, branch: main}", head)})
    done = promote(gatekeeper, repository, good)
    assert done.code == 2
    assert why in done.stderr


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("environments/staging.yaml", "  pin:", "  approvals: {count: 1, from: []}\n  pin:"),
        ("environments/staging.yaml", "  pin:", "  windows: {timezone: UTC, allow: []}\n  pin:"),
        ("trust.yaml", '["alice"]', '["alice"], "environments": []'),
    ],
)
def test_an_empty_list_grants_nothing(
    gatekeeper: Command, repository: Path, good: Path, path: str, old: str, new: str
) -> None:
    change(repository, {"trust.yaml": trust({"role": "override", "members": ["alice"]})})
    text = shown(repository, path) + "\n"
    assert old in text
    change(repository, {path: text.replace(old, new)})
    done = promote(gatekeeper, repository, good)
    assert done.code == 2
    assert "is empty; it needs 1 or more" in done.stderr
