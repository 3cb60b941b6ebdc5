"""A repository that refuses, is full, read-only, gone or another one than it was: nothing is half done, all is told."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.connect.repositories import git, hook, show
from tests.faults.scene import BRANCH, EVIDENCE, MANIFEST, Ended, Scene
from tests.servers.git_http import GitServer


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    return Scene.make(tmp_path_factory.mktemp("refused") / "first")


@pytest.fixture
def scene(first: Scene, tmp_path: Path) -> Scene:
    return first.copy(tmp_path / "scene")


def refused(scene: Scene, done: Ended, says: str) -> None:
    """Exit 4 with words, no report of a promotion, nothing left behind."""
    assert (done.code, done.out) == (4, ""), done
    assert says in done.said, done.said
    assert scene.left() == []
    assert scene.locks() == []


@pytest.mark.parametrize("name", ["pre-receive", "update", "reference-transaction"])
@pytest.mark.parametrize("branch", [BRANCH, EVIDENCE, "any"])
def test_a_hook_that_refuses(scene: Scene, name: str, branch: str) -> None:
    """Its words are shown, and it is asked once: a refusal by a person's rule does not change by itself."""
    count = scene.folder / "asked"
    chosen = "*" if branch == "any" else f"*refs/heads/{branch}*"
    asked = '"$1"' if name == "update" else '"$(cat)"'
    state = '[ "$1" = prepared ] || exit 0\n' if name == "reference-transaction" else ""
    script = f"{state}case {asked} in {chosen}) echo x >>{count}; echo 'Change window is closed' >&2; exit 1;; esac"
    hook(scene.bare, name, script)
    before, refs = scene.tip(), scene.refs()
    done = scene.run("promote")
    refused(scene, done, "Change window is closed" if name != "reference-transaction" else "")
    if branch == BRANCH:
        assert scene.check_whole("promote", before) == 0  # evidence may be there already: it points at nothing
    else:
        assert scene.refs() == refs
    if name != "reference-transaction":  # git itself does not tell this one from a lock that is held
        assert count.read_text() == "x\n"
    (scene.bare / "hooks" / name).unlink()
    assert scene.run("promote").promotion["action"] == "committed"
    assert scene.check_whole("promote", before) == 1


MEANWHILE = {
    "the branch is deleted": ("git update-ref -d refs/heads/main", (4,)),
    "the branch is forced back": ("git update-ref refs/heads/main main^", (2,)),
    "the branch is forced to another line": ("git update-ref refs/heads/main elsewhere", (0,)),
    "the evidence is deleted": ("git update-ref -d refs/heads/gatekeeper/evidence", (0,)),
    "the evidence is forced to another line": (
        "git update-ref refs/heads/gatekeeper/evidence elsewhere-evidence",
        (0,),
    ),
}


@pytest.mark.parametrize("what", MEANWHILE)
def test_a_branch_that_moves_between_reading_and_pushing(scene: Scene, what: str) -> None:
    command, codes = MEANWHILE[what]
    _other_lines(scene)
    before = scene.tip()
    # The wrapper stands in for whoever does it: just before the first push.
    place = scene.folder / "bin"
    place.mkdir()
    (place / "git").write_text(
        f"#!/bin/sh\ncase \"$*\" in *'push --porcelain'*)\n"
        f"  mkdir {scene.folder}/hit 2>/dev/null && (cd {scene.bare} && {shutil.which('git')} --git-dir=. "
        f'{command.removeprefix("git ")})\nesac\nexec {shutil.which("git")} "$@"\n'
    )
    (place / "git").chmod(0o755)
    done = scene.run("promote", PATH=f"{place}{os.pathsep}{os.environ['PATH']}")
    assert (scene.folder / "hit").exists()
    assert done.code in codes, done
    assert scene.left() == []
    if done.code == 0:
        assert done.promotion["action"] == "committed"
        assert done.promotion["commit"] == scene.tip()
        scene.check_promotion(scene.tip())
    else:
        assert done.out == ""
    if what == "the branch is forced to another line":
        assert show(scene.bare, "theirs") == "theirs\n"  # what was put there stands below ours
        assert git(scene.bare, "rev-parse", "main^") == git(scene.bare, "rev-parse", "elsewhere")
    if what == "the branch is forced back":  # there is no environment in that commit: all is read anew
        assert git(scene.bare, "rev-list", "--count", "main") == "1"
    if what == "the branch is deleted":
        assert git(scene.bare, "branch", "--list", "main") == "", "nobody makes anew what somebody deleted"
    if "evidence" in what:
        assert scene.check_whole("promote", before) == 1


