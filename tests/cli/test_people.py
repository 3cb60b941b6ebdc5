"""Holds, approvals, waivers and the deny list over the installed command, in a real bare repository."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.policy.documents import load
from gatekeeper.records.signed_file import sign_file
from tests.cli.scene import (
    FORMATS,
    IMAGE,
    NOW,
    change,
    git,
    make_repository,
    shown,
    tip,
    write_fresh_reports,
    write_reports,
)
from tests.conftest import Command, Golden
from tests.policies import reports
from tests.signing import key, pair, signer
from tests.trees import waiver

DIGEST = reports.DIGEST
NOBODY = {"GIT_COMMITTER_EMAIL": "nobody@example.net", "GIT_COMMITTER_NAME": "x"}
ACTIONS = {"GITHUB_ACTIONS": "true"}


def trust(**changes: Any) -> str:
    spec = {
        "people": [
            {"name": "alice", "logins": {"github": "alice-gh"}, "emails": ["a@example.com"], "keys": [key("alice-1")]},
            {"name": "bob", "logins": {"github": "bob-gh"}, "keys": [key("bob-1")]},
            {"name": "carol", "emails": ["carol@example.com"]},
        ],
        "machines": [{"name": "bot", "logins": {"github": "bot[bot]"}}],
        "roles": [
            {"role": "approve", "members": ["alice", "bob"]},
            {"role": "waive", "members": ["alice", "carol"], "environments": ["staging"]},
        ],
        **changes,
    }
    return json.dumps({"apiVersion": "gatekeeper/v1", "kind": "Trust", "metadata": {"name": "t"}, "spec": spec})


def deny(*digests: str) -> str:
    spec = {"digests": list(digests), "reason": "Trained on data that had to be deleted.", "by": "alice"}
    document = {"apiVersion": "gatekeeper/v1", "kind": "DenyList", "metadata": {"name": "deleted"}, "spec": spec}
    return json.dumps(document, indent=1)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    bare = make_repository(tmp_path)
    change(bare, {"trust.yaml": trust()})
    return bare


def keyed(folder: Path, name: str) -> Path:
    path = folder / f"{name}.key"
    path.write_bytes(pair(name)[0])
    return path


def approve(command: Command, repository: Path, *more: str | Path, env: dict[str, str] | None = None) -> Any:
    words = ["--env", "production", "--artifact", "churn", "--digest", DIGEST, "--repo", repository, "--format", "json"]
    return command("approve", *words, *more, env={**NOBODY, **(env or {})})


def test_a_hold_is_put_listed_and_removed(gatekeeper: Command, repository: Path) -> None:
    done = gatekeeper(
        "hold", "add", "--env", "production", "--artifact", "churn", "--reason", "Latency\ndoubled", "--by", "alice",
        "--until", "2999-01-01", "--repo", repository, "--format", "json",
    )  # fmt: skip
    assert done.code == 0
    told = json.loads(done.stdout)
    (hold,) = told["holds"]
    assert (told["schema"], told["action"], told["commit"]) == ("gatekeeper.hold/v1", "added", tip(repository))
    assert (hold["by"], hold["until"], hold["stands"]) == ("alice", "2999-01-02T00:00:00Z", True)
    assert git(repository, "log", "-1", "--format=%s", "main") == "Hold production/churn: Latency doubled"

    listed = gatekeeper("hold", "list", "--env", "production", "--repo", repository, "--format", "json")
    assert json.loads(listed.stdout)["holds"] == [hold]
    assert (
        json.loads(gatekeeper("hold", "list", "--env", "staging", "--repo", repository, "--format", "json").stdout)[
            "holds"
        ]
        == []
    )

    before = tip(repository)
    words = ["--env", "production", "--by", "bob", "--repo", repository]
    wrong = gatekeeper("hold", "remove", "production-chrn", *words)
    assert (wrong.code, tip(repository)) == (2, before)
    assert gatekeeper("hold", "remove", hold["name"], *words).code == 0
    assert git(repository, "ls-tree", "--name-only", "main", "holds/") == ""
    assert gatekeeper("hold", "remove", "--artifact", "churn", *words).code == 2


def test_holds_are_removed_by_what_they_hold(gatekeeper: Command, repository: Path) -> None:
    words = ["--env", "production", "--by", "alice", "--repo", repository]
    assert gatekeeper("hold", "add", *words, "--reason", "all of it").code == 0
    assert gatekeeper("hold", "add", *words, "--reason", "one", "--artifact", "churn").code == 0
    assert gatekeeper("hold", "remove", *words).code == 0
    left = json.loads(gatekeeper("hold", "list", "--repo", repository, "--format", "json").stdout)["holds"]
    assert [one["reason"] for one in left] == ["one"]


def test_the_same_hold_again_is_there_already(gatekeeper: Command, repository: Path) -> None:
    words = ["hold", "add", "--env", "production", "--repo", repository, "--reason", "x", "--format", "json"]
    first = json.loads(gatekeeper(*words, "--by", "alice").stdout)
    before = tip(repository)
    again = json.loads(gatekeeper(*words, "--by", "alice").stdout)
    assert (again["action"], again["commit"], again["holds"]) == ("already", None, first["holds"])
    assert tip(repository) == before
    assert json.loads(gatekeeper(*words, "--by", "bob").stdout)["action"] == "added"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--artifact", "chrn"], "Did you mean 'churn'?"),
        (["--env", "producton"], "Did you mean 'production'?"),
        (["--until", "tomorrow"], "--until"),
        (["--until", "2020-01-01"], "end before it begins"),
        (["--reason", " "], "--reason is empty"),
        (["--by", " "], "--by is empty"),
    ],
)
def test_a_hold_that_would_hold_nothing_is_refused(
    gatekeeper: Command, repository: Path, more: list[str], says: str
) -> None:
    before = tip(repository)
    words = ["--env", "production", "--reason", "x", "--by", "alice", "--repo", repository]
    done = gatekeeper("hold", "add", *words, *more)
    assert (done.code, done.stdout, tip(repository)) == (2, "", before)
    assert says in done.stderr


def test_an_approval_binds_digest_and_policies(gatekeeper: Command, repository: Path) -> None:
    done = approve(gatekeeper, repository, "--by", "alice", "--reason", "Canary: fine", "--expires", "2d")
    assert done.code == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["schema"], told["commit"], told["signed"]) == ("gatekeeper.approval/v1", tip(repository), False)
    (document,) = load((shown(repository, told["file"]) + "\n").encode(), told["file"], frozenset({"Approval"}))
    spec: Any = document.value.spec
    assert (spec.environment, spec.artifact, spec.digest, spec.by) == ("production", "churn", DIGEST, "alice")
    evaluated = gatekeeper("evaluate", "--env", "production", "--repo", repository, "--format", "json")
    assert spec.policies == {one["name"]: one["digest"] for one in json.loads(evaluated.stdout)["policies"]}
    assert git(repository, "show", "--name-only", "--format=", "main") == told["file"]


def test_a_signed_approval_is_renewed_and_replaced(gatekeeper: Command, repository: Path, tmp_path: Path) -> None:
    told = json.loads(approve(gatekeeper, repository, "--by", "alice", "--key", keyed(tmp_path, "alice-1")).stdout)
    beside = f"{told['file']}.dsse.json"
    assert told["signed"]
    envelope = json.loads(shown(repository, beside))
    assert envelope["payloadType"] == "application/vnd.ml-gatekeeper.approval.v1+yaml"
    again = json.loads(approve(gatekeeper, repository, "--by", "alice", "--expires", "1d").stdout)
    assert again["file"] == told["file"]
    assert git(repository, "ls-tree", "--name-only", "main", "approvals/") == told["file"]


@pytest.mark.parametrize(
    ("variables", "code", "by"),
    [
        ({**ACTIONS, "GITHUB_ACTOR": "alice-gh"}, 0, "alice"),
        ({**ACTIONS, "GITHUB_ACTOR": "Bob-GH", "GITHUB_TRIGGERING_ACTOR": "bot[bot]"}, 0, "bob"),
        ({"GIT_COMMITTER_EMAIL": "A@example.com"}, 0, "alice"),
        ({**ACTIONS, "GITHUB_ACTOR": "mallory", "GIT_COMMITTER_EMAIL": "a@example.com"}, 2, "mallory"),
        ({}, 2, "nobody@example.net"),
        ({"GIT_COMMITTER_EMAIL": "carol@example.com"}, 2, "carol has no role `approve` in production"),
    ],
)
def test_who_approves_is_told_by_ci_or_git(
    gatekeeper: Command, repository: Path, variables: dict[str, str], code: int, by: str
) -> None:
    done = approve(gatekeeper, repository, env=variables)
    assert done.code == code
    assert json.loads(done.stdout)["approval"]["by"] == by if code == 0 else by in done.stderr


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (["--by", "alise"], "Did you mean 'alice'?"),
        (["--by", "bot"], "there is no person 'bot'"),
        (["--by", "bob", "--key", "alice-1.key"], "the key is not one of bob"),
        (["--by", "alice", "--artifact", "chrn"], "Did you mean 'churn'?"),
        (["--by", "alice", "--digest", "sha256:1"], "--digest"),
        (["--by", "alice", "--expires", "0d"], "over at once"),
        (["--by", "alice", "--expires", "soon"], "--expires"),
        (["--by", "alice", "--artifact", f"{reports.IMAGE}@sha256:{'0' * 64}"], "--digest is not that of --artifact"),
    ],
)
def test_an_approval_that_could_not_count_is_not_written(
    gatekeeper: Command, repository: Path, tmp_path: Path, more: list[str], says: str
) -> None:
    keyed(tmp_path, "alice-1")
    before = tip(repository)
    done = approve(gatekeeper, repository, *more)
    assert (done.code, done.stdout, tip(repository)) == (2, "", before)
    assert says in done.stderr


def test_where_signed_ones_are_asked_for_no_other_is_written(
    gatekeeper: Command, repository: Path, tmp_path: Path
) -> None:
    asking_for(repository, "{count: 1, level: signed}")
    before = tip(repository)
    done = approve(gatekeeper, repository, "--env", "staging", "--by", "alice")
    assert (done.code, done.stdout, tip(repository)) == (2, "", before)
    assert "staging asks for signed approvals" in done.stderr
    assert (
        approve(gatekeeper, repository, "--env", "staging", "--by", "alice", "--key", keyed(tmp_path, "alice-1")).code
        == 0
    )


def test_a_denied_digest_is_not_approved(gatekeeper: Command, repository: Path) -> None:
    change(repository, {"deny.yaml": deny(DIGEST)})
    done = approve(gatekeeper, repository, "--by", "alice")
    assert done.code == 2
    assert "deny list" in done.stderr


@pytest.mark.parametrize("form", FORMATS)
def test_a_denied_digest_in_every_format(
    gatekeeper: Command, repository: Path, tmp_path: Path, golden: Golden, form: str
) -> None:
    change(repository, {"deny.yaml": deny("sha256:" + "1" * 64, DIGEST)})
    write_reports(tmp_path)
    words = ["--env", "staging", "--repo", repository, "--artifact", IMAGE, "--evidence", "reports"]
    done = gatekeeper("evaluate", *words, "--now", NOW, "--format", form)
    assert done.code == 1, done.stderr
    golden(f"people/denied.{form}", done.stdout.replace(tip(repository), "COMMIT"))


def test_the_deny_list_denies_whatever_carries_the_digest(
    gatekeeper: Command, repository: Path, tmp_path: Path
) -> None:
    model = "sha256:" + "7" * 64
    change(repository, {"deny.yaml": deny(model)})
    spec = {"image": IMAGE, "model": {"name": "churn", "digest": model}}
    document = {"apiVersion": "gatekeeper/v1", "kind": "Artifact", "spec": spec}
    (tmp_path / "artifact.yaml").write_text(json.dumps(document))
    words = ["--env", "staging", "--repo", repository, "--evidence", write_reports(tmp_path), "--now", NOW]
    for artifact, outcome in (("artifact.yaml", "fail"), (IMAGE, None), (IMAGE.partition("@")[0], "missing")):
        done = gatekeeper("evaluate", *words, "--artifact", artifact, "--format", "json")
        found = {one["rule"]: one["result"] for one in json.loads(done.stdout)["results"]}
        assert found.get("deny-list") == outcome, artifact


def test_nothing_denied_is_promoted(gatekeeper: Command, repository: Path, tmp_path: Path) -> None:
    change(repository, {"deny.yaml": deny(DIGEST)})
    before = tip(repository)
    words = ["--env", "staging", "--repo", repository, "--artifact", IMAGE]
    done = gatekeeper("promote", *words, "--evidence", write_fresh_reports(tmp_path))
    assert (done.code, tip(repository)) == (1, before)


@pytest.mark.parametrize(
    ("path", "text", "says"),
    [
        ("deny.yaml", "kind: Hold\n", "deny.yaml"),
        ("deny.yaml", "", "deny.yaml"),
        ("holds/x.yml", "x", "not read"),
        ("holds/production/x.yaml", "x", "nothing in this folder is read"),
        ("holds", "x", "a folder is meant"),
        ("approvals/x.yaml.dsse.json", "{}", "that these signatures are of"),
        ("approvals/x.yaml", "kind: Approval\n", "approvals/x.yaml"),
    ],
)
def test_what_would_not_be_read_stops_everything(
    gatekeeper: Command, repository: Path, tmp_path: Path, path: str, text: str, says: str
) -> None:
    change(repository, {path: text})
    words = ["--env", "staging", "--repo", repository, "--artifact", IMAGE, "--evidence", write_reports(tmp_path)]
    done = gatekeeper("evaluate", *words)
    assert (done.code, done.stdout) == (2, "")
    assert says in done.stderr


def hold(**spec: str) -> str:
    whole = {"environment": "production", "reason": "r", "by": "alice", "since": "2026-11-01", **spec}
    document = {"apiVersion": "gatekeeper/v1", "kind": "Hold", "metadata": {"name": "h"}, "spec": whole}
    return json.dumps(document)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"environment": "prodution"}, "Did you mean 'production'?"),
        ({"environment": "staging", "artifact": "chrun"}, "Did you mean 'churn'?"),
        ({"until": "2026-10-01"}, "ends before it begins"),
        ({"reason": "\u00a0"}, "nothing that can be seen"),
    ],
)
def test_a_hold_with_a_typo_stops_everything(
    gatekeeper: Command, repository: Path, changes: dict[str, str], says: str
) -> None:
    change(repository, {"holds/h.yaml": hold(**changes)})
    done = gatekeeper("evaluate", "--env", "staging", "--repo", repository)
    assert (done.code, done.stdout) == (2, "")
    assert says in done.stderr
    assert "holds/h.yaml:1:" in done.stderr
    checked = gatekeeper("policy", "check", "--repo", repository)
    assert checked.code == 2
    assert says in checked.stdout


def test_an_approver_whom_nobody_knows_stops_everything(gatekeeper: Command, repository: Path) -> None:
    text = shown(repository, "environments/staging.yaml").replace(
        "  pin:", "  approvals: {count: 1, from: [alise]}\n  pin:"
    )
    change(repository, {"environments/staging.yaml": text})
    for words in (["evaluate", "--env", "staging"], ["policy", "check"]):
        done = gatekeeper(*words, "--repo", repository)
        assert done.code == 2
        assert "Did you mean 'alice'?" in done.stdout + done.stderr
    text = text.replace("{count: 1, from: [alise]}", "{count: 3, from: [alice, bob]}")
    change(repository, {"environments/staging.yaml": text})
    assert "`from` names 2" in gatekeeper("evaluate", "--env", "staging", "--repo", repository).stderr


def written_waiver(name: str, **spec: Any) -> str:
    usual = {"policy": "model-quality", "rule": "accuracy", "approved_by": "alice", **spec}
    return json.dumps(waiver(name, **usual), indent=1)


@pytest.fixture
def waivers(repository: Path) -> Path:
    change(
        repository,
        {
            "waivers/a-active.yaml": written_waiver("active"),
            "waivers/b-expired.yaml": written_waiver("expired", expires="2026-11-21"),
            "waivers/c-orphaned.yaml": written_waiver("orphaned", environments=["staging", "qa"]),
            "waivers/d-later.yaml": written_waiver("later", granted="2026-11-30"),
        },
    )
    return repository


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("action", ["list", "check"])
def test_waivers_are_listed_and_checked(
    gatekeeper: Command, waivers: Path, golden: Golden, action: str, form: str
) -> None:
    done = gatekeeper("waiver", action, "--repo", waivers, "--now", NOW, "--format", form)
    assert done.code == (1 if action == "check" else 0), done.stderr
    golden(f"people/waivers-{action}.{form}", done.stdout)


def test_waivers_that_count_are_clean(gatekeeper: Command, repository: Path) -> None:
    words = ["waiver", "check", "--repo", repository, "--now", NOW]
    assert gatekeeper(*words).code == 0
    change(repository, {"waivers/a.yaml": written_waiver("active")})
    assert gatekeeper(*words).code == 0
    change(repository, {"waivers/a.yaml": written_waiver("active", granted="soon")})
    assert gatekeeper(*words).code == 2
    assert gatekeeper(*words, "--env", "prod").code == 2


def test_a_level_of_waivers_takes_what_vouches_for_it(gatekeeper: Command, repository: Path) -> None:
    environment = shown(repository, "environments/staging.yaml").replace("level: asserted", "level: signed")
    text = written_waiver("w")
    change(repository, {"environments/staging.yaml": environment, "waivers/w.yaml": text})
    words = ["waiver", "check", "--repo", repository, "--now", NOW]
    assert "staging asks for a signature" in gatekeeper(*words).stdout
    for name, fine in (("alice-1", True), ("bob-1", False)):
        change(repository, {"waivers/w.yaml.dsse.json": sign_file("Waiver", text.encode(), [signer(name)]).decode()})
        done = gatekeeper(*words)
        assert (done.code == 0) is fine, done.stdout
    signed = sign_file("Waiver", text.encode(), [signer("alice-1")]).decode()
    for changed in (text + "\n", text.replace('"known"', '"other"')):
        change(repository, {"waivers/w.yaml": changed, "waivers/w.yaml.dsse.json": signed})
        assert "not what the file says now" in gatekeeper(*words).stdout
    change(
        repository,
        {
            "waivers/w.yaml": text.replace('"alice"', '"bob"'),
            "waivers/w.yaml.dsse.json": sign_file(
                "Waiver", text.replace('"alice"', '"bob"').encode(), [signer("bob-1")]
            ).decode(),
        },
    )
    assert "bob has no role `waive` in staging" in gatekeeper(*words).stdout


def promoted(command: Command, repository: Path, place: Path, env: dict[str, str] | None = None) -> tuple[int, Any]:
    words = ["--env", "staging", "--repo", repository, "--artifact", IMAGE, "--evidence", place, "--format", "json"]
    done = command("promote", *words, env={**NOBODY, **(env or {})})
    assert done.stdout, done.stderr
    return done.code, json.loads(done.stdout)["promotion"]


def asking_for(repository: Path, terms: str) -> None:
    text = shown(repository, "environments/staging.yaml").replace("  pin:", f"  approvals: {terms}\n  pin:")
    change(repository, {"environments/staging.yaml": text})


def test_a_promotion_waits_for_approvals_and_then_goes(gatekeeper: Command, repository: Path, tmp_path: Path) -> None:
    words = ["--env", "staging", "--by"]
    asking_for(repository, "{count: 2}")
    assert approve(gatekeeper, repository, *words, "bob").code == 0
    stricter = shown(repository, "environments/staging.yaml").replace("{count: 2}", "{count: 2, level: signed}")
    change(repository, {"environments/staging.yaml": stricter})
    place = write_fresh_reports(tmp_path)
    code, promotion = promoted(gatekeeper, repository, place)
    (waiting,) = promotion["waiting"]
    assert (code, promotion["action"], waiting["condition"]) == (5, "waiting", "approval")
    assert "0 of 2 signed approvals; alice, bob may approve" in waiting["message"]

    assert approve(gatekeeper, repository, *words, "alice", "--key", keyed(tmp_path, "alice-1")).code == 0
    code, promotion = promoted(gatekeeper, repository, place)
    assert code == 5
    assert "1 of 2 signed approvals by alice" in promotion["waiting"][0]["message"]
    assert "it is asserted, and signed is asked for" in promotion["waiting"][0]["message"]

    assert approve(gatekeeper, repository, *words, "bob", "--key", keyed(tmp_path, "bob-1")).code == 0
    as_bob = {**ACTIONS, "GITHUB_ACTOR": "bot[bot]", "GITHUB_TRIGGERING_ACTOR": "bob-gh"}
    code, promotion = promoted(gatekeeper, repository, place, as_bob)
    assert code == 5
    assert "bob asks for it, and nobody approves what they ask for" in promotion["waiting"][0]["message"]

    code, promotion = promoted(gatekeeper, repository, place, {**ACTIONS, "GITHUB_ACTOR": "bot[bot]"})
    assert (code, promotion["action"]) == (0, "committed")
    assert {(one["by"], one["level"]) for one in promotion["approvals"]} == {("alice", "signed"), ("bob", "signed")}
    assert promotion["requester"]["name"] == "bot"


def test_a_changed_policy_takes_approvals_back(gatekeeper: Command, repository: Path, tmp_path: Path) -> None:
    asking_for(repository, "{count: 1}")
    assert approve(gatekeeper, repository, "--env", "staging", "--by", "alice").code == 0
    text = shown(repository, "policies/fairness.yaml")
    change(repository, {"policies/fairness.yaml": text + "\n# looked at again\n"})
    code, promotion = promoted(gatekeeper, repository, write_fresh_reports(tmp_path), {**ACTIONS, "GITHUB_ACTOR": "x"})
    assert code == 5
    assert "it was given under another text of fairness" in promotion["waiting"][0]["message"]


def test_a_held_artifact_waits(gatekeeper: Command, repository: Path, tmp_path: Path) -> None:
    place, before = write_fresh_reports(tmp_path), ""
    words = ["--env", "staging", "--by", "alice", "--repo", repository]
    assert (
        gatekeeper("hold", "add", *words, "--artifact", "churn", "--reason", "Latency", "--until", "2999-01-01").code
        == 0
    )
    before = tip(repository)
    code, promotion = promoted(gatekeeper, repository, place)
    assert (code, tip(repository)) == (5, before)
    assert promotion["waiting"] == [
        {
            "condition": "hold",
            "message": promotion["waiting"][0]["message"],
            "until": "2999-01-02T00:00:00Z",
        }
    ]
    assert "held by alice: Latency (hold " in promotion["waiting"][0]["message"]
    assert gatekeeper("hold", "remove", *words, "--artifact", "churn").code == 0
    assert promoted(gatekeeper, repository, place)[0] == 0
