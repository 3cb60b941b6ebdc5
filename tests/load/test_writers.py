"""Writers that promote at once over smart HTTP: all land, each exactly once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.load.scene import Scene, attempts_in
from tests.servers.git_http import GitServer

WRITERS = 8


@pytest.mark.parametrize("apart", [False, True], ids=["one-file", "own-files"])
def test_writers_at_once_all_land_exactly_once(tmp_path: Path, apart: bool) -> None:
    scene = Scene(tmp_path / "scene", WRITERS, apart=apart)
    command = Path(sys.executable).with_name("gatekeeper")
    with GitServer(scene.folder) as server:
        address = server.url("gitops.git")
        started = [
            subprocess.Popen(
                [command, *scene.words(address, number)],
                cwd=tmp_path,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for number in range(WRITERS)
        ]
        told = [process.communicate(timeout=240) for process in started]
    assert [process.returncode for process in started] == [0] * WRITERS, told
    scene.check(commits=WRITERS)
    assert all(attempts_in(out) >= 1 for out, _ in told)


def test_all_of_them_in_one_commit(tmp_path: Path) -> None:
    scene = Scene(tmp_path / "scene", WRITERS, apart=True)
    command = Path(sys.executable).with_name("gatekeeper")
    with GitServer(scene.folder) as server:
        words = scene.words(server.url("gitops.git"), *range(WRITERS))
        run = subprocess.run([command, *words], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    scene.check(commits=1)
