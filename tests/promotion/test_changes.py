"""Which manifests change, and whether the wished image is everywhere already."""

from __future__ import annotations

from msgspec import convert

from gatekeeper.manifests.edited import Wish
from gatekeeper.model.environment import ArtifactRow
from gatekeeper.model.image import parse_image
from gatekeeper.promotion.changes import find_changes
from tests.trees import MemoryTree

NAME = "registry.example/churn"
NEW, OLD = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
HEAD = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n"


def held(*images: str) -> bool:
    """Whether a Pod of these images is taken to hold the wished one."""
    text = HEAD + "".join(f"  - image: {image}\n" for image in images)
    row = convert({"name": "c", "image": NAME, "manifests": [{"path": "p.yaml", "format": "kubernetes"}]}, ArtifactRow)
    wish = Wish(image=parse_image(f"{NAME}:2@{NEW}"), pin="tag+digest")
    return find_changes(MemoryTree({"p.yaml": text.encode()}), row, wish).held


def test_the_image_is_held_only_where_every_container_has_it() -> None:
    """Else a promotion that is half there would be told to be there already."""
    assert held(f"{NAME}:2@{NEW}")
    assert held(f"{NAME}:1@{NEW}")
    assert not held(f"{NAME}:1@{OLD}")
    assert not held(f"{NAME}:2@{NEW}", f"{NAME}:1@{OLD}")
    assert not held(f"{NAME}:1@{OLD}", f"{NAME}:2@{NEW}")
    assert not held(f"{NAME}:1@{NEW}", NAME)
