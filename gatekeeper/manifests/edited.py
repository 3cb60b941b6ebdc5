"""What an editor of manifests is asked for, and what it gives."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

from gatekeeper.model.environment import Pin
from gatekeeper.model.image import ImageRef


class Target(Struct, frozen=True, kw_only=True):
    """The place in a manifest: the file for messages, the image's name there, and what narrows it.

    `at`, `container`, `write` and `add` are those of the environment's row; None where it does not say.
    """

    file: str
    image: str
    at: str | None = None
    container: str | None = None
    write: str | None = None
    add: bool = False


class Wish(Struct, frozen=True, kw_only=True):
    """What is to stand there: the image as far as `pin` says, and for a model's own place its URI."""

    image: ImageRef
    pin: Pin
    model_uri: str | None = None


class Edited(NamedTuple):
    """The whole new text, the image before (as far as the manifest says) and after, and what a person should know."""

    text: str
    before: str
    after: str
    notes: tuple[str, ...] = ()
