"""Real servers that tests start: each by its script in `scripts/components`, from what that has installed before."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.corpus import ROOT

SCRIPTS = ROOT / "scripts" / "components"


def component(name: str, *arguments: str | Path, check: bool = True) -> str:
    """What the script prints. The cache is that of the person or machine, not of the tests' closed world."""
    environment = {**os.environ, "XDG_CACHE_HOME": os.environ["TESTS_CACHE"]}
    ran = subprocess.run([SCRIPTS / name, *arguments], capture_output=True, text=True, env=environment)
    assert ran.returncode == 0 or not check, ran.stdout + ran.stderr
    return ran.stdout.strip() if ran.returncode == 0 else ""


def need(name: str, there: bool, *, may_lack_in_ci: bool = False) -> None:
    """Leave the test out, loudly, where the component is not there; in CI that is a failure."""
    if there:
        return
    told = f"{name} is not installed: run scripts/components/{name} install"
    if os.environ.get("TESTS_CI") and not may_lack_in_ci:
        pytest.fail(told)
    pytest.skip(told)


@contextmanager
def running(name: str, state: Path, *arguments: str) -> Iterator[str]:
    """The URL of a server of its own; it is stopped at the end, come what may."""
    try:
        yield _started(name, state, *arguments)
    finally:
        component(name, "stop", state, check=False)


def _started(name: str, state: Path, *arguments: str) -> str:
    """Between finding a free port and taking it somebody else may: a start that fails is tried again, twice."""
    kept = state.with_name(f"{state.name}-as-given")
    if state.exists():
        shutil.copytree(state, kept)
    for _ in range(2):
        if url := component(name, "start", state, *arguments, check=False):
            return url
        component(name, "stop", state, check=False)
        shutil.rmtree(state, ignore_errors=True)
        if kept.exists():
            shutil.copytree(kept, state)
    return component(name, "start", state, *arguments)
