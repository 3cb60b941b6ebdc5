"""`promote --override` and `rollback` over the installed command, in a real bare repository."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.records.statement import read_record
from tests.cli.scene import FORMATS, IMAGE, change, git, make_repository, shown, tip, write_fresh_reports
from tests.conftest import Command
from tests.policies import reports

ALICE = {"GIT_COMMITTER_NAME": "Alice", "GIT_COMMITTER_EMAIL": "alice@example.com"}
BOB = {"GIT_COMMITTER_NAME": "Bob", "GIT_COMMITTER_EMAIL": "bob@example.com"}
FORCE = ("--override", "Churn model is down", "--ticket", "OPS-7")
MANIFEST = "environments/staging/churn/kustomization.yaml"


def trust(**roles: list[str]) -> str:
    people = [{"name": name, "emails": [f"{name}@example.com"]} for name in ("alice", "bob")]
    spec = {"people": people, "roles": [{"role": role, "members": members} for role, members in roles.items()]}
    return json.dumps({"apiVersion": "gatekeeper/v1", "kind": "Trust", "metadata": {"name": "t"}, "spec": spec})


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    bare = make_repository(tmp_path)
    change(bare, {"trust.yaml": trust(override=["alice"])})
    return bare


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """The reports of a model that is not good enough."""
    return write_fresh_reports(tmp_path, {"metrics.json": reports.metrics(accuracy=0.1)})


@pytest.fixture
def good(tmp_path: Path) -> Path:
    (tmp_path / "good").mkdir()
    return write_fresh_reports(tmp_path / "good")


def promote(
    command: Command, repository: Path, place: Path, *more: str | Path, env: str = "staging", who: Any = ALICE
) -> Any:
    words = ["--env", env, "--repo", repository, "--artifact", IMAGE, "--evidence", place, "--format", "json"]
    return command("promote", *words, *more, env=who)


def promotion(done: Any) -> dict[str, Any]:
    found = json.loads(done.stdout)["promotion"]
    assert isinstance(found, dict)
    return found


def test_what_is_denied_lands_as_denied_and_says_so_everywhere(
    gatekeeper: Command, repository: Path, bad: Path, tmp_path: Path
) -> None:
    others = [word for form in FORMATS[2:] for word in ("--report", f"{form}={tmp_path / form}")]
    done = promote(gatekeeper, repository, bad, *FORCE, *others)
    assert done.code == 0
    told = promotion(done)
    assert (told["action"], told["commit"]) == ("committed", tip(repository))
    override = {
        "by": "alice",
        "reason": "Churn model is down",
        "ticket": "OPS-7",
        "over": ["model-quality/accuracy (fail)"],
    }
    assert told["override"] == override

    record = read_record((shown(repository, told["record"]) + "\n").encode())
    assert record.judgement.verdict == "denied"
    assert record.promotion is not None
    assert record.promotion.requester is not None
    assert record.promotion.requester.name == "alice"

    message = git(repository, "log", "-1", "--format=%B", "main")
    assert message.startswith("staging/churn: 1.3.0 → 1.4.2 (override)")
    assert "OVERRIDE by alice of model-quality/accuracy (fail): Churn model is down." in message
    assert "Gatekeeper-Override: alice OPS-7" in message
    for form in FORMATS[2:]:
        text = (tmp_path / form).read_text()
        assert "OVERRIDE" in text, form
        assert "OPS-7" in text, form
    again = gatekeeper(
        "promote",
        "--env",
        "staging",
        "--repo",
        repository,
        "--artifact",
        IMAGE,
        "--evidence",
        bad,
        *FORCE,
        "--dry-run",
        env=ALICE,
    )
    assert "already as wished" in again.stdout


def test_the_hold_lies_in_the_same_commit_and_ends_after_a_day(
    gatekeeper: Command, repository: Path, bad: Path
) -> None:
    assert promote(gatekeeper, repository, bad, *FORCE).code == 0
    changed = git(repository, "diff", "--name-only", "main^", "main").splitlines()
    assert [name.partition("/")[0] for name in changed] == ["decisions", "environments", "holds"]
    listed = gatekeeper("hold", "list", "--repo", repository, "--format", "json")
    (hold,) = json.loads(listed.stdout)["holds"]
    assert (hold["artifact"], hold["by"], hold["stands"]) == ("churn", "alice", True)
    assert hold["reason"] == "override on OPS-7: Churn model is down"
    assert hold["since"][:10] < hold["until"][:10]


def test_automation_then_waits_for_the_hold(gatekeeper: Command, repository: Path, bad: Path, good: Path) -> None:
    assert promote(gatekeeper, repository, bad, *FORCE).code == 0
    before = tip(repository)
    done = promote(gatekeeper, repository, good, who=BOB)
    assert done.code == 5
    assert [one["condition"] for one in promotion(done)["waiting"]] == ["hold"]
    assert tip(repository) == before


def test_run_again_it_is_there_and_is_written_once(gatekeeper: Command, repository: Path, bad: Path) -> None:
    assert promote(gatekeeper, repository, bad, *FORCE).code == 0
    before = tip(repository)
    done = promote(gatekeeper, repository, bad, *FORCE)
    assert (done.code, promotion(done)["action"], tip(repository)) == (0, "already", before)


def test_what_must_wait_goes_and_is_an_allowed_decision(gatekeeper: Command, repository: Path, good: Path) -> None:
    done = promote(gatekeeper, repository, good, *FORCE, env="production")
    assert done.code == 0
    assert promotion(done)["override"]["over"] == ["after"]
    assert json.loads(done.stdout)["verdict"] == "allowed"
    before = tip(repository)
    done = promote(gatekeeper, repository, good, *FORCE, env="production")
    assert (done.code, promotion(done)["action"], tip(repository)) == (0, "already", before)


def test_what_did_not_wait_does_not_open_the_next_environment_until_it_is_promoted_anew(
    gatekeeper: Command, repository: Path, good: Path
) -> None:
    hold = ("hold", "add", "--env", "staging", "--repo", repository, "--reason", "x", "--by", "bob")
    assert gatekeeper(*hold).code == 0
    done = promote(gatekeeper, repository, good, *FORCE)
    assert (done.code, promotion(done)["override"]["over"]) == (0, ["hold"])
    done = promote(gatekeeper, repository, good, env="production")
    assert (done.code, promotion(done)["waiting"][0]["condition"]) == (5, "after")
    assert promote(gatekeeper, repository, good).code == 5

    for more in ((), ("--artifact", "churn")):
        assert gatekeeper("hold", "remove", "--env", "staging", "--repo", repository, *more, env=ALICE).code == 0
    done = promote(gatekeeper, repository, good)
    assert (done.code, promotion(done)["action"], promotion(done).get("override")) == (0, "committed", None)
    assert promote(gatekeeper, repository, good, env="production").code == 0


def test_what_was_overridden_does_not_open_the_next_environment(
    gatekeeper: Command, repository: Path, bad: Path, good: Path
) -> None:
    assert promote(gatekeeper, repository, bad, *FORCE).code == 0
    done = promote(gatekeeper, repository, good, env="production")
    assert (done.code, promotion(done)["waiting"][0]["condition"]) == (5, "after")


def test_there_was_nothing_to_override(gatekeeper: Command, repository: Path, good: Path) -> None:
    done = promote(gatekeeper, repository, good, *FORCE)
    told = promotion(done)
    assert (done.code, told["action"]) == (0, "committed")
    assert "override" not in told
    assert "nothing to override" in told["notes"][0]
    assert git(repository, "ls-tree", "--name-only", "main", "holds/") == ""


@pytest.mark.parametrize(
    ("files", "who", "says"),
    [
        ({}, BOB, "bob has no role `override` in staging"),
        ({}, {"GIT_COMMITTER_EMAIL": "eve@example.com"}, "is no person of trust.yaml"),
        ({"trust.yaml": None}, ALICE, "no trust.yaml"),
        ({"trust.yaml": trust(approve=["alice"])}, ALICE, "no role `override`"),
    ],
)
def test_only_who_may(
    gatekeeper: Command, repository: Path, bad: Path, files: dict[str, str | None], who: Any, says: str
) -> None:
    if files:
        change(repository, files)
    before = tip(repository)
    done = promote(gatekeeper, repository, bad, *FORCE, who=who)
    assert done.code == 2
    assert says in done.stderr
    assert tip(repository) == before


def test_nobody_overrides_the_deny_list(gatekeeper: Command, repository: Path, good: Path) -> None:
    spec = {"digests": [reports.DIGEST], "reason": "Deleted data", "by": "bob"}
    document = {"apiVersion": "gatekeeper/v1", "kind": "DenyList", "metadata": {"name": "d"}, "spec": spec}
    change(repository, {"deny.yaml": json.dumps(document)})
    before = tip(repository)
    done = promote(gatekeeper, repository, good, *FORCE)
    assert (done.code, promotion(done)["action"], tip(repository)) == (1, "none", before)
    assert "nobody can override the deny list" in promotion(done)["notes"][0]


@pytest.mark.parametrize("more", [("--override", "x"), ("--ticket", "x"), ("--override", " ", "--ticket", "x")])
def test_an_override_has_a_reason_and_a_ticket(
    gatekeeper: Command, repository: Path, bad: Path, more: tuple[str, ...]
) -> None:
    assert promote(gatekeeper, repository, bad, *more).code == 2


def test_what_is_there_and_is_denied_by_now_is_no_success_of_whoever_says_override(
    gatekeeper: Command, repository: Path, tmp_path: Path, good: Path
) -> None:
    assert promote(gatekeeper, repository, good).code == 0
    bad = write_fresh_reports(tmp_path, {"metrics.json": reports.metrics(accuracy=0.1)})
    before = tip(repository)
    done = promote(gatekeeper, repository, bad, *FORCE, who=BOB)
    assert (done.code, tip(repository)) == (2, before)
    assert "bob has no role `override`" in done.stderr
    done = promote(gatekeeper, repository, bad, *FORCE)
    assert (done.code, promotion(done)["action"]) == (0, "committed")
    assert promotion(done)["override"]["by"] == "alice"
    record = read_record((shown(repository, promotion(done)["record"]) + "\n").encode())
    assert record.judgement.verdict == "denied"
    done = promote(gatekeeper, repository, bad, *FORCE, who=BOB)
    assert done.code == 2
