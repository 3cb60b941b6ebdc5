"""`docs/faults.md` tells of every fault that is tried, and of no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.corpus import ROOT

CONTROLS = {"test_the_manifest_stands_as_it_stood", "test_the_page_names_every_fault"}


def test_the_page_names_every_fault() -> None:
    named = re.findall(r'<a id="(test_\w+)">', (ROOT / "docs/faults.md").read_text(encoding="utf-8"))
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in Path(__file__).parent.glob("test_*.py")]
    tests = [node.name for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert sorted(named) == sorted(name for name in tests if name.startswith("test_") and name not in CONTROLS)
