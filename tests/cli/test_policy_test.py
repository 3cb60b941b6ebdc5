"""`gatekeeper policy test` as it is typed: formats, exit codes, choices."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.cli.scene import git
from tests.conftest import Command, Golden

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parents[1] / "reports" / "junit.xsd"))
POLICY = """\
apiVersion: gatekeeper/v1
kind: Policy
metadata: {name: model-quality, version: 1.0.0}
spec:
  parameters:
    floor: {type: number, default: 0.85, minimum: 0, maximum: 1}
  evidence:
    metrics: {kind: metrics}
  rules:
    - id: accuracy
      why: Below this it loses money.
      remedy: Retrain.
      metric: {name: accuracy, min: params.floor}
    - id: rate
      why: It must say both.
      remedy: Look at the class weights.
      require: evidence.metrics.values.rate > 0.05
"""
CASE = """\
apiVersion: gatekeeper/v1
kind: PolicyTest
metadata: {{name: {name}}}
spec:
  policy: model-quality
  evidence:
    metrics: {{values: {{accuracy: {accuracy}, rate: {rate}}}}}
  expect:
    results: {{accuracy: {result}, rate: pass}}
"""
HIGH = CASE.format(name="high accuracy", accuracy=0.9, rate=0.3, result="pass")
LOW = CASE.format(name="low accuracy", accuracy=0.8, rate=0.3, result="fail")
WRONG = CASE.format(name="wrong", accuracy=0.9, rate=0.3, result="fail")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one policy and two cases, both of which pass."""
    tests = tmp_path / "policies" / "tests" / "model-quality"
    tests.mkdir(parents=True)
    (tmp_path / "gatekeeper.yaml").write_text("apiVersion: gatekeeper/v1\nkind: Project\n")
    (tmp_path / "policies" / "model-quality.yaml").write_text(POLICY)
    (tests / "accuracy.yaml").write_text(f"{HIGH}---\n{LOW}")
    return tests


def add(project: Path, text: str, name: str = "more.yaml") -> None:
    """A further file of cases."""
    (project / name).write_text(text)


def proposed(report: dict[str, Any]) -> list[str]:
    """The cases that a JSON report proposes."""
    return [one["text"] for policy in report["policies"] for one in policy["coverage"]["proposed"]]


@pytest.mark.parametrize(("form", "ending"), [("text", "txt"), ("json", "json"), ("junit", "xml")])
def test_each_format(gatekeeper: Command, project: Path, golden: Golden, form: str, ending: str) -> None:
    add(project, WRONG)
    code, out, err = gatekeeper("policy", "test", "--format", form, "--min-coverage", "90", "--engine", "cel-cpp")
    assert (code, err) == (1, "")
    golden(f"policy-test/failed.{ending}", out)


def test_the_text_of_a_run_without_a_finding(gatekeeper: Command, project: Path, golden: Golden) -> None:
    code, out, err = gatekeeper("policy", "test", "-v", "--no-coverage", "--engine", "cel-cpp")
    assert (code, err) == (0, "")
    golden("policy-test/passed.txt", out)


def test_junit_is_valid_and_has_one_case_for_each(gatekeeper: Command, project: Path) -> None:
    add(project, WRONG)
    code, out, _ = gatekeeper("policy", "test", "--format", "junit", "--min-coverage", "100")
    root = etree.fromstring(out.encode())
    SCHEMA.assertValid(root)
    assert code == 1
    named = [(one.get("classname"), one.get("name"), [child.tag for child in one]) for one in root.iter("testcase")]
    assert named == [
        ("gatekeeper.policy-test.model-quality", "high accuracy", []),
        ("gatekeeper.policy-test.model-quality", "low accuracy", []),
        ("gatekeeper.policy-test.model-quality", "wrong", ["failure"]),
        ("gatekeeper.policy-test", "finding 1", ["failure"]),
    ]


def test_pasting_what_is_proposed_reaches_full_coverage(gatekeeper: Command, project: Path) -> None:
    assert gatekeeper("policy", "test", "--min-coverage", "100")[0] == 1
    report = json.loads(gatekeeper("policy", "test", "--format", "json")[1])
    add(project, "---\n".join(proposed(report)))
    code, out, _ = gatekeeper("policy", "test", "--min-coverage", "100", "--format", "json")
    assert code == 0
    assert json.loads(out)["policies"][0]["coverage"]["percent"] == 100.0


