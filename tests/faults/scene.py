"""A small GitOps repository, the commands that write to it, and what must be so after any fault."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gatekeeper.records.facts import facts_path
from gatekeeper.records.statement import read_record
from tests.connect.repositories import git, make_bare, show
from tests.judging import policy_text

BRANCH, EVIDENCE = "main", "gatekeeper/evidence"
IMAGE = "registry.example/churn-model"
DIGEST = "sha256:" + "a" * 64
OTHER = "sha256:" + "b" * 64
MANIFEST = "environments/staging/kustomization.yaml"
RECORDS = "decisions/staging/churn/"
EXECUTABLE = Path(sys.executable).with_name("gatekeeper")

COMMANDS = {
    "promote": ["promote", "--env", "staging", "--artifact", f"{IMAGE}:2@{DIGEST}", "--evidence", "metrics.json"],
    "rollback": ["rollback", "--env", "staging", "--reason", "Latency doubled"],
    "hold": ["hold", "add", "--env", "staging", "--reason", "Inventory", "--by", "alice"],
}
"""The words of each command that writes, without the repository."""


class Ended(NamedTuple):
    """How a command ended; its status is negative where a signal ended it."""

    code: int
    out: str
    said: str

    @property
    def promotion(self) -> dict[str, Any]:
        """What the JSON report says of the promotion."""
        told = json.loads(self.out)["promotion"]
        assert isinstance(told, dict)
        return told


class Scene:
    """A repository in a folder of its own, with room for temporary files that can be looked into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bare = folder / "gitops.git"
        self.scratch = folder / "scratch"
        self.address = str(self.bare)

    @classmethod
    def make(cls, folder: Path) -> Scene:
        """Version 1 in staging, put there by hand, and a report by which version 2 is allowed."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "scratch").mkdir()
        (folder / "metrics.json").write_text('{"accuracy": 0.9}')
        rule = {"id": "accuracy", "metric": {"name": "accuracy", "min": 0.85}}
        files = {
            "policies/p.yaml": policy_text([rule]),
            "environments/staging.yaml": _environment(),
            MANIFEST: f"# what runs here\nimages:\n  - name: {IMAGE}\n    newTag: '1'\n",
        }
        make_bare(folder, files)
        return cls(folder)

    def copy(self, folder: Path) -> Scene:
        """The same, elsewhere."""
        shutil.copytree(self.folder, folder, symlinks=True)
        return Scene(folder)

    def words(self, name: str) -> list[str]:
        """A command that writes, as `EXECUTABLE` takes it."""
        return [*COMMANDS[name], "--repo", self.address, "--format", "json"]

    def environment(self, **more: str) -> dict[str, str]:
        """What every command runs with: the test's world, and temporary files in the scratch folder."""
        return {**os.environ, "TMPDIR": str(self.scratch), **more}

    def run(self, name: str, *, prefix: Sequence[str] = (), **more: str) -> Ended:
        """Run it to its end."""
        done = subprocess.run(
            [*prefix, str(EXECUTABLE), *self.words(name)],
            cwd=self.folder,
            env=self.environment(**more),
            capture_output=True,
            timeout=120,
            check=False,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    def tip(self) -> str:
        """The commit at `main`."""
        return git(self.bare, "rev-parse", BRANCH)

    def since(self, before: str, branch: str = BRANCH) -> list[str]:
        """The commits that `main` got since `before`, the newest first."""
        return git(self.bare, "rev-list", "--first-parent", f"{before}..{branch}").split()

    def refs(self) -> str:
        """All refs with their ids."""
        return git(self.bare, "for-each-ref", "--format=%(refname) %(objectname)")

    def locks(self) -> list[str]:
        """The locks that git left behind."""
        return sorted(path.relative_to(self.bare).as_posix() for path in self.bare.rglob("*.lock"))

    def left(self) -> list[str]:
        """What lies in the folder for temporary files."""
        return sorted(path.name for path in self.scratch.iterdir())

    def check_whole(self, name: str, before: str) -> int:
        """How many commits there are since `before`: none or one, and that one holds all that belongs to it.

        Git finds no fault in the repository, and every record points at facts that are there.
        """
        run = subprocess.run(
            ["git", "-C", str(self.bare), "fsck", "--strict", "--no-dangling"], capture_output=True, check=False
        )
        assert run.returncode == 0, run.stdout + run.stderr
        landed = self.since(before)
        assert len(landed) <= 1, landed
        for commit in landed:
            _CHECKS[name](self, commit)
        return len(landed)

    def check_promotion(self, commit: str, digest: str = DIGEST) -> None:
        """The commit changed the manifest and added its record; the record's facts are kept."""
        changed = git(self.bare, "diff-tree", "-r", "--name-only", "--no-commit-id", commit).splitlines()
        (record,) = [path for path in changed if path.startswith(RECORDS)]
        assert {MANIFEST, record} <= {*changed}, changed
        assert digest in show(self.bare, MANIFEST, commit)
        read = read_record(show(self.bare, record, commit).encode())
        assert read.judgement.artifact is not None
        assert read.judgement.artifact.digest == digest
        for kept in read.context.facts or ():
            self._check_facts(str(kept))

    def _check_facts(self, digest: str) -> None:
        words = ["git", "-C", str(self.bare), "cat-file", "blob", f"{EVIDENCE}:{facts_path(digest)}"]
        run = subprocess.run(words, capture_output=True, check=False)
        assert run.returncode == 0, "the record points at facts that are not there"
        assert f"sha256:{hashlib.sha256(gzip.decompress(run.stdout)).hexdigest()}" == digest

    def check_rollback(self, commit: str) -> None:
        """A promotion of what was there before, with the hold that keeps it."""
        self.check_promotion(commit)
        self.check_hold(commit)

    def check_hold(self, commit: str) -> None:
        """The commit added a hold."""
        changed = git(self.bare, "diff-tree", "-r", "--name-only", "--no-commit-id", commit).splitlines()
        assert [path for path in changed if path.startswith("holds/")], changed


_CHECKS = {"promote": Scene.check_promotion, "rollback": Scene.check_rollback, "hold": Scene.check_hold}


def _environment() -> str:
    spec = {
        "policies": [{"name": "p", "version": "^1"}],
        "name": "churn",
        "image": IMAGE,
        "manifests": [{"path": MANIFEST, "format": "kustomize"}],
    }
    head = {"apiVersion": "gatekeeper/v1", "kind": "Environment", "metadata": {"name": "staging"}}
    return json.dumps({**head, "spec": spec})


def promoted_and_replaced(scene: Scene) -> None:
    """Version 2 was promoted, and then another one was put there by hand: what a rollback needs."""
    done = scene.run("promote")
    assert done.code == 0, done.said
    work = scene.folder / "by-hand"
    git(scene.folder, "clone", "--quiet", str(scene.bare), str(work))
    manifest = work / MANIFEST
    manifest.write_text(manifest.read_text().replace(DIGEST, OTHER))
    git(work, "commit", "--quiet", "--all", "--message=by hand")
    git(work, "push", "--quiet", "origin", "HEAD:main")
