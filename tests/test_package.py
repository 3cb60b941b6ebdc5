"""What is built to be installed: all that the package reads, and nothing that only its makers need."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.corpus import ROOT

SKIPPED = {"__pycache__"}
SHIPPED = {"gatekeeper", "docs", "environments", "examples", "policies", "schemas"}
LOOSE = {"CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml", ".gitignore"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source distribution."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--directory", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    return folder


def test_the_wheel_is_the_package_and_its_metadata(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    ours = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "gatekeeper").rglob("*")
        if path.is_file() and not SKIPPED & set(path.parts)
    }
    assert names == ours
    assert {"gatekeeper/py.typed", "gatekeeper/templates/github.yaml"} <= names


def test_the_source_distribution_has_what_its_pages_name_and_no_tests(built: Path) -> None:
    (source,) = built.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        paths = [Path(*Path(name).parts[1:]) for name in archive.getnames()]
    assert {path.parts[0] for path in paths} == SHIPPED | LOOSE
    assert Path("policies/tests/model-quality/limits.yaml") in paths
