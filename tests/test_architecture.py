"""The house keeps its own rules: sizes, names, docstrings, and contracts that would notice a breach."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import grimp
import pytest

from tests.corpus import ROOT

PACKAGE = ROOT / "gatekeeper"
MODULES = sorted(PACKAGE.rglob("*.py"))

MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 45
LONG_FUNCTIONS: dict[str, str] = {}
"""`module:function` to the reason why it may be longer."""

VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "misc", "manager", "handler", "shared"}

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class Named(NamedTuple):
    """A function or class, by its dotted name inside its module."""

    name: str
    node: Definition


def _id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _definitions(tree: ast.AST, prefix: str = "") -> Iterator[Named]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Definition):
            name = f"{prefix}{node.name}"
            yield Named(name, node)
            yield from _definitions(node, f"{name}.")
        else:
            yield from _definitions(node, prefix)


def _public_face(tree: ast.Module) -> Iterator[Named]:
    """The public classes and functions of a module."""
    for node in tree.body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield Named(node.name, node)


@pytest.mark.parametrize("path", MODULES, ids=_id)
def test_a_module_is_small_documented_and_plainly_named(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert len(text.splitlines()) <= MAX_MODULE_LINES, "split it"
    assert ast.get_docstring(tree), "a module says in its docstring what it holds"
    assert not VAGUE_NAMES & set(path.relative_to(ROOT).with_suffix("").parts), "name it for the one thing it holds"
    assert not re.search(r"\b(TODO|FIXME|XXX)\b", text), "finish it, or leave it out"
    bare = [named.name for named in _public_face(tree) if not ast.get_docstring(named.node)]
    assert not bare, "public things need a docstring"


def _lines(node: Definition) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


@pytest.mark.parametrize("path", MODULES, ids=_id)
def test_functions_are_short(path: Path) -> None:
    functions = [
        named
        for named in _definitions(ast.parse(path.read_text(encoding="utf-8")))
        if not isinstance(named.node, ast.ClassDef)
    ]
    long = {f"{_id(path)}:{named.name}" for named in functions if _lines(named.node) > MAX_FUNCTION_LINES}
    assert not long - set(LONG_FUNCTIONS)


def test_every_exception_is_still_needed() -> None:
    for name, reason in LONG_FUNCTIONS.items():
        module, _, function = name.partition(":")
        tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
        node = {named.name: named.node for named in _definitions(tree)}[function]
        assert _lines(node) > MAX_FUNCTION_LINES
        assert reason


PURE = (
    *("app", "cases", "comparison", "evidence", "judge", "lint", "manifests", "model", "policy", "ports"),
    *("promotion", "records", "reports"),
)
WORLDLY_CALLS = {"open", "print", "input", "eval", "exec", "compile", "__import__", "breakpoint", "exit", "quit"}


@pytest.mark.parametrize("path", [path for path in MODULES if path.relative_to(PACKAGE).parts[0] in PURE], ids=_id)
def test_what_is_pure_calls_no_door_that_needs_no_import(path: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    named = {(call.func.id, call.lineno) for call in calls if isinstance(call.func, ast.Name)}
    assert not {(name, line) for name, line in named if name in WORLDLY_CALLS}


# One line in one place of a copy of the package, and the contract that must notice it.
BREACHES = {
    "a judge that reads the world": ("judge/__init__.py", "import gatekeeper.connect.folder", "floors"),
    "a type that looks at the environment": ("model/scalars.py", "import os", "pure"),
    "a reader of reports that opens files": ("evidence/opened.py", "import pathlib", "pure"),
    "a connector that leans on another": ("connect/folder.py", "import gatekeeper.connect.git.command", "connectors"),
    "a producer that parses YAML by itself": ("evidence/opened.py", "import yaml", "door-yaml"),
    "a judge that starts a process": ("judge/__init__.py", "import subprocess", "door-processes"),
    "a rule that asks the engine itself": ("judge/rule.py", "from cel_expr_python import cel", "door-cel-cpp"),
    "a judge that always loads the slow engine": ("judge/rule.py", "import celpy", "door-cel-python"),
    "a report that reads XML its own way": ("reports/junit.py", "import pyexpat", "door-xml"),
    "a connector with a door of its own": ("connect/folder.py", "import urllib3", "door-http"),
    "a use case that prints": ("app/evaluate.py", "import click", "door-click"),
    "a judge that checks a signature by itself": ("judge/signed.py", "import cryptography", "door-cryptography"),
    "a finding that leans on a comparison": ("lint/registry.py", "import gatekeeper.comparison.change", "floors"),
    "a case that reads a file by itself": ("cases/library.py", "import os", "pure"),
    "a comparison that asks for the time": ("comparison/policies.py", "import time", "pure"),
    "a source that knows another": ("connect/prometheus.py", "import gatekeeper.connect.oci.images", "connectors"),
    "a producer that asks the living system": (
        "evidence/prometheus.py",
        "import prometheus_api_client",
        "door-clients",
    ),
    "a forge that leans on another": (
        "connect/forges/gitea.py",
        "import gatekeeper.connect.forges.github",
        "forges",
    ),
    "a hold that asks who approved": ("promotion/holds.py", "import gatekeeper.promotion.approvals", "conditions"),
    "a window that knows its zones by itself": ("promotion/windows.py", "import zoneinfo", "door-zones"),
    "a setting that is fetched": ("wiring/project.py", "import urllib.request", "door-network"),
    "a module outside every floor": ("stray.py", "import gatekeeper.errors", "floors"),
}


@pytest.fixture(scope="module")
def contracts_of_a_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package and its contracts, in which a breach can be planted."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copytree(PACKAGE, folder / "gatekeeper", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def _lint(folder: Path, contract: str) -> subprocess.CompletedProcess[str]:
    tool = Path(sys.executable).with_name("lint-imports")
    arguments = ["--no-cache", "--contract", contract]
    return subprocess.run([tool, *arguments], cwd=folder, capture_output=True, encoding="utf-8", check=False)


@pytest.mark.parametrize("contract", sorted({contract for _, _, contract in BREACHES.values()}))
def test_contracts_hold_before_a_breach(contracts_of_a_copy: Path, contract: str) -> None:
    run = _lint(contracts_of_a_copy, contract)
    assert "1 kept, 0 broken" in run.stdout, run.stdout


@pytest.mark.parametrize("breach", BREACHES)
def test_a_breach_is_noticed(contracts_of_a_copy: Path, breach: str) -> None:
    module, line, contract = BREACHES[breach]
    path = contracts_of_a_copy / "gatekeeper" / module
    before = path.read_bytes() if path.exists() else None
    path.write_bytes((before or b"") + f"\n{line}\n".encode())
    try:
        run = _lint(contracts_of_a_copy, contract)
    finally:
        path.unlink() if before is None else path.write_bytes(before)
    assert run.returncode == 1
    assert "0 kept, 1 broken" in run.stdout or "not listed as layers" in run.stdout, run.stdout


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    """Who imports whom, as written in the sources."""
    return grimp.build_graph("gatekeeper", cache_dir=None)


def _leaves() -> dict[str, list[str]]:
    """What the registries name, by the module of the registry."""
    from gatekeeper.evidence.registry import PRODUCERS
    from gatekeeper.lint.registry import FINDINGS
    from gatekeeper.manifests import FORMATS
    from gatekeeper.reports import RENDERERS
    from gatekeeper.reports.cases import RENDERERS as OF_CASES
    from gatekeeper.reports.diff import RENDERERS as OF_DIFFERENCES
    from gatekeeper.reports.findings import RENDERERS as OF_FINDINGS

    return {
        "gatekeeper.evidence.registry": [f"gatekeeper.evidence.{name.replace('-', '_')}" for name in PRODUCERS],
        "gatekeeper.lint.registry": [f"gatekeeper.lint.{id_.replace('-', '_')}" for id_ in FINDINGS],
        "gatekeeper.manifests": [f"gatekeeper.manifests.{module}" for module in FORMATS.values()],
        "gatekeeper.reports": list(RENDERERS.values()),
        "gatekeeper.reports.cases": list(OF_CASES.values()),
        "gatekeeper.reports.diff": list(OF_DIFFERENCES.values()),
        "gatekeeper.reports.findings": list(OF_FINDINGS.values()),
    }


@pytest.mark.parametrize("registry", _leaves())
def test_a_leaf_stands_alone(imports: grimp.ImportGraph, registry: str) -> None:
    leaves = _leaves()[registry]
    assert set(leaves) <= imports.modules, "every name in a registry has its module"
    for leaf in leaves:
        assert not imports.find_shortest_chain(leaf, registry), "a leaf does not know the registry it stands in"
        for other in leaves:
            assert leaf == other or not imports.find_shortest_chain(leaf, other)
