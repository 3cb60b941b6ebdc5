"""`policy diff` through the command: what can be named, what environments make of it, cases, formats, exit codes."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.scene import git
from tests.conftest import Command, Golden
from tests.corpus import ROOT
from tests.judging import policy_text
from tests.trees import environment, waiver

FLOOR = {"floor": {"type": "number", "default": 0.8, "minimum": 0, "maximum": 1, "stricter": "higher"}}
RULE = {"id": "it", "metric": {"name": "acc", "min": "params.floor"}}
CASE = """apiVersion: gatekeeper/v1
kind: PolicyTest
metadata: {name: %s}
spec:
  policy: p
  evidence: {metrics: {values: {acc: %s}}}
  expect: {verdict: %s}
---
"""


def text(default: float = 0.8, *, rule: dict[str, Any] = RULE, **spec: Any) -> str:
    """The policy `p`."""
    parameters = {"floor": {**FLOOR["floor"], "default": default}}
    return json.dumps(json.loads(policy_text([rule], parameters=parameters, **spec)), indent=1) + "\n"


def write(folder: Path, files: dict[str, str | dict[str, Any]]) -> None:
    """Files of a project."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content if isinstance(content, str) else json.dumps(content, indent=1) + "\n")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A project in git: a policy with cases, and an environment that applies it."""
    folder = tmp_path / "project"
    folder.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    cases = CASE % ("good", 0.9, "allowed") + CASE % ("edge", 0.75, "denied") + CASE % ("bad", 0.1, "denied")
    write(
        folder,
        {"policies/p.yaml": text(), "policies/tests/p.yaml": cases, "environments/staging.yaml": environment()},
    )
    commit(folder)
    return folder


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "State")


def compared(gatekeeper: Command, folder: Path, *arguments: str | Path, code: int = 0) -> dict[str, Any]:
    """The comparison as JSON."""
    run = gatekeeper("policy", "diff", *arguments, "--format", "json", cwd=folder)
    assert (run.code, run.stderr) == (code, "")
    whole = json.loads(run.stdout)
    assert whole["schema"] == "gatekeeper.policy-diff/v1"
    return dict(whole)


def told(whole: dict[str, Any]) -> list[tuple[str, str | None, str, str]]:
    return [(one["effect"], one["environment"], one["subject"], one["words"]) for one in whole["changes"]]


def test_head_against_the_working_tree(gatekeeper: Command, repository: Path) -> None:
    assert compared(gatekeeper, repository)["changes"] == []
    write(repository, {"policies/p.yaml": text(0.7)})
    whole = compared(gatekeeper, repository)
    assert (whole["before"], whole["after"]) == ("HEAD", "working tree")
    assert told(whole) == [
        ("looser", None, "params.floor", "default 0.8 → 0.7"),
        ("looser", "staging", "params.floor", "0.8 → 0.7 in force"),
    ]
    assert whole["counts"] == {"looser": 2, "unclear": 0, "stricter": 0, "none": 0}
    place = whole["changes"][0]["before"]
    assert place["file"] == "policies/p.yaml"
    assert "floor" in (repository / place["file"]).read_text().splitlines()[place["line"] - 1]
    assert whole["tests"]["judged"] == 3
    assert whole["tests"]["flipped"] == [
        {
            "case": "edge",
            "policy": "p",
            "file": "policies/tests/p.yaml",
            "line": 11,
            "before": "denied",
            "after": "allowed",
            "results": {"it": {"before": "fail", "after": "pass"}},
        }
    ]


