"""The line to the server, at every request: cut, silent, half-open, refused; what is told of it is what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.scene import Ended, Scene
from tests.faults.steps import ALL
from tests.servers.git_http import FAULTS, GitServer

PATIENCE = {"GATEKEEPER_GIT_TIMEOUT": "3"}
KINDS = [*(["401", "403", "404", "429", "500", "503"] if ALL else ["401", "503"]), *FAULTS]
RECEIVE = "/git-receive-pack"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene.make(tmp_path_factory.mktemp("line") / "first")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[GitServer]:
    with GitServer(tmp_path) as server:
        yield server


@pytest.fixture
def scene(first: Scene, served: GitServer, tmp_path: Path) -> Scene:
    return _at(served, first.copy(tmp_path / "scene"))


def _at(served: GitServer, scene: Scene) -> Scene:
    scene.address = served.url(f"{scene.folder.name}/gitops.git")
    return scene


def told_as_it_is(scene: Scene, done: Ended, before: str) -> int:
    """How many commits landed, after a check that just this was told."""
    landed = scene.check_whole("promote", before)
    assert done.code in {0, 4}, done
    if done.code == 0:
        assert landed == 1
        assert (done.promotion["action"], done.promotion["commit"]) == ("committed", scene.tip())
    else:
        assert done.out == ""
        assert landed == 0 or f"commit {scene.tip()} may have landed" in done.said, done.said
    assert scene.left() == []
    return landed


def once_more(scene: Scene, served: GitServer, landed: int, before: str) -> None:
    """Without the fault it ends with one commit."""
    served.fault = _nothing
    again = scene.run("promote")
    assert again.code == 0, again.said
    assert again.promotion["action"] == ("already" if landed else "committed")
    assert scene.check_whole("promote", before) == 1


@pytest.fixture(scope="module")
def sorts(first: Scene, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """The numbers of the requests of a promotion: one of each sort, or all."""
    folder = tmp_path_factory.mktemp("whole")
    with GitServer(folder) as server:
        whole = _at(server, first.copy(folder / "scene"))
        done = whole.run("promote")
        assert done.code == 0, done.said
        asked = [path.rpartition("gitops.git/")[2] for path in server.requests]
    assert {path for path in asked if "git-receive-pack" in path} == {
        "info/refs?service=git-receive-pack",
        "git-receive-pack",
    }
    return {f"{path.replace('/', '-')} {n}": n for n, path in enumerate(asked) if ALL or path not in asked[n + 1 :]}


@pytest.mark.parametrize("kind", KINDS)
def test_one_request_fails(first: Scene, served: GitServer, sorts: dict[str, int], tmp_path: Path, kind: str) -> None:
    """Every sort of request in turn."""
    for number in sorts.values():
        tried = _at(served, first.copy(tmp_path / str(number)))
        served.requests.clear()
        served.fault = _only(number, kind)
        before, refs = tried.tip(), tried.refs()
        done = tried.run("promote", **PATIENCE)
        assert len(served.requests) > number
        landed = told_as_it_is(tried, done, before)
        if ALL or (done.code and tried.refs() != refs):  # else the next run is as the first
            once_more(tried, served, landed, before)


def _nothing(number: int, path: str) -> str | None:
    return None


def _only(wanted: int, kind: str) -> Callable[[int, str], str | None]:
    def fault(number: int, path: str) -> str | None:
        return kind if number == wanted else None

    return fault


@pytest.mark.parametrize("kind", ["401", "500", "lost", "half"])
def test_from_the_push_on_nothing_answers(scene: Scene, served: GitServer, kind: str) -> None:
    """An expired token, a server that breaks down: it is told what is known, and running again finds out."""
    before = scene.tip()
    begun: list[int] = []

    def fault(number: int, path: str) -> str | None:
        if path.endswith(RECEIVE):
            begun.append(number)
        return kind if begun else None

    served.fault = fault
    done = scene.run("promote", **PATIENCE)
    assert begun
    assert done.code == 4
    once_more(scene, served, told_as_it_is(scene, done, before), before)
