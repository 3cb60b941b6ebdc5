"""The page about producers of one's own: its example is built, installed and run as it stands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import Command
from tests.corpus import ROOT

PAGE = (ROOT / "docs" / "add-a-producer.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FILES = {
    "python": "src/acme_gatekeeper.py",
    "toml": "pyproject.toml",
    "json": "labels.json",
    "yaml": "policies/labels.yaml",
}
COMMANDS = [tuple(block.split("\n", 1)) for kind, block in BLOCKS if kind == "console"]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the page, with its package built and unpacked under `site`, as an installer would."""
    folder = tmp_path_factory.mktemp("example")
    for kind, name in FILES.items():
        (block,) = (block for language, block in BLOCKS if language == kind)
        assert f"`{name}`" in PAGE, f"the page says which file the block of {kind} is"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(block, encoding="utf-8")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", "dist"]
    subprocess.run(build, cwd=folder, check=True, capture_output=True, env={**os.environ, "SOURCE_DATE_EPOCH": "0"})
    (wheel,) = (folder / "dist").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder


@pytest.mark.parametrize(("command", "output"), COMMANDS, ids=[command[:40] for command, _ in COMMANDS])
def test_the_commands_print_what_the_page_says(gatekeeper: Command, example: Path, command: str, output: str) -> None:
    assert command.startswith("$ gatekeeper ")
    run = gatekeeper(*command.split()[2:], cwd=example, env={"PYTHONPATH": str(example / "site")})
    assert (run.code, run.stderr) == (0, "")
    assert output.strip() in re.sub(r'":"', '": "', run.stdout)


def test_there_is_something_to_run() -> None:
    assert len(COMMANDS) == 2
