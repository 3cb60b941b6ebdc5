"""SIGKILL, at every step that the real command makes: all of it is there or nothing, and running again finishes."""

from __future__ import annotations

import shutil
import signal
import time
from pathlib import Path

import pytest

from tests.faults.scene import Scene, promoted_and_replaced
from tests.faults.steps import ALL, TRACING, chosen, kill_in_hook, trace, wrap_git
from tests.servers.git_http import GitServer

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are found by /proc, as on Linux")

GIT = shutil.which("git") or ""
HOWS = ("alone", "all") if ALL else ("all",)
KILLED = -signal.SIGKILL


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Scene]:
    """What each command begins with."""
    folder = tmp_path_factory.mktemp("scenes")
    first = Scene.make(folder / "promote")
    second = first.copy(folder / "rollback")
    promoted_and_replaced(second)
    return {"promote": first, "rollback": second, "hold": first}


def settled(scene: Scene) -> None:
    """Wait until git, which goes on alone, has ended: it holds no lock, and the refs stand still."""
    before = None
    for _ in range(200):
        now = (scene.refs(), scene.locks(), _runs(scene))
        if now == before and not now[2]:
            return
        before = now
        time.sleep(0.05)
    raise AssertionError("git does not end")


def _runs(scene: Scene) -> list[str]:
    """The processes that work on this scene."""
    mine = str(scene.folder).encode()
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = place.read_bytes()
        except OSError:
            continue
        if mine in words:
            found.append(words.decode(errors="replace"))
    return found


def finished(scene: Scene, name: str, before: str) -> None:
    """What was killed is run again: then it is there, once."""
    landed = scene.check_whole(name, before)
    assert scene.locks() == []
    left = scene.left()
    again = scene.run(name)
    assert again.code == 0, again.said
    assert scene.left() == left, "what a killed run left is nobody's, and the next one leaves nothing"
    if name == "promote":
        assert again.promotion["action"] == ("already" if landed else "committed")
    assert scene.check_whole(name, before) == 1 or (name != "promote" and landed)


@pytest.mark.parametrize("name", ["promote", "rollback", "hold"])
def test_killed_at_its_own_steps(scenes: dict[str, Scene], tmp_path: Path, name: str) -> None:
    steps = trace(scenes[name].copy(tmp_path / "whole"), name)
    pushes = [number for number, step in enumerate(steps) if step == "subprocess.Popen git push"]
    assert pushes
    wanted = chosen(steps) if name == "promote" or ALL else [pushes[0], pushes[-1] + 1]
    for number in wanted:
        for how in HOWS:
            scene = scenes[name].copy(tmp_path / f"{number}-{how}")
            before = scene.tip()
            told = {"FAULTS_TRACE": str(scene.folder / "steps"), "FAULTS_STEP": str(number), "FAULTS_HOW": how}
            assert scene.run(name, PYTHONPATH=str(TRACING), **told).code == KILLED, steps[number]
            settled(scene)
            assert scene.check_whole(name, before) == (number > pushes[-1]), steps[number]
            if number >= pushes[0] or number == wanted[0]:  # before that the repository is as it was
                finished(scene, name, before)
            shutil.rmtree(scene.folder)


def test_over_http_killed_at_its_own_steps(
    scenes: dict[str, Scene], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The server goes on alone: what it was sent lands or not, and running again finds out."""
    with GitServer(tmp_path) as server:

        def fresh(name: str) -> Scene:
            scene = scenes["promote"].copy(tmp_path / name)
            scene.address = server.url(f"{name}/gitops.git")
            return scene

        steps = trace(fresh("whole"), "promote")
        pushes = [number for number, step in enumerate(steps) if step == "subprocess.Popen git push"]
        wanted = chosen(steps) if ALL else [pushes[0], pushes[-1], pushes[-1] + 1]
        for number in wanted:
            scene = fresh(str(number))
            before = scene.tip()
            told = {"FAULTS_TRACE": str(scene.folder / "steps"), "FAULTS_STEP": str(number), "FAULTS_HOW": "all"}
            assert scene.run("promote", PYTHONPATH=str(TRACING), **told).code == KILLED, steps[number]
            settled(scene)
            finished(scene, "promote", before)


# What reads lasts until the command ends it: there is no moment after it.
MOMENTS = [
    ("cat-file", "before"),
    *((verb, when) for verb in ("rev-parse", "config", "commit-tree", "push") for when in ("before", "after")),
]


@pytest.mark.parametrize(("verb", "when"), MOMENTS if ALL else MOMENTS[-4:])
@pytest.mark.parametrize("who", ["gatekeeper", "both"])
def test_killed_while_git_runs(scenes: dict[str, Scene], tmp_path: Path, verb: str, when: str, who: str) -> None:
    scene = scenes["promote"].copy(tmp_path / "scene")
    before = scene.tip()
    done = scene.run("promote", **wrap_git(scene, GIT, verb, when, who))
    assert (done.code, (scene.folder / "hit").exists()) == (KILLED, True), done.said
    settled(scene)
    finished(scene, "promote", before)


@pytest.mark.parametrize(("verb", "when"), MOMENTS)
def test_git_alone_is_killed(scenes: dict[str, Scene], tmp_path: Path, verb: str, when: str) -> None:
    """It is told of, and what is told is so."""
    scene = scenes["promote"].copy(tmp_path / "scene")
    before = scene.tip()
    done = scene.run("promote", **wrap_git(scene, GIT, verb, when, "git"))
    assert (scene.folder / "hit").exists()
    landed = scene.check_whole("promote", before)
    assert (done.code, landed) in {(0, 1), (4, 0)}, done
    if landed:
        assert (done.promotion["action"], done.promotion["commit"]) == ("committed", scene.tip())
    else:
        assert done.out == ""
        assert done.said
    assert scene.left() == []
    finished(scene, "promote", before)


HOOKS = ["pre-receive", "update", "reference-transaction:prepared", "reference-transaction:committed", "post-receive"]


@pytest.mark.parametrize("name", HOOKS)
def test_killed_while_the_server_is_at_it(scenes: dict[str, Scene], tmp_path: Path, name: str) -> None:
    """The command alone: git goes on, and what it began lands or not."""
    scene = scenes["promote"].copy(tmp_path / "scene")
    before = scene.tip()
    kill_in_hook(scene, name, all_of_it=False)
    assert scene.run("promote").code == KILLED
    settled(scene)
    (scene.bare / "hooks" / name.partition(":")[0]).unlink()
    finished(scene, "promote", before)


@pytest.mark.parametrize("name", HOOKS)
def test_killed_with_the_server(scenes: dict[str, Scene], tmp_path: Path, name: str) -> None:
    """Git cannot tidy up its locks then: the next run names the one that is left, and nothing is half done."""
    scene = scenes["promote"].copy(tmp_path / "scene")
    before = scene.tip()
    kill_in_hook(scene, name, all_of_it=True)
    assert scene.run("promote").code == KILLED
    settled(scene)
    (scene.bare / "hooks" / name.partition(":")[0]).unlink()
    scene.check_whole("promote", before)
    locks = scene.locks()
    assert bool(locks) == (name == "reference-transaction:prepared")
    if locks:
        stopped = scene.run("promote")
        assert stopped.code == 4
        assert any(lock in stopped.said for lock in locks), stopped.said
        for lock in locks:
            (scene.bare / lock).unlink()
    finished(scene, "promote", before)