def test_every_way_to_name_a_side(gatekeeper: Command, repository: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(repository, old)
    write(repository, {"policies/p.yaml": text(0.9)})
    commit(repository)
    git(repository, "tag", "v2")
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "clone", "-q", "--bare", str(repository), str(bare)], check=True)
    pairs: list[tuple[str | Path, str | Path]] = [
        ("HEAD~1", "HEAD"),
        ("main^", "v2"),
        ("HEAD~1:policies", "HEAD:policies"),
        ("HEAD~1:policies/p.yaml", "policies/p.yaml"),
        (old / "policies/p.yaml", "policies/p.yaml"),
        (old / "policies", "policies"),
        (old, "."),
        (old, f"{bare}@main"),
        (old, f"file://{bare}@v2"),
        (old, f"{repository}@{git(repository, 'rev-parse', 'HEAD')}"),
        ("HEAD~1:", "HEAD:"),
        ("HEAD~1:./policies", "HEAD:./policies"),
    ]
    for before, after in pairs:
        whole = compared(gatekeeper, repository, before, after)
        assert told(whole)[0] == ("stricter", None, "params.floor", "default 0.8 → 0.9"), (before, after)
        assert whole["tests"]["judged"] == 3, (before, after)
        assert [flip["case"] for flip in whole["tests"]["flipped"]] == [], (before, after)
    assert told(compared(gatekeeper, repository, "HEAD~1"))[0][0] == "stricter"


def test_a_project_below_the_top_of_its_repository(gatekeeper: Command, repository: Path) -> None:
    (repository / "team").mkdir()
    git(repository, "mv", "policies", "environments", "team")
    write(repository, {"team/gatekeeper.yaml": {"apiVersion": "gatekeeper/v1", "kind": "Project"}})
    commit(repository)
    write(repository, {"team/policies/p.yaml": text(0.9)})
    assert told(compared(gatekeeper, repository / "team"))[0][:3] == ("stricter", None, "params.floor")


ENVIRONMENTS = [
    ({}, {"policies": [{"name": "p", "version": "^1", "enforcement": "warn"}]}, "looser", "enforcement"),
    ({"policies": [{"name": "p", "version": "^1", "enforcement": "warn"}]}, {}, "unclear", "enforcement"),
    (
        {"policies": [{"name": "p", "version": "^1"}, {"name": "q", "version": "^1", "enforcement": "warn"}]},
        {"policies": [{"name": "p", "version": "^1"}, {"name": "q", "version": "^1"}]},
        "stricter",
        "enforcement",
    ),
    ({}, {"policies": [{"name": "p", "version": "^1", "parameters": {"floor": 0.9}}]}, "stricter", "params.floor"),
    ({}, {"policies": [{"name": "p", "version": "^1", "parameters": {"floor": 0.7}}]}, "looser", "params.floor"),
    ({}, {"waivers": {"max": "30d"}}, "stricter", "waivers"),
    ({"waivers": {"max": "7d"}}, {"waivers": {"max": "30d"}}, "looser", "waivers"),
    ({}, {"after": [{"environment": "dev"}]}, "stricter", "after"),
    ({"after": [{"environment": "dev"}]}, {}, "looser", "after"),
    ({}, {"pin": "digest"}, "none", "pin"),
    ({}, {"image": "registry.example/y/x"}, "unclear", "image"),
    ({}, {"policies": [{"name": "p", "version": "^1"}, {"name": "q", "version": "^1"}]}, "stricter", "applied"),
    ({"policies": [{"name": "p", "version": "^1"}, {"name": "q", "version": "^1"}]}, {}, "looser", "applied"),
]


@pytest.mark.parametrize(("before", "after", "effect", "subject"), ENVIRONMENTS, ids=range(len(ENVIRONMENTS)))
def test_an_environment(
    gatekeeper: Command, tmp_path: Path, before: dict[str, Any], after: dict[str, Any], effect: str, subject: str
) -> None:
    other = json.loads(text())
    other["metadata"]["name"] = "q"
    for folder, spec in (("a", before), ("b", after)):
        files = {"policies/p.yaml": text(), "policies/q.yaml": other, "environments/dev.yaml": environment("dev")}
        write(tmp_path / folder, {**files, "environments/staging.yaml": environment(**spec)})
    whole = compared(gatekeeper, tmp_path, "a", "b")
    assert [(one[0], one[1], one[2]) for one in told(whole)] == [(effect, "staging", subject)]


