"""What a promotion asks of a server does not grow with its artifacts, nor with what lies beside them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connect.repositories import git
from tests.load.scene import ENVIRONMENT, Scene, artifact_of
from tests.servers.git_http import GitServer

MOST = 13
HANDED = 3  # the records of the environment before, the folders of their facts, the facts
COUNT = 32


class Served:
    """A scene behind a server."""

    def __init__(self, scene: Scene, server: GitServer) -> None:
        self.scene = scene
        self.server = server
        self.address = server.url("gitops.git")

    def run(self, words: list[str]) -> int:
        """How many requests the command needs, which must succeed."""
        self.server.requests.clear()
        command = Path(sys.executable).with_name("gatekeeper")
        run = subprocess.run([command, *words], cwd=self.scene.folder, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout + run.stderr
        return len(self.server.requests)

    def promote(self, *numbers: int, mark: str = "0") -> int:
        """Promote these; another mark makes other digests."""
        return self.run([word.replace("@sha256:0", f"@sha256:{mark}") for word in self.at_head(*numbers)])

    def at_head(self, *numbers: int) -> list[str]:
        """Without naming the branch, which is then found out."""
        return [self.address if word == f"{self.address}@main" else word for word in self._words(*numbers)]

    def _words(self, *numbers: int) -> list[str]:
        return self.scene.words(self.address, *numbers)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    scene = Scene(tmp_path / "scene", COUNT, apart=True)
    with GitServer(scene.folder) as server:
        yield Served(scene, server)


def test_one_and_many_artifacts_need_few_requests(served: Served) -> None:
    served.promote(0)  # makes the branch of evidence
    one, many = served.promote(1), served.promote(*range(2, COUNT))
    assert max(one, many) <= MOST


def test_so_do_those_that_were_promoted_before(served: Served) -> None:
    served.promote(*range(COUNT))
    one, many = served.promote(0, mark="1"), served.promote(*range(1, COUNT), mark="1")
    assert max(one, many) <= MOST
    assert served.promote(*range(COUNT), mark="1") < one


def test_so_do_those_that_are_handed_over(served: Served) -> None:
    """The records of the environment before and the facts that they name come with all the others."""
    _add_environment(served.scene, "canary")
    served.promote(*range(COUNT))
    handed = [f"promote --env canary --from {ENVIRONMENT} --repo {served.address}", "--artifact"]
    one = served.run([*handed[0].split(), handed[1], artifact_of(0)])
    some = served.run([*handed[0].split(), *(word for n in (1, 2, 3) for word in (handed[1], artifact_of(n)))])
    rest = served.run([*handed[0].split(), "--all-ready"])
    assert max(one, some, rest) <= MOST + HANDED
    records = git(served.scene.bare, "ls-tree", "-r", "--name-only", "main", "decisions/canary/").splitlines()
    assert len(records) == COUNT


def _add_environment(scene: Scene, name: str) -> None:
    """One more environment with the same artifacts, after the first."""
    work = scene.folder / "by-hand"
    git(scene.folder, "clone", "--quiet", str(scene.bare), str(work))
    file = work / "environments" / f"{ENVIRONMENT}.yaml"
    (file.parent / f"{name}.yaml").write_text(file.read_text().replace(ENVIRONMENT, name))
    for path in (work / "environments" / ENVIRONMENT).rglob("*.yaml"):
        copy = file.parent / name / path.relative_to(file.parent / ENVIRONMENT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text())
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message=one more")
    git(work, "push", "--quiet", "origin", "HEAD:main")
