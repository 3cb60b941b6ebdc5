"""`gatekeeper evidence bind`: a Statement around a report, and what is refused before one is written."""

from __future__ import annotations

import json
from base64 import standard_b64decode
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.evidence.reading import envelope
from gatekeeper.model.evidence import Envelope
from gatekeeper.policy.trust import load_trust
from gatekeeper.records.unseal import unseal
from tests.conftest import Command
from tests.judging import NOW
from tests.policies import reports
from tests.signing import key, pair, trust_text

A = "sha256:" + "a" * 64
COMMIT = "9f2c" * 10


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The healthy candidate's reports, two keys and a trust file that knows one of them."""
    for name, data in reports.healthy().items():
        (tmp_path / name).write_bytes(data)
    for name in ("ci-1", "release-1"):
        (tmp_path / f"{name}.key").write_bytes(pair(name)[0])
    (tmp_path / "trust.yaml").write_text(trust_text({"ci": [key("ci-1")], "release": [key("release-1")]}))
    return tmp_path


def read(gatekeeper: Command, name: str) -> dict[str, Any]:
    envelopes = json.loads(gatekeeper("evidence", "read", name).stdout)
    assert isinstance(envelopes[0], dict)
    return envelopes[0]


def test_a_bound_report_says_what_it_is_about(gatekeeper: Command, folder: Path) -> None:
    about = [f"artifact=registry.example/x:1@{A}", f"model={reports.DIGEST}", f"commit={COMMIT}", "run=mlflow:3f6a"]
    about += [f"dataset=train={'sha256:' + 'd' * 64}", f"dataset=test=md5:{'0' * 32}.dir"]
    arguments = [part for text in about for part in ("--about", text)]
    code, out, err = gatekeeper("evidence", "bind", "junit.xml", *arguments, "--output", "bound.json")
    assert (code, out, err) == (0, "", "")
    document = json.loads((folder / "bound.json").read_text())
    assert document["_type"] == "https://in-toto.io/Statement/v1"
    assert document["predicateType"] == "urn:ml-gatekeeper:evidence:v1"
    assert {"name": "train", "digest": {"sha256": "d" * 64}} in document["subject"]
    assert standard_b64decode(document["predicate"]["report"]) == (folder / "junit.xml").read_bytes()
    found = read(gatekeeper, "bound.json")
    plain = envelope((folder / "junit.xml").read_bytes(), source="x")
    assert (found["kind"], found["producer"]["name"], found["facts"]) == ("tests", "junit", plain.facts)
    wished = [A, reports.DIGEST, "gitCommit:" + COMMIT, "mlflow:3f6a", "sha256:" + "d" * 64, "md5:" + "0" * 32 + ".dir"]
    assert found["subjects"] == sorted(wished)
    assert found["produced_at"] == document["predicate"]["bound_at"], "the report has no time of its own"
    assert (found["signed_by"], found["unverified"]) == ([], None)


def test_a_signed_report_is_signed_and_can_be_signed_again_by_another(gatekeeper: Command, folder: Path) -> None:
    bind = ("evidence", "bind", "junit.xml", "--about", f"artifact={A}", "--sign-key", "ci-1.key")
    assert gatekeeper(*bind, "--output", "once.json") == (0, "", "")
    assert read(gatekeeper, "once.json")["signed_by"] == ["ci-1"]
    again = ("evidence", "bind", "once.json", "--sign-key", "release-1.key")
    assert gatekeeper(*again, "--output", "twice.json") == (0, "", "")
    found = read(gatekeeper, "twice.json")
    assert (found["signed_by"], found["subjects"]) == (["ci-1", "release-1"], [A])
    code, out, err = gatekeeper("evidence", "bind", "twice.json", "--sign-key", "ci-1.key")
    assert (code, out) == (3, "")
    assert "signed already" in err
    both = gatekeeper(*bind, "--sign-key", "release-1.key").stdout.encode()
    ring = load_trust((folder / "trust.yaml").read_bytes(), "trust.yaml")
    assert unseal(envelope(both, source="x"), ring, NOW).signed_by == ("ci-1", "release-1")