def test_what_is_new_under_another_name_cannot_be_ordered(gatekeeper: Command, tmp_path: Path) -> None:
    weak = environment("other", policies=[{"name": "p", "version": "^1", "enforcement": "warn"}])
    renamed = environment(name="staging") | {"spec": {**environment()["spec"], "name": "y"}}
    for folder, files in (("a", {"staging": environment()}), ("b", {"other": weak}), ("c", {"staging": renamed})):
        write(tmp_path / folder, {"policies/p.yaml": text()})
        write(tmp_path / folder, {f"environments/{name}.yaml": one for name, one in files.items()})
    for after, names in (("b", ("other", "staging")), ("c", ("y", "x"))):
        found = {one[2]: one[0] for one in told(compared(gatekeeper, tmp_path, "a", after))}
        assert found == {names[0]: "unclear", names[1]: "none"}
        assert gatekeeper("policy", "diff", "a", after, "--exit-code", "--strict", cwd=tmp_path).code == 1


WAIVERS = [
    (None, {}, "looser"),
    ({}, None, "stricter"),
    ({}, {"expires": "2026-12-02"}, "looser"),
    ({}, {"expires": "2026-11-25"}, "stricter"),
    ({}, {"granted": "2026-11-19"}, "looser"),
    ({}, {"environments": ["staging", "dev"]}, "looser"),
    ({}, {"covers": ["missing"]}, "unclear"),
    ({"covers": ["fail", "missing"]}, {}, "stricter"),
    ({}, {"artifact": f"sha256:{'a' * 64}"}, "stricter"),
    ({"only_while": "true"}, {}, "looser"),
    ({"only_while": "true"}, {"only_while": "1 < 2"}, "unclear"),
    ({}, {"reason": "other"}, "none"),
]


@pytest.mark.parametrize(("before", "after", "effect"), WAIVERS, ids=range(len(WAIVERS)))
def test_a_waiver(
    gatekeeper: Command, tmp_path: Path, before: dict[str, Any] | None, after: dict[str, Any] | None, effect: str
) -> None:
    for folder, spec in (("a", before), ("b", after)):
        files: dict[str, Any] = {"policies/p.yaml": text(), "environments/dev.yaml": environment("dev")}
        files |= {} if spec is None else {"waivers/w.yaml": waiver(**spec)}
        write(tmp_path / folder, {**files, "environments/staging.yaml": environment()})
    assert [(one[0], one[2]) for one in told(compared(gatekeeper, tmp_path, "a", "b"))] == [(effect, "waiver w")]


def test_another_trust_file_is_for_a_person_to_read(gatekeeper: Command, tmp_path: Path) -> None:
    write(tmp_path / "a", {"policies/p.yaml": text()})
    trust = {"apiVersion": "gatekeeper/v1", "kind": "Trust", "metadata": {"name": "t"}, "spec": {}}
    write(tmp_path / "b", {"policies/p.yaml": text(), "trust.yaml": trust})
    assert [(one[0], one[2]) for one in told(compared(gatekeeper, tmp_path, "a", "b"))] == [("unclear", "trust.yaml")]


def test_many_artifacts_with_one_change_are_one_line(gatekeeper: Command, tmp_path: Path) -> None:
    rows = [
        {"name": f"a{index}", "image": f"r.example/a{index}", "manifests": [{"path": "k.yaml", "format": "kustomize"}]}
        for index in range(9)
    ]
    place = environment()
    place["spec"] = {"policies": [{"name": "p", "version": "^1"}], "artifacts": rows}
    for folder, floor in (("a", 0.8), ("b", 0.7)):
        write(tmp_path / folder, {"policies/p.yaml": text(floor), "environments/staging.yaml": place})
    for form in ("text", "markdown"):
        out = gatekeeper("policy", "diff", "a", "b", "--format", form).stdout
        assert out.count("in force") == 1
        assert "9 artifacts: a0, a1, a2 and 6 more" in out
    assert len(told(compared(gatekeeper, tmp_path, "a", "b"))) == 10


