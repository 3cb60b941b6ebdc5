"""Promotion of signed evidence: by the trust file of the tip, read again on each attempt, and of no other place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gatekeeper.app.asked import Means
from gatekeeper.app.candidates import Candidate, Candidates
from gatekeeper.app.evaluate import Request
from gatekeeper.connect.git import GitRepository
from gatekeeper.errors import InvalidFileError
from gatekeeper.evidence.reading import envelope
from gatekeeper.judge.cel import load_engine
from gatekeeper.model.artifact import Artifact
from gatekeeper.model.judgement import Report
from gatekeeper.ports.repository import Landing
from gatekeeper.records.statement import read_record
from gatekeeper.wiring.promoting import Sites, means
from tests.app.acting import promote
from tests.connect.repositories import KUSTOMIZATION, git, make_bare, push_by_hand, show
from tests.judging import policy_text
from tests.policies import reports
from tests.signing import key, sealed, signer, statement, trust_text

START = datetime(2026, 11, 23, 7, tzinfo=UTC)
IMAGE = "registry.example/churn-model"
MANIFEST = "environments/staging/churn/kustomization.yaml"
ROLES = [{"role": "evidence:trivy", "members": ["ci"], "environments": ["staging"]}]
TRUSTED = trust_text({"ci": [key("ci-1")]}, ROLES)
ENVIRONMENT = {
    "apiVersion": "gatekeeper/v1",
    "kind": "Environment",
    "metadata": {"name": "staging"},
    "spec": {
        "policies": [{"name": "p", "version": "^1"}],
        "artifacts": [
            {"name": "churn", "image": IMAGE, "manifests": [{"path": MANIFEST, "format": "kustomize"}]},
        ],
    },
}
REQUIREMENT = {"kind": "scan", "about": "artifact", "signed_by": ["evidence:trivy"]}
FILES = {
    "policies/p.yaml": policy_text([{"id": "it", "scan": {"max": {"total": 0}}}], evidence={"image": REQUIREMENT}),
    "environments/staging.yaml": json.dumps(ENVIRONMENT),
    MANIFEST: KUSTOMIZATION,
    "trust.yaml": TRUSTED,
}


def repository(tmp_path: Path, files: Mapping[str, str] = FILES) -> Path:
    return make_bare(tmp_path, files)


def request(*signed: str) -> Request:
    document = statement(json.loads(reports.trivy()), subjects=[reports.DIGEST])
    data = sealed(document, *(signer(name) for name in signed))
    return Request(
        artifact=Artifact(name=None, image=IMAGE, tag="1.4.2", digest=reports.DIGEST),
        envelopes=(envelope(data, source="scan.json"),),
        now=START,
        engines=(load_engine(None),),
        environment="staging",
    )


def steady(asked: Request, **more: Any) -> Means:
    """The means that the command has, with a clock of their own that never waits."""
    candidates = Candidates(environment="staging", single=(Candidate(request=asked),))
    times = (START + timedelta(seconds=n) for n in range(100))
    return msgspec.structs.replace(
        means(candidates, Sites("", "main"), lambda _: None),
        now=lambda: next(times),
        elapsed=lambda: 0.0,
        sleep=lambda _: None,
        **more,
    )


def run(bare: Path, *signed: str) -> Report:
    return promote(GitRepository(str(bare), "main", sleep=lambda _: None), "main", steady(request(*signed)))


def records(bare: Path) -> list[str]:
    return git(bare, "ls-tree", "-r", "--name-only", "main", "decisions/").splitlines()


def test_what_a_trusted_key_signed_is_promoted_and_the_record_says_so(tmp_path: Path) -> None:
    bare = repository(tmp_path)
    report = run(bare, "ci-1")
    assert report.promotion is not None
    assert report.promotion.action == "committed"
    record = read_record(show(bare, records(bare)[0]).encode())
    assert [one.signed_by for one in record.judgement.evidence] == [("ci-1",)]
    assert record.judgement.trust == report.judgement.trust
    assert isinstance(record.judgement.trust, str)


@pytest.mark.parametrize("signed", [("stranger",), ("ci-2",)])
def test_what_a_stranger_signed_is_not_promoted(tmp_path: Path, signed: tuple[str, ...]) -> None:
    bare = repository(tmp_path)
    before = git(bare, "rev-parse", "main")
    report = run(bare, *signed)
    assert (report.judgement.verdict, report.promotion and report.promotion.action) == ("undecided", "none")
    assert git(bare, "rev-parse", "main") == before


def test_a_role_of_another_environment_is_none_here(tmp_path: Path) -> None:
    roles = [{**ROLES[0], "environments": ["production"]}]
    bare = repository(tmp_path, {**FILES, "trust.yaml": trust_text({"ci": [key("ci-1")]}, roles)})
    report = run(bare, "ci-1")
    assert report.judgement.verdict == "undecided"
    assert "a key more is asked for, of evidence:trivy" in report.judgement.results[0].message


def test_a_trust_file_beside_the_caller_means_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = repository(tmp_path, {name: text for name, text in FILES.items() if name != "trust.yaml"})
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "trust.yaml").write_text(TRUSTED)
    monkeypatch.chdir(tmp_path / "here")
    report = run(bare, "ci-1")
    assert report.judgement.verdict == "undecided"
    assert "no trust.yaml says whose keys count" in report.judgement.results[0].message
    given = msgspec.structs.replace(request("ci-1"), trust=("trust.yaml", TRUSTED.encode()))
    found = promote(GitRepository(str(bare), "main", sleep=lambda _: None), "main", steady(given))
    assert found.judgement.verdict == "undecided"


class Overtaken(GitRepository):
    """A repository in which somebody else lands a commit just before ours, the first time."""

    def __init__(self, bare: Path, folder: Path, path: str, text: str) -> None:
        super().__init__(str(bare), "main", sleep=lambda _: None)
        self.theirs = (bare, folder, path, text)
        self.attempts = 0

    def commit(self, *given: Any, **more: Any) -> Landing:
        self.attempts += 1
        if self.attempts == 1:
            push_by_hand(*self.theirs)
        return super().commit(*given, **more)


REVOKED = trust_text({"ci": [key("ci-1", revoked="2026-11-23T07:00:00Z")]}, ROLES)
REPLACED = trust_text({"ci": [key("ci-2")]}, ROLES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (REVOKED, "signed by the key ci-1, which was revoked at 2026-11-23T07:00:00Z"),
        (REPLACED, "signed by no key of trust.yaml"),
    ],
)
def test_a_key_revoked_between_two_attempts_counts_no_more(tmp_path: Path, text: str, words: str) -> None:
    bare = repository(tmp_path)
    overtaken = Overtaken(bare, tmp_path / "theirs", "trust.yaml", text)
    report = promote(overtaken, "main", steady(request("ci-1")))
    assert (report.judgement.verdict, report.promotion and report.promotion.action) == ("undecided", "none")
    assert report.promotion is not None
    assert (report.promotion.attempts, overtaken.attempts) == (2, 1)
    assert words in report.judgement.results[0].message
    assert records(bare) == []
    assert show(bare, MANIFEST) == KUSTOMIZATION


def test_a_commit_that_leaves_trust_alone_only_delays(tmp_path: Path) -> None:
    bare = repository(tmp_path)
    overtaken = Overtaken(bare, tmp_path / "theirs", "README.md", "other\n")
    report = promote(overtaken, "main", steady(request("ci-1")))
    assert report.promotion is not None
    assert (report.promotion.action, report.promotion.attempts) == ("committed", 2)


def test_a_trust_file_broken_between_two_attempts_stops_it(tmp_path: Path) -> None:
    bare = repository(tmp_path)
    overtaken = Overtaken(bare, tmp_path / "theirs", "trust.yaml", "kind: Trust\n")
    with pytest.raises(InvalidFileError, match=r"trust\.yaml"):
        promote(overtaken, "main", steady(request("ci-1")))
    assert records(bare) == []
