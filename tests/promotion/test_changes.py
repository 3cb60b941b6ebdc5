"""Which manifests change, and whether the wished image is everywhere already."""

from __future__ import annotations

import pytest
from msgspec import convert

from gatekeeper.manifests.edited import Wish
from gatekeeper.model.environment import ArtifactRow
from gatekeeper.model.image import parse_image
from gatekeeper.promotion.changes import Changes, find_changes
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


TEXTS = {
    "a.yaml": f"uri: s3://models/churn/6\ntag: '1'\ndigest: {OLD}\nname: {NAME}\n",
    "b.yaml": "uri: s3://models/churn/6\n",
}

WRITE = {"uri": "model-uri", "tag": "tag", "digest": "digest", "name": "name"}


def changes(*rows: tuple[str, str]) -> Changes:
    """What changes where rows write these parts of these files."""
    places = [{"path": path, "format": "yaml-path", "at": f".{key}", "write": WRITE[key]} for path, key in rows]
    row = convert({"name": "c", "image": NAME, "manifests": places}, ArtifactRow)
    wish = Wish(image=parse_image(f"{NAME}:2@{NEW}"), pin="tag+digest", model_uri="s3://models/churn/7")
    return find_changes(MemoryTree({path: text.encode() for path, text in TEXTS.items()}), row, wish)


@pytest.mark.parametrize("keys", [("tag", "digest", "uri"), ("uri", "tag", "digest"), ("name", "uri", "tag")])
def test_of_several_places_in_one_file_the_first_that_says_a_version_is_told(keys: tuple[str, ...]) -> None:
    """The subject of the commit is made of it, and a URI's says `none`."""
    (change,) = changes(*(("a.yaml", key) for key in keys)).manifests
    assert (change.before, change.after) == (f"{NAME}:1", f"{NAME}:2")
    assert change.old == TEXTS["a.yaml"]
    assert "'2'" in change.new
    assert "s3://models/churn/7" in change.new
    assert not change.held


def test_of_several_files_the_first_that_says_a_version_is_told_first() -> None:
    found = changes(("b.yaml", "uri"), ("a.yaml", "digest"))
    assert [change.path for change in found.manifests] == ["a.yaml", "b.yaml"]
    assert found.manifests[0].after == f"{NAME}@{NEW}"
    assert set(found.files) == {"a.yaml", "b.yaml"}