def test_a_plain_statement_can_be_signed_as_it_is(gatekeeper: Command, folder: Path) -> None:
    gatekeeper("evidence", "bind", "junit.xml", "--about", f"artifact={A}", "--output", "bound.json")
    gatekeeper("evidence", "bind", "bound.json", "--sign-key", "ci-1.key", "--output", "signed.json")
    payload = json.loads((folder / "signed.json").read_text())["payload"]
    assert standard_b64decode(payload) == (folder / "bound.json").read_bytes()
    assert read(gatekeeper, "signed.json")["signed_by"] == ["ci-1"]


def test_an_artifact_gives_all_that_it_carries(gatekeeper: Command, folder: Path) -> None:
    spec = {
        "image": f"registry.example/x:1@{A}",
        "model": {"name": "churn", "digest": reports.DIGEST},
        "commit": "9f2c6ab",
        "run": "mlflow:3f6a",
        "datasets": {"train": "sha256:" + "d" * 64},
    }
    document = {"apiVersion": "gatekeeper/v1", "kind": "Artifact", "spec": spec}
    (folder / "artifact.yaml").write_text(json.dumps(document))
    gatekeeper("evidence", "bind", "junit.xml", "--artifact", "artifact.yaml", "--output", "bound.json")
    found = read(gatekeeper, "bound.json")
    assert found["subjects"] == sorted([A, reports.DIGEST, "9f2c6ab", "mlflow:3f6a", "sha256:" + "d" * 64])
    for side in ("artifact", "model", "commit", "run", "dataset"):
        policy = {"kind": "tests", "about": side}
        text = {
            "apiVersion": "gatekeeper/v1",
            "kind": "Policy",
            "metadata": {"name": "p", "version": "1.0.0"},
            "spec": {"evidence": {"unit": policy}, "rules": [{"id": "it", "why": "w", "remedy": "r", "tests": {}}]},
        }
        (folder / "p.yaml").write_text(json.dumps(text))
        arguments = ("evaluate", "--policy", "p.yaml", "--artifact", "artifact.yaml", "--evidence", "bound.json")
        assert gatekeeper(*arguments).code == 0, side
        assert gatekeeper(*arguments[:-1], "junit.xml").code == 3, side


def test_a_report_about_nothing_but_a_run_is_about_no_digest(gatekeeper: Command, folder: Path) -> None:
    gatekeeper("evidence", "bind", "junit.xml", "--about", "run=mlflow:1", "--output", "bound.json")
    assert read(gatekeeper, "bound.json")["subjects"] == ["mlflow:1"]


def test_the_reports_own_time_stands_and_a_told_one_only_where_it_has_none(gatekeeper: Command, folder: Path) -> None:
    bind = ("evidence", "bind", "--about", f"artifact={reports.DIGEST}", "--output", "bound.json")
    assert gatekeeper(*bind, "trivy.json").code == 0
    assert read(gatekeeper, "bound.json")["produced_at"] == "2026-11-23T06:00:00Z"
    assert gatekeeper(*bind, "trivy.json", "--produced-at", "2026-11-23T07:00:00+01:00").code == 0
    code, _, err = gatekeeper(*bind, "trivy.json", "--produced-at", "2026-11-23T07:00:00Z")
    assert code == 3
    assert "2026-11-23T06:00:00Z" in err
    assert gatekeeper(*bind, "junit.xml", "--produced-at", "2026-01-02").code == 0
    assert read(gatekeeper, "bound.json")["produced_at"] == "2026-01-02T00:00:00Z"


BAD: dict[str, tuple[tuple[str, ...], str]] = {
    "nothing": ((), "nothing says what the report is about"),
    "an empty side": (("--about", "run="), "SIDE=VALUE"),
    "an unknown side": (("--about", f"image={A}"), "Sides: artifact, model, commit, run, dataset."),
    "a tag": (("--about", "artifact=registry.example/x:1"), "has no digest"),
    "no image": (("--about", "artifact=A B"), "A B"),
    "a model's name": (("--about", "model=churn"), "model=sha256:"),
    "a short commit": (("--about", "commit=9f2c6ab"), "a commit in full"),
    "a dataset's name": (("--about", "dataset=train"), "dataset=[NAME=]sha256:"),
    "a run with a space": (("--about", "run=a b"), "without spaces"),
    "a run that is a digest": (("--about", f"run={A}"), "run"),
    "an artifact without digest": (("--artifact", "registry.example/x:1"), "carries no digest"),
    "an artifact file that is not there": (("--artifact", "nowhere.yaml"), "nowhere.yaml"),
    "a key that is not there": (("--about", f"artifact={A}", "--sign-key", "nowhere.key"), "nowhere.key"),
    "a public key": (("--about", f"artifact={A}", "--sign-key", "junit.xml"), "no private key"),
    "no instant": (("--about", f"artifact={A}", "--produced-at", "yesterday"), "--produced-at"),
    "the future": (("--about", f"artifact={A}", "--produced-at", "2999-01-01"), "in the future"),
    "no producer": (("--about", f"artifact={A}", "--producer", "nobody"), "there is no producer 'nobody'"),
    "a folder to write to": (("--about", f"artifact={A}", "--output", "nowhere/x"), "nowhere/x"),
    "a signature over nothing": (("--sign-key", "ci-1.key"), "is not bound yet"),
    "a told time alone": (("--sign-key", "ci-1.key", "--produced-at", "2026-01-01"), "nothing says"),
}