def test_another_image_cannot_be_ordered(gatekeeper: Command, tmp_path: Path) -> None:
    for folder, image in (("a", "r.example/x"), ("b", "r.example/y")):
        place = environment()
        row = {"name": "x", "image": image, "manifests": [{"path": "k.yaml", "format": "kustomize"}]}
        place["spec"] = {"policies": [{"name": "p", "version": "^1"}], "artifacts": [row]}
        write(tmp_path / folder, {"policies/p.yaml": text(), "environments/staging.yaml": place})
    assert [(one[0], one[2]) for one in told(compared(gatekeeper, tmp_path, "a", "b"))] == [("unclear", "image")]


def test_what_only_warns_on_both_sides_decides_nothing(gatekeeper: Command, tmp_path: Path) -> None:
    place = environment(policies=[{"name": "p", "version": "^1", "enforcement": "warn"}])
    for folder, floor in (("a", 0.8), ("b", 0.7)):
        write(tmp_path / folder, {"policies/p.yaml": text(floor), "environments/staging.yaml": place})
    whole = compared(gatekeeper, tmp_path, "a", "b")
    assert [(one[0], one[1]) for one in told(whole)] == [("looser", None), ("none", "staging")]


def test_a_new_version_is_compared_with_what_it_follows(gatekeeper: Command, tmp_path: Path) -> None:
    newer = text(0.9).replace("1.0.0", "1.1.0")
    write(tmp_path / "a", {"policies/p.yaml": text(), "environments/staging.yaml": environment()})
    write(
        tmp_path / "b",
        {"policies/p.yaml": text(), "policies/p-1.1.yaml": newer, "environments/staging.yaml": environment()},
    )
    whole = compared(gatekeeper, tmp_path, "a", "b")
    assert ("none", "staging", "version", "1.0.0 → 1.1.0") in told(whole)
    assert ("stricter", "staging", "params.floor", "0.8 → 0.9 in force") in told(whole)
    assert ("stricter", None, "params.floor", "default 0.8 → 0.9") in told(whole)


def test_policies_that_come_and_go(gatekeeper: Command, tmp_path: Path) -> None:
    other = json.loads(text())
    other["metadata"]["name"] = "q"
    write(tmp_path / "a", {"p.yaml": text()})
    write(tmp_path / "b", {"p.yaml": text(), "q.yaml": other})
    assert told(compared(gatekeeper, tmp_path, "a", "b"))[0][0] == "none"
    assert told(compared(gatekeeper, tmp_path, "b", "a"))[0][0] == "looser"


def test_exit_codes(gatekeeper: Command, tmp_path: Path) -> None:
    unclear = {"id": "it", "require": "evidence.metrics.values.acc * evidence.metrics.values.acc > 0.5"}
    write(tmp_path, {"a.yaml": text(), "looser.yaml": text(0.7), "stricter.yaml": text(0.9)})
    write(tmp_path, {"unclear.yaml": text(rule=unclear), "broken.yaml": "kind: Policy\n"})

    def code(other: str, *arguments: str) -> int:
        return gatekeeper("policy", "diff", "a.yaml", other, *arguments).code

    assert [code(name) for name in ("looser.yaml", "stricter.yaml", "unclear.yaml")] == [0, 0, 0]
    assert code("looser.yaml", "--exit-code") == 1
    assert code("stricter.yaml", "--exit-code") == code("unclear.yaml", "--exit-code") == 0
    assert code("unclear.yaml", "--exit-code", "--strict") == 1
    assert code("stricter.yaml", "--exit-code", "--strict") == 0
    for form in ("text", "json", "markdown"):
        assert code("looser.yaml", "--exit-code", "--format", form) == 1
        assert code("broken.yaml", "--format", form) == 2


def test_a_case_that_is_allowed_now_shows_that_it_is_looser(gatekeeper: Command, tmp_path: Path) -> None:
    other = {"id": "it", "require": "evidence.metrics.values.acc * 2.0 > params.floor"}
    write(
        tmp_path, {"a/p.yaml": text(), "b/p.yaml": text(rule=other), "b/tests/c.yaml": CASE % ("edge", 0.75, "denied")}
    )
    whole = compared(gatekeeper, tmp_path, "a", "b", "--exit-code", code=1)
    assert whole["counts"]["looser"] == 0
    assert [flip["after"] for flip in whole["tests"]["flipped"]] == ["allowed"]