def test_the_text_can_be_pasted_as_it_stands(gatekeeper: Command, project: Path) -> None:
    out = gatekeeper("policy", "test", "-v")[1]
    add(project, out[out.index("---\n") : out.index("\ncoverage ")])
    code, out, err = gatekeeper("policy", "test", "--min-coverage", "100")
    assert (code, err) == (0, ""), out


def test_no_cases_is_no_success(gatekeeper: Command, project: Path) -> None:
    (project / "accuracy.yaml").unlink()
    code, out, _ = gatekeeper("policy", "test")
    assert code == 1
    assert "finding: there are no cases" in out
    for form in ("json", "junit"):
        assert gatekeeper("policy", "test", "--format", form)[0] == 1


def test_cases_are_chosen_by_name(gatekeeper: Command, project: Path) -> None:
    add(project, WRONG)
    assert gatekeeper("policy", "test", "* accuracy")[0] == 0
    code, out, _ = gatekeeper("policy", "test", "wrong")
    assert (code, "coverage" in out) == (1, False)
    code, out, _ = gatekeeper("policy", "test", "nobody")
    assert (code, "finding: no case is named nobody" in out) == (1, True)
    assert "coverage" in gatekeeper("policy", "test", "high*", "--coverage")[1]


def test_what_cannot_be_read_is_exit_2(gatekeeper: Command, project: Path) -> None:
    code, out, err = gatekeeper("policy", "test", "--policy", "model-qualty")
    assert (code, out) == (2, "")
    assert "Did you mean 'model-quality'?" in err
    assert gatekeeper("policy", "test", "--min-coverage", "101")[0] == 2
    assert gatekeeper("policy", "test", "--min-coverage", "1", "--no-coverage")[0] == 2
    add(project, CASE.format(name="typo", accuracy=0.9, rate=0.3, result="pass").replace("values", "value"))
    code, out, err = gatekeeper("policy", "test")
    assert (code, out) == (2, "")
    assert err.startswith("policies/tests/model-quality/more.yaml:7:15: there is no fact `value` here\n  Did you mean")


def test_a_case_file_that_leads_out_of_the_project_is_not_followed(gatekeeper: Command, project: Path) -> None:
    (project / "more.yaml").symlink_to("/etc/hostname")
    code, out, err = gatekeeper("policy", "test")
    assert (code, out) == (2, "")
    assert err.startswith("policies/tests/model-quality/more.yaml: ")
    assert "leads out of the repository" in err


def test_a_policy_that_leads_out_of_the_project_is_exit_2(gatekeeper: Command, project: Path) -> None:
    (project.parents[1] / "out.yaml").symlink_to("/etc/hostname")
    code, out, err = gatekeeper("policy", "test")
    assert (code, out) == (2, "")
    assert "policies/out.yaml is a symbolic link that leads out of the repository" in err


def test_a_policy_that_is_wrong_is_exit_2(gatekeeper: Command, project: Path) -> None:
    path = project.parents[1] / "model-quality.yaml"
    path.write_text(POLICY.replace("params.floor", "params.flor"))
    code, _, err = gatekeeper("policy", "test")
    assert code == 2
    assert err.startswith("policies/model-quality.yaml:13:")


def test_the_result_goes_to_a_file(gatekeeper: Command, project: Path, tmp_path: Path) -> None:
    assert gatekeeper("policy", "test", "--format", "json", "--output", "out.json") == (0, "", "")
    report = json.loads((tmp_path / "out.json").read_text())
    assert (report["schema"], report["result"]) == ("gatekeeper.policy-test/v1", "pass")


def test_the_cases_of_a_commit(gatekeeper: Command, project: Path, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-q", "-m", "x")
    add(project, WRONG)
    assert gatekeeper("policy", "test")[0] == 1
    assert gatekeeper("policy", "test", "--repo", str(tmp_path))[0] == 0


def test_both_engines_agree(gatekeeper: Command, project: Path) -> None:
    code, out, _ = gatekeeper("policy", "test", "--cross-check", "--format", "json")
    assert code == 0
    assert json.loads(out)["engine"] == "cel-cpp and cel-python"
    alone = json.loads(gatekeeper("policy", "test", "--engine", "cel-python", "--format", "json")[1])
    assert alone["policies"] == json.loads(out)["policies"]


def test_hostile_names_do_not_reach_a_log(gatekeeper: Command, project: Path) -> None:
    name = '"::error::x ##[command] <b>&amp;"'
    add(project, WRONG.replace("name: wrong", f"name: {name}"))
    for form in ("text", "json", "junit"):
        out = gatekeeper("policy", "test", "--no-coverage", "--format", form)[1]
        assert "##[" not in out
        assert not any(line.lstrip().startswith("::") for line in out.split("\n"))
