"""`gatekeeper init`: what it writes is read, passes its own cases whole, and judges what it was made from."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.app.start.files import Wanted, files_of
from gatekeeper.app.start.found import Found, FoundMetrics, FoundTests
from gatekeeper.app.start.limits import choose, direction
from gatekeeper.app.start.project import CI_FILES
from gatekeeper.cli.codes import ALLOWED
from gatekeeper.errors import InvalidRequestError
from tests.cli.scene import git
from tests.conftest import Command, Golden

METRICS = {"accuracy": 0.91, "f1": 0.8, "log_loss": {"value": 0.3123, "n": 100}, "epochs": 12, "positive_rate": 0.2}
JUNIT = """<testsuite name="s"><testcase classname="a" name="x"/><testcase classname="a" name="y"/>
<testcase classname="a" name="z"><skipped/></testcase></testsuite>"""
RED = '<testsuite name="s"><testcase classname="a" name="x"><failure message="no"/></testcase></testsuite>'


def lay(folder: Path, files: dict[str, Any]) -> Path:
    """Files of a project, JSON where they are no text."""
    folder.mkdir(exist_ok=True)
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content if isinstance(content, str) else json.dumps(content))
    return folder


def listing(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def printed_commands(out: str) -> list[str]:
    """The lines below `Next:`."""
    after = out.partition("Next:\n")[2]
    return [line.strip() for line in after.partition("\n\n")[0].splitlines()]


def run_printed(out: str, folder: Path) -> None:
    """Type what was printed into a shell, in the folder where it was printed."""
    run_all(printed_commands(out), folder)


def run_all(commands: list[str], folder: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    script = " && ".join(commands)
    done = subprocess.run(
        ["sh", "-c", script], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == ALLOWED, done.stdout + done.stderr


PROJECTS: dict[str, dict[str, Any]] = {
    "empty": {},
    "metrics": {"metrics.json": METRICS},
    "junit": {"junit.xml": JUNIT},
    "both": {"eval/metrics.json": METRICS, "reports/junit.xml": JUNIT},
    "many": {"metrics.json": METRICS, "old/metrics.json": METRICS, "TEST-a.xml": JUNIT, "TEST-b.xml": JUNIT},
    "one of many files": {
        "package.json": {"name": "x"},
        "tsconfig.json": "{",
        "pom.xml": "<a/>",
        "metrics.json": METRICS,
    },
    "negative": {"metrics.json": {"r2": -0.25, "bias": -3, "accuracy": 1, "error": 0, "score": 0, "mcc": -0.99}},
    "percent": {"metrics.json": {"accuracy": 91.2, "latency_ms": 12.3456}},
    "no direction": {"metrics.json": {"epochs": 12, "seed": 0}},
    "many metrics": {"metrics.json": {f"loss_{index}": index / 7 for index in range(40)}},
    "same ids": {"metrics.json": {"F1": 0.5, "f1": 0.6, "f-1": 0.7, "f 1 score": 0.8, "1f1": 0.9}},
    "words of YAML": {"metrics.json": {"no_loss": 1, "null score": 2, "1e3 loss": 0.5, "~err": 3, "a: b, {loss}": 4}},
    "hostile names": {
        "metrics.json": {
            "loss'; touch x": 1.0,
            'acc"uracy': 0.5,
            "loss\n  injected: true": 1.0,
            "loss\u202e": 1.0,
            "{{ loss }}": 2.0,
            "# loss": 1.5,
            "é score": 0.5,
            "loss\\": 0.5,
            "`loss`": 1.0,
        },
        "reports of 'x' & $(touch y)/junit #1.xml": JUNIT,
    },
}


@pytest.mark.parametrize("files", PROJECTS.values(), ids=PROJECTS)
def test_what_is_printed_next_works(gatekeeper: Command, tmp_path: Path, files: dict[str, Any]) -> None:
    project = lay(tmp_path / "pro 'ject", files)
    code, out, err = gatekeeper("init", "--dir", "pro 'ject")
    assert (code, err) == (0, ""), out
    run_printed(out, tmp_path)
    code, out, _ = gatekeeper("policy", "test", "--min-coverage", "100", cwd=project)
    assert code == 0, out
    assert not {"x", "y"} & set(listing(project)), "nothing of a name was run"
    assert gatekeeper("policy", "diff", "policies/quality.yaml", "policies", cwd=project)[0] == 0


@pytest.mark.parametrize("ci", ["github", "gitlab", "jenkins"])
def test_with_an_environment_and_ci(gatekeeper: Command, tmp_path: Path, ci: str, golden: Golden) -> None:
    project = lay(tmp_path / "p", PROJECTS["both"])
    code, out, _ = gatekeeper("init", "--ci", ci, "--image", "registry.example/churn", cwd=project)
    assert code == 0
    run_printed(out, project)
    assert gatekeeper("policy", "show", "--env", "staging", cwd=project)[0] == 0
    path = {
        "github": ".github/workflows/gatekeeper.yaml",
        "gitlab": ".gitlab/gatekeeper.gitlab-ci.yml",
        "jenkins": "Jenkinsfile.gatekeeper",
    }[ci]
    text = (project / path).read_text()
    assert "@" not in text.replace("actions/checkout@", "").replace("actions/setup-python@", "").replace(
        "actions/upload-artifact@", ""
    ), "every mark is replaced"
    from gatekeeper import __version__

    golden(f"init/{ci}.txt", text.replace(f"=={__version__}", "==VERSION"))


@pytest.mark.parametrize("files", ["both", "empty"])
@pytest.mark.parametrize("ci", ["github", "gitlab", "jenkins"])
def test_the_steps_of_the_pipeline_work(gatekeeper: Command, tmp_path: Path, ci: str, files: str) -> None:
    project = lay(tmp_path / "p", PROJECTS[files])
    assert gatekeeper("init", "--ci", ci, cwd=project)[0] == 0
    text = (project / CI_FILES[ci]).read_text()
    if ci == "jenkins":
        steps = [line.strip() for line in text.splitlines()]
    else:
        whole = yaml.safe_load(text)
        jobs = whole["jobs"]["gate"]["steps"] if ci == "github" else whole["gatekeeper"]["script"]
        steps = [step.get("run", "") if isinstance(step, dict) else step for step in jobs]
    ours = [step for step in steps if step.startswith("gatekeeper ")]
    assert len(ours) == (4 if files == "empty" else 3)
    run_all(ours, project)
    assert (project / "gatekeeper-junit.xml").exists()
    uses = re.findall(r"uses: (\S+)", text)
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", one) for one in uses), "pinned, and none but stock actions"


@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_a_change_is_compared_with_where_it_goes(gatekeeper: Command, tmp_path: Path, ci: str) -> None:
    project = lay(tmp_path / "p", PROJECTS["metrics"])
    assert gatekeeper("init", "--ci", ci, cwd=project)[0] == 0
    whole = yaml.safe_load((project / CI_FILES[ci]).read_text())
    steps = [step.get("run", "") for step in whole["jobs"]["gate"]["steps"]] if ci == "github" else []
    (check,) = (step for step in steps or whole["gatekeeper"]["script"] if "policy check" in step)
    git(project, "init", "-q", "-b", "main")
    git(project, "add", "-A")
    git(project, "commit", "-q", "-m", "Before")
    git(project, "update-ref", "refs/remotes/origin/main", "HEAD")
    policy = project / "policies/quality.yaml"
    policy.write_text(policy.read_text().replace("default: 0.864", "default: 0.8"))
    git(project, "commit", "-q", "-a", "-m", "Loosened, and the version kept")
    base = subprocess.check_output(["git", "rev-parse", "HEAD~1"], cwd=project, text=True).strip()
    known = {"BASE": "main"} if ci == "github" else {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for named, code in (({}, 0), (known, 1)):
        env = {**os.environ, "PATH": path, **named}
        done = subprocess.run(["sh", "-c", check], cwd=project, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr


def test_an_environment_needs_no_name_yet(gatekeeper: Command, tmp_path: Path) -> None:
    project = lay(tmp_path / "My Project!", PROJECTS["metrics"])
    code, out, _ = gatekeeper("init", "--gitops", cwd=project)
    assert code == 0
    text = (project / "environments/staging.yaml").read_text()
    assert "# Put your image's name here" in text
    assert "image: registry.example/my-project" in text
    run_printed(out, project)


def test_as_it_is_written(gatekeeper: Command, tmp_path: Path, golden: Golden) -> None:
    project = lay(tmp_path / "p", PROJECTS["both"])
    code, out, _ = gatekeeper("init", cwd=project)
    assert code == 0
    golden("init/stdout.txt", out)
    for path in ("gatekeeper.yaml", "policies/quality.yaml", "policies/tests/quality.yaml"):
        golden(f"init/{path}", (project / path).read_text())


def test_ci_is_known_by_what_is_there(gatekeeper: Command, tmp_path: Path) -> None:
    for sign, written in (
        (".github/workflows/x.yml", ".github/workflows/gatekeeper.yaml"),
        (".gitlab-ci.yml", ".gitlab/gatekeeper.gitlab-ci.yml"),
        ("Jenkinsfile", "Jenkinsfile.gatekeeper"),
    ):
        project = lay(tmp_path / sign.partition("/")[0].strip("."), {sign: "x"})
        assert gatekeeper("init", cwd=project)[0] == 0
        assert (project / written).exists()
        assert (project / sign).read_text() == "x"
    project = lay(tmp_path / "none", {"Jenkinsfile": "x"})
    assert gatekeeper("init", "--ci", "none", cwd=project)[0] == 0
    assert not (project / "Jenkinsfile.gatekeeper").exists()


def test_every_file_names_a_schema_that_is_there(gatekeeper: Command, tmp_path: Path) -> None:
    project = lay(tmp_path / "p", PROJECTS["both"])
    gatekeeper("init", "--image", "registry.example/churn", cwd=project)
    ours = [
        path
        for path in project.rglob("*.yaml")
        if "apiVersion: gatekeeper/v1" in path.read_text() and ".gatekeeper" not in path.parts
    ]
    assert len(ours) == 4
    for path in ours:
        head, mark, place = path.read_text().partition("\n")[0].partition("$schema=")
        assert (head, mark) == ("# yaml-language-server: ", "$schema=")
        assert json.loads((path.parent / place).read_text())["title"] in path.read_text()


@pytest.mark.parametrize(
    "there", ["gatekeeper.yaml", "policies/quality.yaml", ".gatekeeper/schemas/policy.schema.json"]
)
def test_nothing_is_overwritten_and_then_nothing_is_written(gatekeeper: Command, tmp_path: Path, there: str) -> None:
    project = lay(tmp_path / "p", {there: "mine", "metrics.json": METRICS})
    before = listing(project)
    code, out, err = gatekeeper("init", cwd=project)
    assert (code, out) == (2, "")
    assert there in err
    assert listing(project) == before
    assert (project / there).read_text() == "mine"


def test_a_second_run_changes_nothing(gatekeeper: Command, tmp_path: Path) -> None:
    project = lay(tmp_path / "p", {})
    assert gatekeeper("init", cwd=project)[0] == 0
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    code, _, err = gatekeeper("init", cwd=project)
    assert code == 2
    assert "gatekeeper.yaml, policies/quality.yaml" in err
    assert {path: path.read_bytes() for path in project.rglob("*") if path.is_file()} == before


def test_two_at_once_leave_one_whole_gate(tmp_path: Path) -> None:
    executable = Path(sys.executable).with_name("gatekeeper")
    runs = [subprocess.Popen([executable, "init", "-q"], cwd=tmp_path, stderr=subprocess.PIPE) for _ in range(4)]
    codes = sorted((run.communicate(), run.returncode)[1] for run in runs)
    assert set(codes) <= {0, 2}
    if 0 in codes:
        assert codes.count(0) == 1
        assert (tmp_path / "policies/tests/quality.yaml").stat().st_size > 0


def test_a_folder_that_leads_elsewhere_is_refused(gatekeeper: Command, tmp_path: Path) -> None:
    project, elsewhere = lay(tmp_path / "p", {}), lay(tmp_path / "elsewhere", {})
    (project / "policies").symlink_to(elsewhere, target_is_directory=True)
    code, _, err = gatekeeper("init", cwd=project)
    assert code == 2
    assert "leads out of" in err
    assert listing(elsewhere) == []
    assert listing(project) == ["policies"]


def test_what_cannot_be_written_leaves_nothing(gatekeeper: Command, tmp_path: Path) -> None:
    project = lay(tmp_path / "p", {"policies/tests": "a file where a folder must be"})
    code, _, _ = gatekeeper("init", cwd=project)
    assert code in (2, 4)
    assert listing(project) == ["policies", "policies/tests"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--metrics", "nothing.json"), "cannot be read"),
        (("--metrics", "junit.xml"), "junit.xml: "),
        (("--junit", "metrics.json"), "metrics.json: "),
        (("--margin", "-1"), "percentage"),
        (("--margin", "nan"), "percentage"),
        (("--margin", "99"), "percentage"),
        (("--image", "registry.example/churn:1.0"), "without tag"),
        (("--image", "-x"), "-x"),
        (("--dir", "metrics.json"), "is not a folder"),
        (("--ci", "travis"), "travis"),
        (("--metrics", "words.json"), "no metric"),
    ],
)
def test_a_request_that_cannot_be_met(
    gatekeeper: Command, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    lay(tmp_path, {"metrics.json": METRICS, "junit.xml": JUNIT, "words.json": {"loss\n": 1}})
    before = listing(tmp_path)
    code, out, err = gatekeeper("init", *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert listing(tmp_path) == before


def test_files_that_are_named_win_and_may_lie_outside(gatekeeper: Command, tmp_path: Path) -> None:
    project = lay(tmp_path / "p", {"metrics.json": {"accuracy": 0.5}})
    lay(tmp_path, {"made elsewhere.json": {"f1": 0.75}})
    code, out, _ = gatekeeper("init", "--metrics", "../made elsewhere.json", "--margin", "10", cwd=project)
    assert code == 0
    run_printed(out, project)
    policy = (project / "policies/quality.yaml").read_text()
    assert "default: 0.675" in policy
    assert "less 10 %" in policy
    assert "accuracy" not in policy


def test_tests_that_fail_are_not_made_good_enough(gatekeeper: Command, tmp_path: Path) -> None:
    project = lay(tmp_path / "p", {"junit.xml": RED})
    code, out, _ = gatekeeper("init", cwd=project)
    assert code == 0
    assert "1 of the tests fail now: the gate denies (exit 1) until they pass." in out
    assert gatekeeper("evaluate", "--policy", "policies/quality.yaml", cwd=project)[0] == 1
    assert gatekeeper("policy", "test", "--min-coverage", "100", cwd=project)[0] == 0


def test_what_is_installed_or_hidden_is_not_looked_at(gatekeeper: Command, tmp_path: Path) -> None:
    project = lay(
        tmp_path / "p",
        {"node_modules/a/metrics.json": METRICS, ".venv/metrics.json": METRICS, "a/b/c/d/e/metrics.json": METRICS},
    )
    (project / "metrics.json").symlink_to("/dev/zero")
    code, out, _ = gatekeeper("init", cwd=project)
    assert code == 0
    assert "no metrics and no test report found" in out


def test_a_share_in_percent_gets_no_rule_and_is_told(gatekeeper: Command, tmp_path: Path) -> None:
    project = lay(tmp_path / "p", PROJECTS["percent"])
    assert gatekeeper("init", cwd=project)[0] == 0
    policy = (project / "policies/quality.yaml").read_text()
    assert "# No rule for accuracy: not in the range that its name says" in policy
    assert "id: accuracy" not in policy


@pytest.mark.parametrize(
    ("path", "content", "said"),
    [
        ("junit.xml", '<testsuites name="none"/>', "the report holds no test case"),
        ("reports/junit.xml", "<testsuite>", "not XML"),
        ("metrics.json", '{"accuracy": NaN}', "not finite"),
    ],
)
def test_a_report_that_is_there_and_cannot_be_used_is_told(
    gatekeeper: Command, tmp_path: Path, path: str, content: str, said: str
) -> None:
    lay(tmp_path, {path: content})
    code, out, _ = gatekeeper("init")
    assert code == 0
    (line,) = (line for line in out.splitlines() if line.startswith(f"not used: {path}: "))
    assert said in line


def test_a_broken_report_beside_a_good_one_is_not_told(gatekeeper: Command, tmp_path: Path) -> None:
    lay(tmp_path, {"junit.xml": JUNIT, "reports/junit.xml": "<testsuite>"})
    assert "not used" not in gatekeeper("init").stdout


def test_numbers_that_are_no_metrics_are_left_alone(gatekeeper: Command, tmp_path: Path) -> None:
    files = {"results/dashboard.json": {"schemaVersion": 36, "graphTooltip": 1}, "results/z.json": {"accuracy": 0.9}}
    out = gatekeeper("init", "--dir", str(lay(tmp_path / "p", files))).stdout
    assert "metrics: results/z.json" in out
    assert "also there, and not used: results/dashboard.json" in out


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("accuracy", "higher"),
        ("val_accuracy", "higher"),
        ("roc_auc", "higher"),
        ("macro avg.f1-score", "higher"),
        ("testRecall@10", "higher"),
        ("log_loss", "lower"),
        ("accuracy_loss", "lower"),
        ("p95_latency_ms", "lower"),
        ("accuracy_gap", "lower"),
        ("error_rate", "lower"),
        ("epochs", None),
        ("positive_rate", None),
        ("", None),
    ],
)
def test_the_better_side_is_told_by_the_name(name: str, better: str | None) -> None:
    assert direction(name) == better


NAMES = st.text(max_size=30) | st.sampled_from(["accuracy", "loss", "roc_auc", "Loss", "F1", "f1", "no", "x"])
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, -0.0, 1.0, 0.5, 1e-7, 1e12])


@given(st.dictionaries(NAMES, NUMBERS, min_size=1, max_size=20), st.integers(0, 200), st.integers(0, 9))
def test_whatever_was_measured_makes_a_gate_that_the_loader_reads(
    values: dict[str, float], ran: int, skipped: int
) -> None:
    found = Found(
        metrics=FoundMetrics(path="m.json", values=values),
        tests=FoundTests(path="u.xml", ran=ran, skipped=skipped, failures=0, errors=0),
    )
    if not choose(values, Decimal(5)).limits:
        with pytest.raises(InvalidRequestError, match="no metric"):
            files_of(found, Wanted(margin=Decimal(5), version="0"))
        return
    files = files_of(found, Wanted(margin=Decimal(5), version="0"))
    assert b"kind: Policy" in files["policies/quality.yaml"]
    for limit in choose(values, Decimal(5)).limits:
        observed = Decimal(limit.observed)
        assert not limit.is_share or 0 <= observed <= 1
        assert limit.least is None or Decimal(limit.least) <= observed
        assert limit.most is None or Decimal(limit.most) >= observed
