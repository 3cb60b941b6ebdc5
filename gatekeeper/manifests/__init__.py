"""Manifest formats, by the names that environments write. A new one is one file and one line here."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from gatekeeper.manifests.edited import Edited, Target, Wish
from gatekeeper.model.image import ImageRef


class Format(Protocol):
    """A module that finds and sets one image in the text of one manifest."""

    def edit(self, text: str, target: Target, wish: Wish) -> Edited:
        """The text with the image at `target` set to `wish`. Raises ManifestError when that is not safe."""

    def current(self, text: str, target: Target) -> ImageRef | None:
        """The image that stands there, or None where none is set. Raises ManifestError when that cannot be told."""


FORMATS = {
    "argocd": "argocd",
    "compose": "compose",
    "flux": "flux",
    "helm": "helm",
    "json-path": "json_path",
    "kserve": "kserve",
    "kubernetes": "kubernetes",
    "kustomize": "kustomize",
    "regex": "regex",
    "toml-path": "toml_path",
    "yaml-path": "yaml_path",
}
"""The module of each format, by its name."""


def format_of(name: str) -> Format:
    """The editor of a format, loaded when first used. Raises KeyError for a name that is none."""
    return cast("Format", import_module(f"gatekeeper.manifests.{FORMATS[name]}"))


def says_version(name: str, target: Target) -> bool:
    """Whether the place holds a tag or digest; one for a name alone or a model's URI does not, whatever stands there.

    Raises what the format raises for a row that it cannot follow.
    """
    write = target.write
    if name == "regex":
        from gatekeeper.manifests import regex  # its group says what it holds

        write = regex.part(target)
    return write not in {"name", "model-uri"}
