"""kustomize: the `images` list of a Kustomization or Component."""

from __future__ import annotations

from yaml.nodes import MappingNode, Node

from gatekeeper.manifests.asked import check_keys
from gatekeeper.manifests.edited import Edited, Target, Wish
from gatekeeper.manifests.imagelists import Found, deployed, entries, matching, refuse_alike, set_entry
from gatekeeper.manifests.walk import Spot
from gatekeeper.manifests.yamlnodes import Source, is_empty, meaning, member
from gatekeeper.model.image import ImageRef

_KINDS = frozenset({"Kustomization", "Component"})
_GROUP = "kustomize.config.k8s.io/"
# What kustomize takes for a field beside the one that is edited: it compares names without regard to case, the last
# one wins, and `imageTags` is added to `images` (api/types/kustomization.go, Unmarshal and FixKustomization).
_ALIKE = {"images": "images", "imagetags": "images"}


def edit(text: str, target: Target, wish: Wish) -> Edited:
    """Set the entry for `target.image` to the wish: newTag and digest as its pin says, newName where another results.

    Raises InvalidRequestError where the pin asks for what the image has not, ManifestError with the place where no
    entry or more than one fits, or where the change cannot be made without touching anything else.
    """
    source = _opened(text, target)
    found = _matching(source, target.image)
    if not found and target.add:
        from gatekeeper.manifests.addition import add_entry  # few ask for it

        return add_entry(source, target, wish)
    if not found:
        source.refuse(
            f"no entry of images: is named {target.image}; say add: true, or add this one:\n"
            f"  images:\n    - name: {target.image}"
        )
    return set_entry(_one(source, found, target.image), target, wish)


def current(text: str, target: Target) -> ImageRef | None:
    """The image that the entry for `target.image` stands for; None where there is no entry, or no tag and digest in it.

    Raises ManifestError where more than one entry fits, or the entry is not an image.
    """
    source = _opened(text, target)
    found = _matching(source, target.image)
    return deployed(_one(source, found, target.image)) if found else None


def _opened(text: str, target: Target) -> Source:
    check_keys(target, "kustomize", "add")
    source = Source(text, target.file)
    meaning(source)
    return source


def _one(source: Source, found: list[Found], image: str) -> Found:
    if len(found) > 1:
        source.refuse(f"{len(found)} entries of images: fit {image}; only one may", found[1].entry.node)
    if found[0].spot.document:
        source.refuse("kustomize reads the first document only, and this is another one", found[0].entry.node)
    return found[0]


def _matching(source: Source, image: str) -> list[Found]:
    return [
        found
        for number, root in enumerate(source.documents)
        if not is_empty(root)
        for images in _lists(source, root, number)
        for found in matching(entries(images), image)
    ]


def _lists(source: Source, root: Node, number: int) -> list[Spot]:
    _check_kind(source, root)
    return [*Spot(source, root, number).get("images")]


def _check_kind(source: Source, root: Node) -> None:
    if not isinstance(root, MappingNode):
        source.refuse("not a Kustomization: the document is no mapping", root)
    kind, version = member(root, "kind"), member(root, "apiVersion")
    if kind and str(kind[1].value) not in _KINDS:
        source.refuse(f"not a Kustomization or Component: kind is {str(kind[1].value)[:80]}", kind[1])
    if version and not str(version[1].value).startswith(_GROUP):
        source.refuse(f"not one of kustomize's own files: apiVersion is {str(version[1].value)[:80]}", version[1])
    if member(root, "<<"):
        source.refuse("a file with a merge key (<<) at its top cannot be edited safely", root)
    refuse_alike(source, root, _ALIKE)
