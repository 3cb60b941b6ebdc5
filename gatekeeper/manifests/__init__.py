"""Manifest formats, by the names that environments write. A new one is one file and one line here."""

from __future__ import annotations

from typing import Protocol

from gatekeeper.manifests import kustomize
from gatekeeper.manifests.edited import Edited
from gatekeeper.model.environment import Pin
from gatekeeper.model.image import ImageRef


class Format(Protocol):
    """A module that finds and sets one image in the text of one manifest."""

    def edit(self, text: str, *, image: str, new: ImageRef, pin: Pin, file: str) -> Edited:
        """The text with the image named `image` set to `new`. Raises ManifestError when that is not safe."""

    def current(self, text: str, *, image: str, file: str) -> ImageRef | None:
        """The image that stands there, or None where none is set. Raises ManifestError when that cannot be told."""


FORMATS: dict[str, Format] = {"kustomize": kustomize}
