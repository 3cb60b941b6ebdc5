"""Many artifacts in one environment, promoted by as many processes at once, and what must be so afterwards."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gatekeeper.records.facts import facts_path
from gatekeeper.records.statement import read_record
from tests.connect.repositories import git, make_bare
from tests.judging import policy_text

ENVIRONMENT = "production"
SHARED = f"environments/{ENVIRONMENT}/kustomization.yaml"
EVIDENCE = "gatekeeper/evidence"


def artifact_of(number: int) -> str:
    """The name of one artifact."""
    return f"model-{number:02}"


def digest_of(number: int) -> str:
    """The digest that it is promoted to."""
    return f"sha256:{number + 1:064x}"


def image_of(number: int) -> str:
    """Its image, without tag."""
    return f"registry.example/{artifact_of(number)}"


class Scene:
    """A repository with `count` artifacts, all in one manifest or each in its own."""

    def __init__(self, folder: Path, count: int, *, apart: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.count = count
        self.apart = apart
        rule = {"id": "accuracy", "metric": {"name": "accuracy", "min": 0.85}}
        files = {
            "policies/p.yaml": policy_text([rule]),
            f"environments/{ENVIRONMENT}.yaml": self._environment(),
            **self._manifests(),
        }
        self.bare = make_bare(folder, files)
        self.first = git(self.bare, "rev-parse", "main")
        for number in range(count):
            (folder / f"{number}.json").write_text(json.dumps({"accuracy": 0.9 + number / 10_000}))

    def path_of(self, number: int) -> str:
        """The manifest that names an artifact."""
        return f"environments/{ENVIRONMENT}/{artifact_of(number)}/kustomization.yaml" if self.apart else SHARED

    def _environment(self) -> str:
        rows = [
            {
                "name": artifact_of(number),
                "image": image_of(number),
                "manifests": [{"path": self.path_of(number), "format": "kustomize"}],
            }
            for number in range(self.count)
        ]
        spec = {"policies": [{"name": "p", "version": "^1"}], "artifacts": rows}
        head = {"apiVersion": "gatekeeper/v1", "kind": "Environment", "metadata": {"name": ENVIRONMENT}}
        return json.dumps({**head, "spec": spec})

    def _manifests(self) -> Mapping[str, str]:
        files: dict[str, str] = {}
        for number in range(self.count):
            path = self.path_of(number)
            files[path] = files.get(path, "images:\n") + f"  - name: {image_of(number)}  # by hand\n    newTag: '1'\n"
        return files

    def words(self, address: str, *numbers: int) -> list[str]:
        """What `gatekeeper` is told to promote these artifacts with one report, in one commit."""
        asked = [word for number in numbers for word in ("--artifact", f"{image_of(number)}:2@{digest_of(number)}")]
        report = str(self.folder / f"{numbers[0]}.json")
        where = ["--env", ENVIRONMENT, "--repo", f"{address}@main"]
        return ["promote", *where, *asked, "--evidence", report, "--format", "json"]

    def landed(self, numbers: Iterable[int]) -> list[int]:
        """Those that the manifests at the tip name by the wished digest."""
        return [number for number in numbers if digest_of(number) in self._at_tip(self.path_of(number))]

    def _at_tip(self, path: str) -> str:
        return git(self.bare, "show", f"main:{path}")

    def check(self, commits: int) -> None:
        """All landed exactly once, in so many commits: manifests, records and facts agree, and git finds no fault.

        Raises AssertionError.
        """
        run = subprocess.run(
            ["git", "-C", str(self.bare), "fsck", "--full", "--strict", "--no-dangling"],
            capture_output=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout + run.stderr
        assert self.landed(range(self.count)) == list(range(self.count))
        assert len(self._since(self.first)) == commits
        changed = [path for commit in self._since(self.first) for path in self._changed(commit)]
        records = [path for path in changed if path.startswith("decisions/")]
        assert {*changed} - {*records} == {self.path_of(number) for number in range(self.count)}
        assert {path.split("/")[2] for path in records} == {artifact_of(number) for number in range(self.count)}
        assert len(records) == self.count
        self._check_lines()
        for path in records:
            self._check_record(path)

    def _since(self, first: str) -> list[str]:
        return git(self.bare, "rev-list", "--first-parent", f"{first}..main").split()

    def _changed(self, commit: str) -> list[str]:
        return git(self.bare, "diff-tree", "-r", "--name-only", "--no-commit-id", commit).splitlines()

    def _check_lines(self) -> None:
        """Nothing but the images was touched, and no commit of another was lost in a file of all."""
        for path, text in self._manifests().items():
            lines = [line for line in self._at_tip(path).splitlines() if "digest:" not in line]
            assert [line.replace("newTag: '2'", "newTag: '1'") for line in lines] == text.splitlines()

    def _check_record(self, path: str) -> None:
        record = read_record(f"{self._at_tip(path)}\n".encode())
        assert record.judgement.artifact is not None
        number = int(path.split("/")[2].removeprefix("model-"))
        assert record.judgement.artifact.digest == digest_of(number)
        for kept in record.context.facts or ():
            words = ["git", "-C", str(self.bare), "cat-file", "blob", f"{EVIDENCE}:{facts_path(str(kept))}"]
            packed = subprocess.run(words, capture_output=True, check=True).stdout
            assert f"sha256:{hashlib.sha256(gzip.decompress(packed)).hexdigest()}" == kept


def attempts_in(report: str) -> int:
    """How often a promotion looked before it landed, by its own report."""
    told: dict[str, Any] = json.loads(report)
    attempts = told.get("reports", [told])[0]["promotion"]["attempts"]
    assert isinstance(attempts, int)
    return attempts
