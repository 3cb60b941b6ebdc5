"""A GitOps repository and a release candidate's reports on disk, for black-box tests of the command."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from tests.corpus import ROOT
from tests.policies import reports

IMAGE = f"{reports.IMAGE}:1.4.2@{reports.DIGEST}"
NOW = "2026-11-23T12:00:00Z"
FORMATS = ("text", "json", "junit", "sarif", "markdown", "github", "html")


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder; its output, stripped."""
    run = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True)
    return run.stdout.strip()


def make_repository(folder: Path) -> Path:
    """A bare repository holding the reference tree on `main`."""
    bare, work = folder / "gitops.git", folder / "gitops-work"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(bare)], check=True)
    work.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main", str(work)], check=True)
    for name in ("policies", "environments"):
        shutil.copytree(ROOT / name, work / name)
    git(work, "add", "-A")
    git(work, "commit", "-q", "-m", "Reference tree")
    git(work, "push", "-q", str(bare), "main")
    return bare


def write_reports(
    folder: Path, changed: Mapping[str, bytes | None] | None = None, made: str = "2026-11-23T11:30:00Z"
) -> Path:
    """The healthy candidate's reports in `reports/`, with some changed, or left out where None."""
    place = folder / "reports"
    place.mkdir(exist_ok=True)
    for name, content in {**reports.healthy(made), **(changed or {})}.items():
        if content is not None:
            (place / name).write_bytes(content)
    return place


def write_fresh_reports(folder: Path, changed: Mapping[str, bytes | None] | None = None) -> Path:
    """As `write_reports`, made now: promote judges by the real clock, and some evidence has a `max_age`."""
    return write_reports(folder, changed, made=now())


def now() -> str:
    """The real time, as reports write it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def change(bare: Path, files: Mapping[str, str | None], message: str = "Change") -> None:
    """Commit a change to the repository's `main`, as somebody else would."""
    work = bare.parent / "gitops-work"
    git(work, "fetch", "-q", str(bare), "main")
    git(work, "reset", "-q", "--hard", "FETCH_HEAD")
    for path, content in files.items():
        target = work / path
        if content is None:
            target.unlink()
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)
    git(work, "add", "-A")
    git(work, "commit", "-q", "-m", message)
    git(work, "push", "-q", str(bare), "HEAD:main")


def tip(bare: Path) -> str:
    """The commit at `main`."""
    return git(bare, "rev-parse", "main")


def shown(bare: Path, path: str) -> str:
    """A file at the tip of `main`."""
    return git(bare, "show", f"main:{path}")


def record_of(bare: Path, environment: str) -> dict[str, object]:
    """The only record of `churn` in an environment."""
    names = git(bare, "ls-tree", "--name-only", "main", f"decisions/{environment}/churn/").splitlines()
    assert len(names) == 1
    record = json.loads(shown(bare, names[0]))
    assert isinstance(record, dict)
    return record