@pytest.mark.parametrize("name", BAD)
def test_2_what_says_nothing_that_could_be_compared(gatekeeper: Command, folder: Path, name: str) -> None:
    arguments, words = BAD[name]
    before = sorted(path.name for path in folder.iterdir())
    code, out, err = gatekeeper("evidence", "bind", "junit.xml", *arguments)
    assert (code, out) == (2, ""), err
    assert words in err
    assert sorted(path.name for path in folder.iterdir()) == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the report is empty"),
        (b"{", "not JSON"),
        (b"<html>", "web page"),
        (b"<testsuite/>", "evaluated nothing"),
        (reports.trivy(digest=reports.DIGEST), reports.DIGEST),
        (b'{"payload": "", "payloadType": "x", "signatures": []}', "no signature"),
    ],
)
def test_3_a_report_that_cannot_be_believed_is_not_bound(
    gatekeeper: Command, folder: Path, content: bytes, words: str
) -> None:
    (folder / "report").write_bytes(content)
    code, out, err = gatekeeper("evidence", "bind", "report", "--about", f"artifact={A}", "--output", "bound.json")
    assert (code, out) == (3, "")
    assert words in err
    assert not (folder / "bound.json").exists()


def test_2_what_is_bound_or_signed_is_not_bound_again(gatekeeper: Command, folder: Path) -> None:
    bind = ("evidence", "bind", "--about", f"artifact={A}")
    gatekeeper(*bind, "junit.xml", "--output", "bound.json")
    gatekeeper(*bind, "junit.xml", "--sign-key", "ci-1.key", "--output", "signed.json")
    for name in ("bound.json", "signed.json"):
        code, out, err = gatekeeper(*bind, name)
        assert (code, out) == (2, ""), name
        assert "already" in err
    assert gatekeeper("evidence", "bind", "nowhere.xml", "--about", f"artifact={A}").code == 2


def test_a_report_is_read_by_the_producer_that_is_named(gatekeeper: Command, folder: Path) -> None:
    bind = ("evidence", "bind", "metrics.json", "--about", "run=mlflow:1")
    assert json.loads(gatekeeper(*bind, "--producer", "json").stdout)["predicate"]["producer"] == "json"
    assert gatekeeper(*bind, "--producer", "trivy").code == 3


def test_evidence_read_takes_a_trust_file(gatekeeper: Command, folder: Path) -> None:
    bind = ("evidence", "bind", "junit.xml", "--about", f"artifact={A}", "--sign-key", "ci-1.key")
    gatekeeper(*bind, "--output", "signed.json")
    (folder / "none.yaml").write_text(trust_text({"other": [key("other-1")]}))

    def seen(*arguments: str) -> tuple[Any, Any]:
        found = json.loads(gatekeeper("evidence", "read", "signed.json", *arguments).stdout)[0]
        return found["signed_by"], found["unverified"]

    assert seen() == (["ci-1"], None)
    assert seen("--trust", "none.yaml") == ([], "signed by no key of none.yaml")
    (folder / "trust.yaml").unlink()
    assert seen() == ([], "there is no trust.yaml to verify its signatures with")
    assert gatekeeper("evidence", "read", "signed.json", "--trust", "nowhere.yaml").code == 2
    assert gatekeeper("evidence", "read", "junit.xml", "--trust", "junit.xml").code == 2
    text = gatekeeper("evidence", "read", "signed.json").stdout
    assert "sealed" not in text
    assert isinstance(envelope(b"", source="x"), Envelope)
