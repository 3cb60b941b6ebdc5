"""Labels of images as the identity of an artifact: taken as they are, or refused by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from gatekeeper.errors import InvalidRequestError
from gatekeeper.model.artifact import ArtifactSpec, ModelIdentity
from gatekeeper.model.facts_origin import Image
from gatekeeper.wiring.labels import carried

NAME = "registry.example/churn:1"
DIGEST = "sha256:" + "1a" * 32


def image(labels: dict[str, str], *differing: str) -> Image:
    return Image(digest=DIGEST, media_type="x", labels=labels, differing=differing)


def test_every_label_has_its_place() -> None:
    labels = {
        "org.opencontainers.image.revision": "9f2c",
        "org.opencontainers.image.version": "1.4.2",
        "maintainer": "anybody\nwrites anything",
        "ml.gatekeeper.model.name": "churn",
        "ml.gatekeeper.model.version": "7",
        "ml.gatekeeper.model.uri": "models:/churn/7",
        "ml.gatekeeper.model.digest": DIGEST,
        "ml.gatekeeper.run": "mlflow:3f6a",
        "ml.gatekeeper.dataset.train": "md5:" + "0" * 32 + ".dir",
        "ml.gatekeeper.dataset.test.2026": DIGEST,
    }
    assert carried(NAME, image(labels)) == ArtifactSpec(
        image=NAME,
        model=ModelIdentity(name="churn", version="7", uri="models:/churn/7", digest=DIGEST),
        commit="9f2c",
        run="mlflow:3f6a",
        datasets={"train": "md5:" + "0" * 32 + ".dir", "test.2026": DIGEST},
    )


def test_an_image_without_labels_carries_nothing() -> None:
    for labels in ({}, {"maintainer": "x"}):
        assert carried(NAME, image(labels)) == ArtifactSpec(image=NAME)
    assert carried(NAME, Image(digest=DIGEST, media_type="x", labels=UNSET)) == ArtifactSpec(image=NAME)


@pytest.mark.parametrize(
    "name", ["org.opencontainers.image.revision", "ml.gatekeeper.run", "ml.gatekeeper.dataset.train"]
)
def test_platforms_that_say_different_things_are_refused(name: str) -> None:
    with pytest.raises(InvalidRequestError, match="alike"):
        carried(NAME, image({}, name))
    assert carried(NAME, image({}, "maintainer")) == ArtifactSpec(image=NAME)


NAMES = st.sampled_from(
    [
        "org.opencontainers.image.revision",
        "ml.gatekeeper.run",
        "ml.gatekeeper.model.digest",
        "ml.gatekeeper.model.name",
        "ml.gatekeeper.dataset.train",
    ]
)
ANY = NAMES | st.text(max_size=9) | st.text(max_size=9).map("ml.gatekeeper.".__add__)
VALUES = st.text(max_size=9) | st.just(DIGEST) | st.text(alphabet="abc019:", min_size=1, max_size=9)


@given(st.dictionaries(ANY, VALUES, max_size=4))
def test_labels_are_taken_whole_or_refused(labels: dict[str, str]) -> None:
    try:
        spec = carried(NAME, image(labels))
    except InvalidRequestError as fault:
        shown = str(fault)
        assert "label" in shown
        assert shown.replace("\n", "").isprintable(), "no character of a label can act on a terminal"
        return
    model = spec.model or ModelIdentity()
    told = [spec.commit, spec.run, model.name, model.digest, *spec.datasets.values()]
    ours = [name for name in labels if name.startswith("ml.gatekeeper.") or name.endswith("image.revision")]
    assert sorted(value for value in told if value is not UNSET) == sorted(labels[name] for name in ours)
