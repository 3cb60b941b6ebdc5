"""The cases of the policies that come with gatekeeper, ready to be judged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from gatekeeper.app.testing import Asked, _made_ready
from gatekeeper.cases.library import load_cases, selected
from gatekeeper.cases.ready import ReadyCase
from gatekeeper.judge.cel import load_engine
from gatekeeper.policy.library import load_policies
from tests.trees import MemoryTree

ROOT = Path(__file__).parents[2]


def ready_cases() -> Iterator[ReadyCase]:
    """Each case of each shipped policy."""
    files = {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in sorted((ROOT / "policies").rglob("*"))
        if path.is_file() and path.suffix != ".md"
    }
    tree = MemoryTree(files)
    asked = Asked(coverage=False, now=datetime(2026, 11, 23, tzinfo=UTC))
    chosen = selected(load_cases(tree, "policies"), (), None)
    for tested in _made_ready(tree, load_policies(tree, "policies"), chosen, (load_engine(None),), asked):
        for _, ready in tested.cases:
            yield ready
