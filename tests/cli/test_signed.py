"""Signed evidence through the command: every format, both trees, and where trust comes from."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gatekeeper import __version__
from gatekeeper.app.evaluate import Request, evaluate
from gatekeeper.evidence.reading import envelope
from gatekeeper.judge.cel import load_engine
from gatekeeper.model.artifact import Artifact
from gatekeeper.model.digests import sha256_of
from gatekeeper.model.evidence import Envelope
from gatekeeper.model.judgement import EngineUsed, Report
from gatekeeper.records.binding import Subject, Wish, bind
from gatekeeper.reports import RENDERERS, render
from tests.cli.scene import NOW, change, git, make_repository, record_of, tip, write_fresh_reports
from tests.conftest import Command, Golden
from tests.connect.repositories import hook
from tests.judging import policy_text
from tests.policies import reports
from tests.reports.test_golden import SUFFIXES
from tests.signing import key, pair, signer, trust_text

IMAGE = f"{reports.IMAGE}:1.4.2@{reports.DIGEST}"
CLOCK = datetime(2026, 11, 23, 12, tzinfo=UTC)
TRUST = trust_text(
    {"ci": [key("ci-2026")], "alice": [key("alice-2025", until="2026-01-01")]},
    [{"role": "evidence:junit", "members": ["ci"]}],
    people="alice",
)
POLICY = policy_text(
    [
        {"id": "unit-tests", "tests": {"in": "unit"}},
        {"id": "no-critical", "scan": {"in": "image", "max": {"critical": 0}}},
        {"id": "accuracy", "metric": {"in": "metrics", "name": "accuracy", "min": 0.9}},
    ],
    evidence={
        "unit": {"kind": "tests", "about": "artifact", "signed_by": ["evidence:junit"], "max_age": "1d"},
        "image": {"kind": "scan", "about": "artifact", "signed_by": ["ci", "alice"]},
        "metrics": {"kind": "metrics"},
    },
)


def bound(data: bytes, name: str, *keys: str) -> Envelope:
    """A report bound to the artifact at a fixed time and signed: the same bytes in every run."""
    subject = Subject(name=reports.IMAGE, algorithm="sha256", value=reports.DIGEST.removeprefix("sha256:"))
    wish = Wish(subjects=(subject,), now=datetime(2026, 11, 23, 8, tzinfo=UTC))
    return envelope(bind(data, name, wish, [signer(one) for one in keys]), source=name)


@pytest.fixture(scope="module")
def report() -> Report:
    """One report signed as asked, one by too few, one unsigned."""
    request = Request(
        artifact=Artifact(name=None, image=reports.IMAGE, tag="1.4.2", digest=reports.DIGEST),
        envelopes=(
            bound(reports.junit(), "junit.json", "ci-2026"),
            bound(reports.trivy(), "trivy.json", "ci-2026", "alice-2025"),
            envelope(reports.metrics(), source="metrics.json"),
        ),
        now=CLOCK,
        engines=(load_engine(None),),
        policy_files=(("policy.yaml", POLICY.encode()),),
        trust=("trust.yaml", TRUST.encode()),
    )
    made = evaluate(None, request).report
    return msgspec.structs.replace(made, engine=EngineUsed(name="cel-cpp", version="0.1.3"))


@pytest.mark.parametrize("form", sorted(RENDERERS))
def test_every_report_tells_signed_from_unsigned(report: Report, golden: Golden, form: str) -> None:
    text = render(form, report).replace(f'"{__version__}"', '"VERSION"')
    golden(f"reports/signed.{SUFFIXES.get(form, form)}", text)


def test_the_golden_reports_say_who_signed(report: Report) -> None:
    text, page, comment = (render(form, report) for form in ("text", "html", "markdown"))
    for one in (text, page, comment):
        assert "signed by ci-2026" in one
        assert "unsigned" in one
    found = {one["name"]: one for one in json.loads(render("json", report))["evidence"]}
    assert [found[name]["signed_by"] for name in ("unit", "image", "metrics")] == [["ci-2026"], ["ci-2026"], []]
    assert [found[name]["bound"] for name in ("unit", "image", "metrics")] == ["bound", "bound", "unbound"]
    assert json.loads(render("json", report))["trust"].startswith("sha256:")


@pytest.fixture
def scene(gatekeeper: Command, tmp_path: Path) -> Path:
    """A repository whose staging asks for signed tests; reports, one of them bound and signed, and the key."""
    repository = make_repository(tmp_path)
    requirement = {"kind": "tests", "about": "artifact", "signed_by": ["evidence:junit"]}
    policy = json.loads(policy_text([{"id": "it", "tests": {"in": "unit"}}], evidence={"unit": requirement}))
    policy["metadata"]["name"] = "signed"
    staging = {
        "apiVersion": "gatekeeper/v1",
        "kind": "Environment",
        "metadata": {"name": "signed"},
        "spec": {
            "policies": [{"name": "signed", "version": "^1"}],
            "image": reports.IMAGE,
            "name": "churn",
            "manifests": [{"path": "environments/staging/churn/kustomization.yaml", "format": "kustomize"}],
        },
    }
    files = {"policies/signed.yaml": policy, "environments/signed.yaml": staging}
    change(repository, {name: json.dumps(text) for name, text in files.items()})
    write_fresh_reports(tmp_path)
    (tmp_path / "ci.key").write_bytes(pair("ci-2026")[0])
    arguments = ("--about", f"artifact={IMAGE}", "--sign-key", "ci.key", "--output", "signed.json")
    assert gatekeeper("evidence", "bind", "reports/junit.xml", *arguments).code == 0
    return repository


def run(gatekeeper: Command, verb: str, repository: Path, *more: str, evidence: str = "signed.json") -> Any:
    arguments = (
        "--env",
        "signed",
        "--repo",
        repository,
        "--artifact",
        IMAGE,
        "--evidence",
        evidence,
        "--format",
        "json",
    )
    found = gatekeeper(verb, *arguments, *more)
    return found.code, json.loads(found.stdout) if found.stdout else found.stderr


def test_signed_evidence_is_promoted_by_the_trust_file_of_the_tip(
    gatekeeper: Command, scene: Path, tmp_path: Path
) -> None:
    (tmp_path / "trust.yaml").write_text(TRUST)
    for verb in ("evaluate", "plan", "promote"):
        code, found = run(gatekeeper, verb, scene)
        assert code == 3, verb
        assert "no trust.yaml says whose keys count" in found["results"][0]["message"]
    change(scene, {"trust.yaml": TRUST})
    for verb in ("evaluate", "plan", "promote"):
        code, found = run(gatekeeper, verb, scene)
        assert (code, found["evidence"][0]["signed_by"]) == (0, ["ci-2026"]), verb
    code, found = run(gatekeeper, "promote", scene)
    assert (code, found["promotion"]["action"]) == (0, "already")
    revoked = trust_text(
        {"ci": [key("ci-2026", revoked="2026-01-01")]}, [{"role": "evidence:junit", "members": ["ci"]}]
    )
    change(scene, {"trust.yaml": revoked})
    before = tip(scene)
    code, found = run(gatekeeper, "promote", scene)
    assert code == 3
    assert "revoked at 2026-01-01T00:00:00Z" in found["results"][0]["message"]
    assert tip(scene) == before


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (
            trust_text({"ci": [key("ci-2026", revoked="2026-01-01")]}, [{"role": "evidence:junit", "members": ["ci"]}]),
            3,
        ),
        (None, 3),
        ("kind: Trust\n", 2),
        (f"{TRUST}\n", 0),
    ],
)
def test_trust_that_changes_while_it_is_pushed_decides(
    gatekeeper: Command, scene: Path, after: str | None, expected: int
) -> None:
    """The branch moves between the judgement and the push: what counts is the trust file that stands there then."""
    change(scene, {"trust.yaml": TRUST})
    before = tip(scene)
    change(scene, {"trust.yaml": after})
    moved = tip(scene)
    git(scene, "update-ref", "refs/heads/main", before)
    hook(scene, "pre-receive", f"rm $0; env -i PATH=$PATH git --git-dir={scene} update-ref refs/heads/main {moved}")
    code, found = run(gatekeeper, "promote", scene)
    assert code == expected
    if expected:
        assert tip(scene) == moved
        return
    assert after is not None
    judgement = record_of(scene, "signed")["predicate"]["judgement"]  # type: ignore[index]
    assert found["promotion"]["attempts"] == 2
    assert judgement["trust"] == found["trust"] == sha256_of(after.encode())
    assert judgement["evidence"][0]["signed_by"] == ["ci-2026"]
    assert git(scene, "rev-parse", "main^") == moved


def test_unsigned_evidence_is_refused_and_shown_as_such(gatekeeper: Command, scene: Path) -> None:
    change(scene, {"trust.yaml": TRUST})
    code, found = run(gatekeeper, "evaluate", scene, evidence="reports/junit.xml")
    assert code == 3
    assert "unsigned; signed by evidence:junit is asked for" in found["results"][0]["message"]
    assert found["evidence"][0]["signed_by"] == []


def test_a_working_tree_has_its_own_trust_file(gatekeeper: Command, scene: Path, tmp_path: Path) -> None:
    change(scene, {"trust.yaml": TRUST})
    work = scene.parent / "gitops-work"
    arguments = ("evaluate", "--env", "signed", "--artifact", IMAGE, "--evidence", tmp_path / "signed.json")
    assert gatekeeper(*arguments, cwd=work).code == 0
    (work / "trust.yaml").unlink()
    assert gatekeeper(*arguments, cwd=work).code == 3


@pytest.mark.parametrize("verb", ["evaluate", "plan", "promote"])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kind: Trust\n", "trust.yaml"),
        (trust_text({"ci": [key("ci-2026")]}), "has no key, person, machine or role 'evidence:junit'"),
        (trust_text({"ci": [{**key("ci-2026"), "public": "x"}]}), "not a PEM public key"),
    ],
)
def test_2_a_trust_file_that_cannot_be_used(gatekeeper: Command, scene: Path, verb: str, text: str, words: str) -> None:
    change(scene, {"trust.yaml": text})
    code, told = run(gatekeeper, verb, scene)
    assert code == 2
    assert words in told


def test_policy_check_finds_an_unknown_signer_and_a_broken_trust_file(gatekeeper: Command, scene: Path) -> None:
    work = scene.parent / "gitops-work"
    assert gatekeeper("policy", "check", cwd=work).code != 2
    for text, words in (
        (trust_text({"ci": []}), "has no key, person, machine or role 'evidence:junit'"),
        ("kind: Trust\n", "trust.yaml:1:1"),
    ):
        (work / "trust.yaml").write_text(text)
        code, out, err = gatekeeper("policy", "check", cwd=work)
        assert code == 2
        assert words in out + err
    (work / "trust.yaml").write_text(TRUST)
    assert gatekeeper("policy", "check", cwd=work).code != 2


def test_policy_files_alone_take_trust_from_an_option_or_the_project(
    gatekeeper: Command, scene: Path, tmp_path: Path
) -> None:
    policy = scene.parent / "gitops-work" / "policies" / "signed.yaml"
    (tmp_path / "other.yaml").write_text(TRUST)
    arguments = ("evaluate", "--policy", policy, "--artifact", IMAGE, "--evidence", "signed.json")
    assert gatekeeper(*arguments).code == 3
    assert gatekeeper(*arguments, "--trust", "other.yaml").code == 0
    assert gatekeeper(*arguments, "--trust=other.yaml").code == 0
    assert gatekeeper(*arguments, "--trust", "nowhere.yaml").code == 2
    assert gatekeeper(*arguments, "--trust", "").code == 2
    (tmp_path / "trust.yaml").write_text(TRUST)
    assert gatekeeper(*arguments).code == 0
    code, told = run(gatekeeper, "evaluate", scene, "--trust", "other.yaml")
    assert code == 2
    assert "--trust goes with --policy" in told


def test_a_signed_report_given_without_a_name_still_counts_when_it_is_broken(
    gatekeeper: Command, tmp_path: Path
) -> None:
    """It has no kind, so no requirement takes it; it must not vanish."""
    (tmp_path / "policy.yaml").write_text(policy_text("true"))
    (tmp_path / "m.json").write_bytes(reports.metrics())
    for content in (
        '{"payload": "", "payloadType": "x", "signatures": [{"sig": "YQ=="}]}',
        '{"payload": 1, "payloadType": "x", "signatures": 1}',
    ):
        (tmp_path / "signed.json").write_text(content)
        evidence = ("--evidence", "m.json", "--evidence", "signed.json")
        code, out, _ = gatekeeper("evaluate", "--policy", "policy.yaml", *evidence, "--now", NOW, "--format", "json")
        assert code == 3
        assert "given-evidence" in out


def test_a_policys_cases_say_who_signed_and_need_no_key(gatekeeper: Command, tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "p.yaml").write_text(POLICY)
    metrics = {"values": {"accuracy": 0.95}}
    tests = {"total": 1, "ran": 1, "passed": 1, "failures": 0, "errors": 0, "skipped": 0, "cases": {}}
    scan = {"counts": {"critical": 0}, "targets": 1}
    evidence = {"unit": tests, "image": scan, "metrics": metrics}

    def case(name: str, expect: dict[str, Any], **more: Any) -> str:
        spec = {"policy": "p", "evidence": {**evidence, **more}, "expect": expect}
        return json.dumps(
            {"apiVersion": "gatekeeper/v1", "kind": "PolicyTest", "metadata": {"name": name}, "spec": spec}
        )

    signed = case("signed", {"verdict": "allowed"})
    one = case(
        "one",
        {"verdict": "undecided", "results": {"evidence/image": "error"}},
        image={**scan, "envelope": {"signed_by": ["ci"]}},
    )
    none = case("none", {"verdict": "undecided"}, unit={**tests, "envelope": {"signed_by": []}})
    (folder / "tests" / "p").mkdir(parents=True)
    (folder / "tests" / "p" / "cases.yaml").write_text(f"{signed}\n---\n{one}\n---\n{none}\n")
    found = gatekeeper("policy", "test")
    assert found.code == 0, found.stdout + found.stderr
