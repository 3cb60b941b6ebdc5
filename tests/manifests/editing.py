"""Helpers of the editors' tests: one artifact, and short ways to edit and to be refused."""

from __future__ import annotations

from typing import Any

import pytest

from gatekeeper.errors import GatekeeperError, InvalidRequestError, ManifestError
from gatekeeper.manifests import format_of
from gatekeeper.manifests.edited import Edited, Target, Wish
from gatekeeper.model.environment import Pin
from gatekeeper.model.image import parse_image

NAME = "registry.example/churn"
OLD = "sha256:" + "b" * 64
NEW = "sha256:" + "a" * 64
URI = "s3://models/churn/7"
PINS: list[Pin] = ["tag", "digest", "tag+digest"]


def edit(
    format_: str, text: str, pin: Pin = "tag+digest", image: str = NAME, new: str = f"{NAME}:1.4.2@{NEW}", **row: Any
) -> Edited:
    """Edit a text as a row of this format says, twice: the second time nothing changes."""
    target = Target(file="m", image=image, **row)
    wish = Wish(image=parse_image(new), pin=pin, model_uri=URI)
    edited = format_of(format_).edit(text, target, wish)
    again = format_of(format_).edit(edited.text, target, wish)
    assert again.text == edited.text
    assert again.before == again.after == edited.after
    return edited


def now(format_: str, text: str, image: str = NAME, **row: Any) -> str | None:
    """The image that the row's place holds."""
    found = format_of(format_).current(text, Target(file="m", image=image, **row))
    return None if found is None else str(found)


def refused(format_: str, text: str, said: str, **row: Any) -> None:
    """The edit is refused because of the manifest, with these words."""
    _fails(ManifestError, said, lambda: edit(format_, text, **row))


def impossible(format_: str, text: str, said: str, **row: Any) -> None:
    """The edit cannot be as the environment asks, and these words say so."""
    _fails(InvalidRequestError, said, lambda: edit(format_, text, **row))


def _fails(kind: type[GatekeeperError], said: str, act: Any) -> None:
    with pytest.raises(kind) as fault:
        act()
    assert said in str(fault.value)
    assert str(fault.value).startswith("m")
