"""The example of a release train: its page's commands run in their order, each with the exit status that it says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.scene import git
from tests.conftest import Command
from tests.corpus import ROOT

EXAMPLE = ROOT / "examples" / "release-train"
PAGE = (EXAMPLE / "README.md").read_text(encoding="utf-8")
LINES = "".join(re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)).replace("\\\n", " ").splitlines()
SAID = [int(match[1]) for line in LINES if (match := re.search(r" +# exit (\d+)$", line))]


class Ran(NamedTuple):
    """Where the commands ran, what those that say an exit status ended with, and all that was printed."""

    folder: Path
    codes: list[int]
    output: str


@pytest.fixture(scope="module")
def train(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """The page's commands, run in a checkout of what they need."""
    checkout = tmp_path_factory.mktemp("checkout")
    shutil.copytree(ROOT / "policies", checkout / "policies")
    shutil.copytree(EXAMPLE, checkout / "examples" / "release-train")
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    script = [re.sub(r" +# exit \d+$", ' || code=$?; echo "${code:-0}" >>"$codes"; unset code', line) for line in LINES]
    text = "\n".join(["set -eu", 'codes="$PWD/codes"', *script, ""])
    run = subprocess.run(["sh", "-c", text], cwd=checkout, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    codes = [int(line) for line in (checkout / "codes").read_text().split()]
    return Ran(checkout / ".cache" / "train", codes, run.stdout)


def test_every_command_ends_as_the_page_says(train: Ran) -> None:
    assert train.codes == SAID
    assert set(SAID) == {0, 2, 5}


def test_it_waits_for_what_the_page_says(train: Ran) -> None:
    waiting = re.findall(r"^promotion  waiting.*?^ALLOWED, WAITING", train.output, re.MULTILINE | re.DOTALL)
    conditions = [set(re.findall(r"^  (after|soak|approval|hold) ", text, re.MULTILINE)) for text in waiting]
    assert conditions == [{"soak", "approval"}, {"soak"}]


def test_what_the_page_tells_is_what_is_there(gatekeeper: Command, train: Ran) -> None:
    told = json.loads(gatekeeper("status", "--repo", train.folder / "gitops.git", "--format", "json").stdout)
    rows = {one["environment"]: one["artifacts"][0] for one in told["environments"]}
    assert (rows["staging"]["tag"], rows["staging"]["rollback"]["reason"]) == ("1.4.0", "Latency doubled")
    over = rows["production"]["override"]
    assert (rows["production"]["tag"], over["by"], over["ticket"]) == ("1.4.0", "alice", "OPS-7")
    assert {"soak", "hold"} <= set(over["over"])
    subjects = git(train.folder / "gitops.git", "log", "--format=%s", "main").splitlines()
    assert "Deploy churn 1.4.0 to production (was 1.3.0)" in subjects


def test_its_policies_and_environments_are_clean(gatekeeper: Command, train: Ran) -> None:
    done = gatekeeper("policy", "check", "--now", "2026-11-25T12:00:00Z", cwd=train.folder / "work")
    assert (done.code, done.stdout.splitlines()[0]) == (
        0, "no findings; checked 8 policies, 2 environments and 0 waivers",
    )  # fmt: skip
