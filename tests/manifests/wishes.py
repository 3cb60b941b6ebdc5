"""What the tests of manifest editors ask for, and how they compare the result with what YAML's own parser reads."""

from __future__ import annotations

from typing import Any

import yaml

from gatekeeper.manifests import format_of
from gatekeeper.manifests.edited import Edited, Target, Wish
from gatekeeper.model.environment import Pin
from gatekeeper.model.image import parse_image

OLD = "sha256:" + "b" * 64
NEW = "sha256:" + "a" * 64
NAME = "registry.example/churn"
IMAGE = parse_image(f"{NAME}:1.4.2@{NEW}")
PINS: list[Pin] = ["tag", "digest", "tag+digest"]


def set_image(
    format_: str, text: str, pin: Pin = "tag", image: str = NAME, *, model_uri: str | None = None, **row: Any
) -> Edited:
    """Edit as a row of an environment asks, with a tag and a digest at hand."""
    target = Target(file="m.yaml", image=image, **row)
    return format_of(format_).edit(text, target, Wish(image=row_image(image), pin=pin, model_uri=model_uri))


def row_image(image: str) -> Any:
    """The wished image under the name of the row."""
    return IMAGE if image == NAME else parse_image(f"{image}:1.4.2@{NEW}")


def now(format_: str, text: str, image: str = NAME, **row: Any) -> str | None:
    """What the manifest says."""
    found = format_of(format_).current(text, Target(file="m.yaml", image=image, **row))
    return None if found is None else str(found)


def plain(text: str) -> list[Any]:
    """All documents, with every scalar as the text that stands there."""
    return list(yaml.load_all(text, Loader=yaml.CBaseLoader))


def pinned(pin: Pin, name: str = NAME) -> str:
    """What is to stand for a whole image."""
    return f"{name}{'' if pin == 'digest' else ':1.4.2'}{'' if pin == 'tag' else f'@{NEW}'}"
