"""What docs/policy-diff.md, docs/init.md and docs/editors.md show is so."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gatekeeper.app.start.project import CI_FILES
from gatekeeper.cli.policy_diff import command as diff_command
from gatekeeper.policy.documents import TYPES
from tests.cli.scene import git
from tests.conftest import Command
from tests.corpus import ROOT

PAGES = {
    name: (ROOT / f"docs/{name}.md").read_text(encoding="utf-8") for name in ("policy-diff", "init", "editors", "try")
}
CASES = re.compile(r"\d+ of \d+")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGES[page], re.DOTALL)


def test_the_comparison_shown_is_the_comparison_made(gatekeeper: Command, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", "-b", "main", str(tmp_path)], check=True)
    for name in ("policies", "environments"):
        shutil.copytree(ROOT / name, tmp_path / name)
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "Before")
    policy = tmp_path / "policies/model-quality.yaml"
    policy.write_text(policy.read_text().replace("default: 0.85\n", "default: 0.80\n", 1))
    out = gatekeeper("policy", "diff").stdout
    shown = blocks("policy-diff", "text")[0].removeprefix("$ gatekeeper policy diff\n")
    # How many cases the shipped policies have is theirs to say.
    assert CASES.sub("N", out) == CASES.sub("N", shown)


def test_the_json_shown_has_the_keys_that_are_written(gatekeeper: Command, tmp_path: Path) -> None:
    (shown,) = (json.loads(block) for block in blocks("policy-diff", "json"))
    shutil.copytree(ROOT / "policies", tmp_path / "a")
    shutil.copytree(ROOT / "policies", tmp_path / "b")
    policy = tmp_path / "b/model-quality.yaml"
    policy.write_text(policy.read_text().replace("default: 0.85\n", "default: 0.80\n", 1))
    written = json.loads(gatekeeper("policy", "diff", "a", "b", "--format", "json").stdout)
    assert written.keys() == shown.keys()
    assert written["changes"][0].keys() == shown["changes"][0].keys()
    assert written["tests"].keys() == shown["tests"].keys()
    assert written["counts"] == shown["counts"]


@pytest.mark.parametrize("option", ["--exit-code", "--strict", "--format"])
def test_options_of_the_page_are_those_of_the_command(option: str) -> None:
    assert option in PAGES["policy-diff"]
    assert any(option in parameter.opts for parameter in diff_command.params)


def test_init_is_described_with_its_options_and_files() -> None:
    from gatekeeper.cli.init import command

    options = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    for option in options - {"--quiet", "--debug"}:
        assert f"`{option}" in PAGES["init"]
    for path in (*CI_FILES.values(), "gatekeeper.yaml", "policies/quality.yaml", "policies/tests/quality.yaml"):
        assert f"`{path}`" in PAGES["init"]


def test_the_schemas_are_written_as_the_page_says(tmp_path: Path) -> None:
    (script, _) = blocks("editors", "sh")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(["sh", "-ec", script], cwd=tmp_path, env={**os.environ, "PATH": path}, check=True)
    written = {file.name: file.read_text() for file in (tmp_path / ".gatekeeper/schemas").iterdir()}
    assert written == {
        f"{kind.lower()}.schema.json": (ROOT / f"schemas/{kind.lower()}.schema.json").read_text() for kind in TYPES
    }
    for block in blocks("editors", "json"):
        assert json.loads(block)


def test_what_try_is_shown_to_say_it_says(gatekeeper: Command, tmp_path: Path) -> None:
    (tmp_path / "metrics.json").write_text('{"accuracy": 0.91, "f1": 0.8}')
    for block in blocks("try", "text"):
        command, _, shown = block.partition("\n")
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["sh", "-c", f"{command.removeprefix('$ ')} 2>&1"],
            cwd=tmp_path,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout == shown