@pytest.mark.parametrize(
    ("side", "words"),
    [
        ("nothing-there", "there is no git revision"),
        ("HEAD~99", "there is no git revision"),
        ("HEAD:nothing", "holds no policy"),
        ("--upload-pack=x", "No such option"),
        ("empty", "holds no policy"),
        ("a\x1bb", "is not a git revision"),
        ("ext::sh -c id", "git revision"),
    ],
)
def test_a_side_that_cannot_be_read(gatekeeper: Command, repository: Path, side: str, words: str) -> None:
    (repository / "empty").mkdir()
    code, out, err = gatekeeper("policy", "diff", side, "policies/p.yaml", cwd=repository)
    assert (code, out) == (2, "")
    assert words in err
    assert "\x1b" not in err


def test_a_working_tree_that_cannot_be_read(gatekeeper: Command, repository: Path) -> None:
    (repository / "policies" / "out.yaml").symlink_to("/etc/hostname")
    run = gatekeeper("policy", "diff", cwd=repository)
    assert (run.code, run.stdout) == (2, "")
    assert "the working tree cannot be read: policies/out.yaml is a symbolic link" in run.stderr


def test_no_credential_is_told(gatekeeper: Command, repository: Path) -> None:
    code, out, err = gatekeeper("policy", "diff", "https://alice:hunter2@127.0.0.1:9/x.git@main", cwd=repository)
    assert (code, out) == (2, "")
    assert "hunter2" not in err
    code, out, err = gatekeeper("policy", "diff", f"file://alice:hunter2@localhost{repository}@main", cwd=repository)
    assert "hunter2" not in out + err


def test_outside_of_git_a_name_is_told_to_be_none(gatekeeper: Command) -> None:
    code, _, err = gatekeeper("policy", "diff")
    assert code == 2
    assert "there is no git repository here" in err


def test_a_fault_says_on_which_side(gatekeeper: Command, repository: Path) -> None:
    write(repository, {"policies/p.yaml": text().replace('"why"', '"wyh"')})
    commit(repository)
    code, _, err = gatekeeper("policy", "diff", "HEAD", "HEAD~1", cwd=repository)
    assert code == 2
    assert "HEAD: policies/p.yaml:" in err


def test_cases_that_cannot_be_read_do_not_stop_the_comparison(gatekeeper: Command, tmp_path: Path) -> None:
    write(tmp_path, {"a/p.yaml": text(), "b/p.yaml": text(0.9), "b/tests/c.yaml": "kind: Deployment\n"})
    whole = compared(gatekeeper, tmp_path, "a", "b")
    assert whole["counts"]["stricter"] == 1
    assert whole["tests"]["judged"] == 0
    assert "cannot be read" in whole["tests"]["not_judged"][0]


def test_text_and_markdown(gatekeeper: Command, tmp_path: Path, golden: Golden) -> None:
    write(tmp_path / "a", {"environments/staging.yaml": environment(), "policies/p.yaml": text()})
    changed = json.loads(text(0.7, rule={**RULE, "waivable": False}))
    changed["spec"]["rules"][0]["why"] = "<b>@team</b> [x](http://evil)"
    write(
        tmp_path / "b", {"environments/staging.yaml": environment(), "policies/p.yaml": json.dumps(changed, indent=1)}
    )
    write(tmp_path / "b", {"policies/tests/c.yaml": CASE % ("'edge | <i>'", 0.75, "denied")})
    for form in ("text", "markdown", "json"):
        code, out, _ = gatekeeper("policy", "diff", "a", "b", "--format", form)
        assert code == 0
        golden(f"policy-diff/changed.{ {'text': 'txt', 'markdown': 'md', 'json': 'json'}[form] }", out)


def test_the_shipped_policies_do_not_differ_from_themselves(gatekeeper: Command, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    code, out, _ = gatekeeper("policy", "diff", ROOT / "policies", "policies", "--exit-code", "--strict")
    assert code == 0
    assert "no difference in what is asked" in out