def _other_lines(scene: Scene) -> None:
    """Another line of main and of the evidence, which is there already."""
    work = scene.folder / "other"
    git(scene.folder, "clone", "--quiet", str(scene.bare), str(work))
    git(work, "push", "--quiet", "origin", "HEAD~1:refs/heads/gatekeeper/evidence")
    git(work, "checkout", "--quiet", "-b", "elsewhere")
    (work / "theirs").write_text("theirs\n")
    git(work, "add", "theirs")
    git(work, "commit", "--quiet", "--message=theirs")
    git(work, "push", "--quiet", "origin", "elsewhere")
    git(work, "checkout", "--quiet", "--orphan", "elsewhere-evidence")
    git(work, "commit", "--quiet", "--message=other evidence")
    git(work, "push", "--quiet", "origin", "elsewhere-evidence")


def test_the_repository_is_another_one_when_it_is_pushed_to(scene: Scene, tmp_path: Path) -> None:
    other = Scene.make(tmp_path / "other")
    (other.folder / "note").write_text("x")
    place = scene.folder / "bin"
    place.mkdir()
    real = shutil.which("git")
    (place / "git").write_text(
        f"#!/bin/sh\ncase \"$*\" in *'push --porcelain'*)\n  mkdir {scene.folder}/hit 2>/dev/null && "
        f'mv {scene.bare} {scene.folder}/was.git && cp -r {other.bare} {scene.bare}\nesac\nexec {real} "$@"\n'
    )
    (place / "git").chmod(0o755)
    git(other.bare, "update-ref", "refs/heads/main", git(other.bare, "commit-tree", "-m", "another", "main^{tree}"))
    before = scene.tip()
    done = scene.run("promote", PATH=f"{place}{os.pathsep}{os.environ['PATH']}")
    assert done.code in {0, 4}, done
    assert git(scene.folder / "was.git", "rev-parse", "main") == before
    if done.code == 0:
        scene.check_promotion(scene.tip())
        assert done.promotion["commit"] == scene.tip()
    else:
        assert git(scene.bare, "rev-parse", "main") == git(other.bare, "rev-parse", "main")


LIMITS = [0, 1, 2, 4, 8]
"""Blocks of 512 bytes to which every file is bounded."""


@pytest.mark.parametrize("blocks", LIMITS)
def test_a_disk_that_is_full(scene: Scene, blocks: int) -> None:
    """Of the command, of its git and of the repository: no file gets longer than this."""
    before = scene.tip()
    done = scene.run("promote", prefix=["sh", "-c", f'ulimit -f {blocks}; trap "" XFSZ; exec "$0" "$@"'])
    landed = scene.check_whole("promote", before)
    assert (done.code, landed) in {(0, 1), (4, 0)}, done
    assert bool(done.out) == bool(landed)
    assert landed or "temporary" in done.said, done.said
    assert scene.locks() == []
    assert scene.run("promote").code == 0
    assert scene.check_whole("promote", before) == 1


@pytest.mark.parametrize("blocks", [0, 1])
def test_a_server_whose_disk_is_full(first: Scene, tmp_path: Path, blocks: int) -> None:
    with GitServer(tmp_path) as server:
        scene = first.copy(tmp_path / "scene")
        scene.address = server.url("scene/gitops.git")
        place = tmp_path / "bin"
        place.mkdir()
        real = shutil.which("git")
        (place / "git").write_text(
            f"#!/bin/sh\ncase \"$PATH_INFO\" in */git-receive-pack) ulimit -f {blocks}; trap '' XFSZ;; esac\n"
            f'exec {real} "$@"\n'
        )
        (place / "git").chmod(0o755)
        server.programs = f"{place}{os.pathsep}{os.environ['PATH']}"
        before, refs = scene.tip(), scene.refs()
        refused(scene, scene.run("promote"), "")
        assert scene.tip() == before
        assert blocks or scene.refs() == refs  # small facts may have found room: they point at nothing
        server.programs = os.environ["PATH"]
        assert scene.run("promote").promotion["action"] == "committed"
        assert scene.check_whole("promote", before) == 1


def test_a_folder_for_temporary_files_that_is_not_there(scene: Scene) -> None:
    before = scene.tip()
    done = scene.run("promote", TMPDIR=str(scene.folder / "nowhere"), TEMP="", TMP="")
    landed = scene.check_whole("promote", before)
    assert (done.code, landed) in {(0, 1), (4, 0)}, done


def test_a_repository_that_cannot_be_written(first: Scene, tmp_path: Path) -> None:
    """As one of somebody else, or on a medium that is mounted to be read: git asks no rights of a super-user."""
    with GitServer(tmp_path) as server:
        scene = first.copy(tmp_path / "scene")
        scene.address = server.url("scene/gitops.git")
        git(scene.bare, "config", "http.receivepack", "false")
        server.writable = False
        refs = scene.refs()
        refused(scene, scene.run("promote"), "403")
        assert scene.refs() == refs


def test_the_manifest_stands_as_it_stood(scene: Scene) -> None:
    """What the checks above lean on: a promotion that goes through changes one line."""
    old = show(scene.bare, MANIFEST)
    assert scene.run("promote").code == 0
    new = show(scene.bare, MANIFEST)
    assert [line for line in new.splitlines() if line not in old.splitlines()] == [
        "    newTag: '2'",
        f"    digest: {'sha256:' + 'a' * 64}",
    ]
