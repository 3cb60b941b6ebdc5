"""The reference environments: their manifests are there, name the image once, and the overlays point at the base."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from gatekeeper.model.environment import Environment
from gatekeeper.policy.documents import load

ROOT = Path(__file__).resolve().parent.parent.parent


def environment(name: str) -> Environment:
    value = load((ROOT / "environments" / f"{name}.yaml").read_bytes(), name)[0].value
    assert isinstance(value, Environment)
    return value


@pytest.mark.parametrize("name", ["staging", "production"])
def test_each_manifest_names_the_image_once(name: str) -> None:
    for row in environment(name).spec.artifacts:
        for place in row.manifests:
            assert place.path.startswith(f"environments/{name}/")
            overlay = yaml.safe_load((ROOT / place.path).read_text())
            assert [entry["name"] for entry in overlay["images"]] == [row.image]


@pytest.mark.parametrize("name", ["staging", "production"])
def test_each_overlay_stands_on_files_that_use_the_image(name: str) -> None:
    row = environment(name).spec.artifacts[0]
    folder = (ROOT / row.manifests[0].path).parent
    overlay = yaml.safe_load((folder / "kustomization.yaml").read_text())
    base = [(folder / resource).resolve() for resource in overlay["resources"]]
    resources = [
        yaml.safe_load((path / name).read_text())
        for path in base
        for name in yaml.safe_load((path / "kustomization.yaml").read_text())["resources"]
    ]
    pods = [one["spec"]["template"]["spec"] for one in resources if one["kind"] == "Deployment"]
    assert [container["image"] for pod in pods for container in pod["containers"]] == [row.image]


def test_production_comes_after_staging() -> None:
    assert [after.environment for after in environment("production").spec.after] == ["staging"]
