"""Bare repositories made for a test, and what they hold, told by stock git."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

KUSTOMIZATION = """\
# what runs here
images:
  - name: registry.example/churn-model
    newTag: 1.4.1   # by hand
"""
FILES = {
    "policies/model-quality.yaml": "policy\n",
    "policies/tests/case.yaml": "case\n",
    "environments/staging.yaml": "staging\n",
    "environments/staging/churn/kustomization.yaml": KUSTOMIZATION,
    "environments/production/churn/kustomization.yaml": KUSTOMIZATION,
    "README.md": "# GitOps\n",
}


def git(place: Path, *words: str, stdin: str = "") -> str:
    """Run git in `place`; its output, without the last newline."""
    run = subprocess.run(["git", "-C", str(place), *words], input=stdin.encode(), capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode()
    return run.stdout.decode().rstrip("\n")


def make_bare(folder: Path, files: Mapping[str, str] = FILES, *, name: str = "gitops.git", sha: str = "sha1") -> Path:
    """A bare repository with two commits on `main`, the second of which holds `files`."""
    work = folder / f"{name}.work"
    work.mkdir(parents=True)
    git(work, "init", "--quiet", f"--object-format={sha}", "--initial-branch=main")
    git(work, "commit", "--quiet", "--allow-empty", "--message=first")
    for path, text in files.items():
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_bytes(text.encode())
    git(work, "add", "--all")
    git(work, "commit", "--quiet", "--message=second")
    bare = folder / name
    git(folder, "clone", "--quiet", "--bare", str(work), str(bare))
    git(bare, "config", "uploadpack.allowFilter", "true")
    git(bare, "config", "http.receivepack", "true")
    return bare


def push_by_hand(bare: Path, folder: Path, path: str, text: str) -> str:
    """Somebody else's commit on `main`."""
    if not (folder / ".git").exists():
        git(folder.parent, "clone", "--quiet", str(bare), str(folder))
    git(folder, "pull", "--quiet", "--ff-only")
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(text.encode())
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=by hand")
    git(folder, "push", "--quiet", "origin", "HEAD:main")
    return git(folder, "rev-parse", "HEAD")


def show(bare: Path, path: str, at: str = "main") -> str:
    """The file's text at a commit, with its last newline as it is."""
    run = subprocess.run(["git", "-C", str(bare), "show", f"{at}:{path}"], capture_output=True, check=True)
    return run.stdout.decode()


def hook(bare: Path, name: str, script: str) -> None:
    """Install a hook, a shell script."""
    place = bare / "hooks" / name
    place.parent.mkdir(exist_ok=True)
    place.write_text(f"#!/bin/sh\n{script}\n")
    place.chmod(0o755)
