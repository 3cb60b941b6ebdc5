"""kubernetes: the images of pods, in every kind that holds some, in several documents and in lists."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.manifests.asked import check_keys
from gatekeeper.manifests.edited import Edited, Target, Wish
from gatekeeper.manifests.imagespots import current_image, edit_images
from gatekeeper.manifests.podkinds import CONTAINER_KINDS, POD_KINDS
from gatekeeper.manifests.pods import container_images, pod_images
from gatekeeper.manifests.walk import Spot, group_kind, objects
from gatekeeper.manifests.yamlnodes import Source, meaning
from gatekeeper.model.image import ImageRef

_MOST_SHOWN = 5


def edit(text: str, target: Target, wish: Wish) -> Edited:
    """Set the image of all containers and image volumes whose repository is the target's, in all documents.

    Raises InvalidRequestError where the pin asks for what the image has not, ManifestError with the place where there
    is none, or where one cannot be set alone.
    """
    source = _opened(text, target)
    return edit_images(source, _images(source, target), target, wish)


def current(text: str, target: Target) -> ImageRef | None:
    """The image of those containers; None where there are none. Raises ManifestError where they differ."""
    source = _opened(text, target)
    return current_image(source, _images(source, target), target)


def _opened(text: str, target: Target) -> Source:
    check_keys(target, "kubernetes", "container")
    source = Source(text, target.file)
    meaning(source)
    found = [group_kind(spot) for spot in objects(source)]
    if not any(kind in POD_KINDS for kind in found):
        kinds = ", ".join(dict.fromkeys(f"{kind or '(none)'}"[:80] for _, kind in found[:_MOST_SHOWN])) or "no object"
        source.refuse(f"no kind here is known to hold pods ({kinds}); format yaml-path sets any place")
    return source


def _images(source: Source, target: Target) -> list[Spot]:
    return [image for spot in objects(source) for image in _of(spot, target.container)]


def _of(spot: Spot, container: str | None) -> Iterator[Spot]:
    kind = group_kind(spot)
    for path in POD_KINDS.get(kind, ()):
        for pod in spot.walk(*path):
            yield from pod_images(pod, container)
    for path in CONTAINER_KINDS.get(kind, ()):
        for alone in spot.walk(*path):
            yield from container_images(alone, container)
